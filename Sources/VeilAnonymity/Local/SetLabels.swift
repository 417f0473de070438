/// The smallest true label of a set of values in one column: a range `[low, high)` of numbers, the hierarchy's own
/// label, or the values themselves, `{a, b}`.
///
/// The label that covers the fewest of the column's values is chosen; if several cover equally few, it is the first of
/// these. All three cover every value of the set, so all are equally true.
///
/// A reader must be able to split a set into its values and to distinguish it from a value. So no set holds a missing
/// value or one with a comma, a brace, a quote, a control character or a blank at an end. A column has no sets if any
/// label could be mistaken for a set. In these cases the hierarchy's label is used, which is always true.
struct SetLabels: Sendable {
  package struct SetLabel {
    var text: [UInt8]
    /// The number of the column's values that the label covers.
    var covered: Int
  }

  private let hierarchy: Hierarchy
  private let hasSets: Bool
  private let isListable: [Bool]
  /// The number of each leaf, in units of the last decimal that any leaf has, if all leaves are numbers.
  private let numbers: [Int]
  private let ascending: [Int]
  private let decimals: Int

  init(_ hierarchy: Hierarchy) {
    self.hierarchy = hierarchy
    let leaves = (0..<hierarchy.leafCount).map { hierarchy.label(level: 0, group: $0) }
    // The `*` for values that the hierarchy does not cover means any value, so it cannot be listed as a value.
    isListable = leaves.enumerated().map { Self.isListable($1) && hierarchy.leavesBelow(level: 0, group: $0) == 1 }
    hasSets = (0...hierarchy.height).allSatisfy { level in
      (0..<hierarchy.groupCount(level: level)).allSatisfy {
        hierarchy.label(level: level, group: $0).first != UInt8(ascii: "{")
      }
    }
    let values = leaves.filter { !$0.isEmpty }
    let digits = values.map { Self.decimals($0) }
    decimals = digits.reduce(0) { max($0, $1 ?? 0) }
    guard !digits.contains(nil) else {
      (numbers, ascending) = ([], [])
      return
    }
    let places = decimals
    // A missing value is not a number and is never looked up.
    numbers = leaves.map { $0.isEmpty ? .min : Self.number($0, decimals: places) }
    ascending = numbers.filter { $0 > .min }.sorted()
  }

  /// Returns the label for `leaves`, which must be distinct and at least one; `level` and `group` are their lowest
  /// common ancestor.
  func cell(_ leaves: [Int], level: Int, group: Int) -> SetLabel {
    var best = SetLabel(
      text: hierarchy.label(level: level, group: group), covered: hierarchy.leavesBelow(level: level, group: group))
    guard leaves.count > 1, leaves.allSatisfy({ isListable[$0] }) else { return best }
    if !numbers.isEmpty {
      let own = leaves.map { numbers[$0] }
      if let low = own.min(), let high = own.max() {
        let covered = Self.below(high + 1, ascending) - Self.below(low, ascending)
        if covered <= best.covered {
          best = SetLabel(text: Array("[\(decimal(low)), \(decimal(high + 1)))".utf8), covered: covered)
        }
      }
    }
    if hasSets, leaves.count < best.covered {
      var text: [UInt8] = [UInt8(ascii: "{")]
      let order = numbers.isEmpty ? leaves.sorted() : leaves.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
      for (place, leaf) in order.enumerated() {
        if place > 0 { text += Array(", ".utf8) }
        text += hierarchy.label(level: 0, group: leaf)
      }
      best = SetLabel(text: text + [UInt8(ascii: "}")], covered: leaves.count)
    }
    return best
  }

  private static func isListable(_ value: [UInt8]) -> Bool {
    guard let first = value.first, let last = value.last, first != 0x20, last != 0x20 else { return false }
    return !value.contains { $0 < 0x20 || $0 == 0x7F || ",{}\"'".utf8.contains($0) }
  }

  /// Returns how many of the `ascending` numbers are below a number.
  private static func below(_ number: Int, _ ascending: [Int]) -> Int {
    var (low, high) = (0, ascending.count)
    while low < high {
      let middle = (low + high) / 2
      if ascending[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Numbers

  /// Returns the number of digits that a plain decimal has after its point; nil for anything else, and for more digits
  /// than are exact. A value with an unnecessary leading zero is a code, such as a postcode, and `[1067, 1069)` is not
  /// a range of codes.
  private static func decimals(_ value: [UInt8]) -> Int? {
    let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value[...]
    let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, whole.count <= 12, parts.count < 2 || parts[1].count <= 6 else { return nil }
    if whole.count > 1, whole.first == 0x30 { return nil }
    for part in parts {
      guard !part.isEmpty, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    }
    return parts.count == 2 ? parts[1].count : 0
  }

  private static func number(_ value: [UInt8], decimals: Int) -> Int {
    var number = 0
    var after: Int?
    for byte in value where byte != UInt8(ascii: "-") {
      if byte == UInt8(ascii: ".") {
        after = 0
      } else {
        number = number * 10 + Int(byte - 0x30)
        if let digits = after { after = digits + 1 }
      }
    }
    for _ in (after ?? 0)..<decimals { number *= 10 }
    return value.first == UInt8(ascii: "-") ? -number : number
  }

  private func decimal(_ number: Int) -> String {
    var text = String(number.magnitude)
    while text.utf8.count <= decimals { text = "0" + text }
    if decimals > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -decimals)) }
    return number < 0 ? "-" + text : text
  }
}
