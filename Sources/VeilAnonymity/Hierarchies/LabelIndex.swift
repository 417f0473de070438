import VeilConfig
import VeilGround

/// Answers which of some labels cover a value: which of them might stand for it in a release.
///
/// `*` covers every value, and every label covers the value that it is. Ranges of numbers (`[20, 30)`, `20-29`, `<20`,
/// `>=80`) and sets (`{a, b}`) are read by their form. All other labels come from the field's hierarchy. Where that is
/// not known, parts of dates (`2024-03`, `2024-Q1`, `2020s`), prefixes (`101**`) and networks (`192.0.2.0/24`) are read
/// by their form, too, and a label in words covers only itself.
package struct LabelIndex: Sendable {
  private struct Range {
    /// In billionths; the range holds `low` and not `high`.
    let low: Int128
    let high: Int128
    let label: Int
  }

  private let rule: LeafRule?
  private var table = ByteStringTable()
  private var ranges: [Range] = []
  /// For each range, the highest end of those up to it: how far back a search must go.
  private var highest: [Int128] = []
  private var setsOfMember: [[UInt8]: [Int]] = [:]
  /// How many characters prefixes keep, and how many bits networks have; only without a hierarchy.
  private var prefixes: [Int] = []
  private var networks: [NetworkRule] = []

  /// - Parameters:
  ///   - labels: the labels, each once.
  ///   - rule: the field's hierarchy; nil where it is not known.
  package init(_ labels: [[UInt8]], rule: LeafRule?) {
    self.rule = rule
    var (kept, bits): (Set<Int>, Set<Int>) = ([], [])
    for (number, label) in labels.enumerated() {
      _ = table.insert(label)
      if let range = Self.range(label) {
        ranges.append(Range(low: range.low, high: range.high, label: number))
      } else if label.first == UInt8(ascii: "{"), label.last == UInt8(ascii: "}") {
        for member in Self.members(label) { setsOfMember[member, default: []].append(number) }
      }
      if rule == nil {
        if let count = Self.keptScalars(label) { kept.insert(count) }
        if let length = Self.networkBits(label) { bits.insert(length) }
      }
    }
    ranges.sort { ($0.low, $0.label) < ($1.low, $1.label) }
    for range in ranges { highest.append(max(highest.last ?? range.high, range.high)) }
    prefixes = kept.sorted()
    // An IPv4 address that is mapped into IPv6 has 96 bits more.
    networks = bits.sorted().map { NetworkRule(v4: [min($0, 32)], v6: [$0]) }
    networks += bits.sorted().filter { $0 > 96 }.map { NetworkRule(v4: [$0 - 96], v6: [$0]) }
  }

  /// Returns the numbers of the labels that cover a value, in ascending order; the empty value is a missing one.
  package func covering(_ value: [UInt8]) -> [Int] {
    var found = [Int]()
    func add(_ label: [UInt8]) {
      if !label.isEmpty || value.isEmpty, let number = table.find(label) { found.append(Int(number)) }
    }
    add([UInt8(ascii: "*")])
    add(value)
    addHierarchy(value, add)
    if let number = ranges.isEmpty ? nil : IntervalRule.floor(value, digits: Self.digits) {
      var (low, high) = (0, ranges.count)
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].low <= number { low = middle + 1 } else { high = middle }
      }
      while low > 0, highest[low - 1] > number {
        low -= 1
        if ranges[low].high > number { found.append(ranges[low].label) }
      }
    }
    found += setsOfMember[value] ?? []
    found.sort()
    return found.enumerated().filter { $0 == 0 || found[$0 - 1] != $1 }.map(\.element)
  }

  private func addHierarchy(_ value: [UInt8], _ add: ([UInt8]) -> Void) {
    switch rule {
    case .file(let hierarchy):
      guard let leaf = hierarchy.labels(level: 0).find(value) else { return }
      for level in 0...hierarchy.height {
        add(hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: Int(leaf)))))
      }
    case .some(let rule):
      for level in 0..<rule.computedLevels { add(rule.label(value, level: level + 1)) }
    case nil:
      if ISODate(value.span) != nil {
        for level in DateLevel.allCases { add(LeafRule.date([level]).label(value, level: 1)) }
      }
      let scalars = prefixes.isEmpty ? 0 : value.count { $0 & 0xC0 != 0x80 }
      for kept in prefixes where kept < scalars { add(LeafRule.prefix(kept + 1).label(value, level: 1)) }
      for network in networks { add(network.label(value, level: 1)) }
    }
  }

  // MARK: Forms

  private static let digits = 9

  /// Returns the numbers that a label stands for, if it has the form of a range.
  private static func range(_ label: [UInt8]) -> (low: Int128, high: Int128)? {
    // Far beyond every number that can be read.
    let limit = Int128(1) << 100
    func number(_ text: ArraySlice<UInt8>) -> Int128? {
      IntervalRule.floor(Array(text.drop { $0 == 0x20 }), digits: digits)
    }
    guard label.count > 1, let first = label.first, let last = label.last else { return nil }
    switch first {
    case UInt8(ascii: "["):
      guard last == UInt8(ascii: ")") || last == UInt8(ascii: "]"),
        let comma = label.firstIndex(of: UInt8(ascii: ",")),
        let low = number(label[1..<comma]), let high = number(label[(comma + 1)...].dropLast())
      else { return nil }
      return (low, last == UInt8(ascii: "]") ? high + 1 : high)
    case UInt8(ascii: "<"), UInt8(ascii: ">"):
      let isIncluded = label[1] == UInt8(ascii: "=")
      guard let end = number(label[(isIncluded ? 2 : 1)...]) else { return nil }
      return first == UInt8(ascii: "<")
        ? (-limit, isIncluded ? end + 1 : end) : (isIncluded ? end : end + 1, limit)
    default:
      // `20-29` is of whole numbers: it holds 29.5 as well. `2024-03` is a month.
      guard let dash = label.dropFirst().firstIndex(of: UInt8(ascii: "-")), let low = number(label[..<dash]),
        let high = number(label[(dash + 1)...]), low <= high
      else { return nil }
      return (low, high + 1_000_000_000)
    }
  }

  private static func members(_ label: [UInt8]) -> [[UInt8]] {
    label[1..<(label.count - 1)].split(separator: UInt8(ascii: ",")).map { Array($0.drop { $0 == 0x20 }) }
  }

  /// Returns how many characters stand before the stars at the end of a label.
  private static func keptScalars(_ label: [UInt8]) -> Int? {
    guard label.count > 1, label.last == UInt8(ascii: "*") else { return nil }
    let stars = label.reversed().prefix { $0 == UInt8(ascii: "*") }.count
    return label.dropLast(stars).count { $0 & 0xC0 != 0x80 }
  }

  private static func networkBits(_ label: [UInt8]) -> Int? {
    guard let slash = label.lastIndex(of: UInt8(ascii: "/")), IPAddress(Array(label[..<slash]).span) != nil,
      let bits = Int(String(decoding: label[(slash + 1)...], as: UTF8.self)), (0...128).contains(bits)
    else { return nil }
    return bits
  }
}
