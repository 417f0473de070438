/// The smallest true label of a set of values in one column: a range of numbers, the hierarchy's own label, or the values
/// themselves, `{a, b}`.
///
/// The label that covers the fewest of the column's values is chosen; if several cover equally few, it is the first of
/// these. All three cover every value of the set, so all are equally true.
///
/// Numbers and dates are never listed: each of them may be somebody's alone, as incomes and birth dates are. They get
/// ranges, whose ends are those of the finest intervals of the hierarchy, and where it has no intervals its own label.
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
  /// Whether each leaf is a number or a date.
  private let isRaw: [Bool]
  /// The finest interval that has each leaf, if all leaves are numbers and the hierarchy has intervals.
  private let intervals: [NumberRange?]
  /// The numbers of the column, ascending.
  private let ascending: [Int128]

  init(_ hierarchy: Hierarchy) {
    self.hierarchy = hierarchy
    let leaves = (0..<hierarchy.leafCount).map { hierarchy.label(level: 0, group: $0) }
    // The `*` for values that the hierarchy does not cover means any value, so it cannot be listed as a value.
    let isListable = leaves.enumerated().map { Self.isListable($1) && hierarchy.leavesBelow(level: 0, group: $0) == 1 }
    self.isListable = isListable
    isRaw = leaves.map { value in
      value.contains { (0x30...0x39).contains($0) } && value.allSatisfy { Self.rawBytes.contains($0) }
    }
    hasSets = (0...hierarchy.height).allSatisfy { level in
      (0..<hierarchy.groupCount(level: level)).allSatisfy {
        hierarchy.label(level: level, group: $0).first != UInt8(ascii: "{")
      }
    }
    let numbers: [Int128?] = leaves.indices.filter { isListable[$0] }.map { NumberRange.number(leaves[$0]) }
    guard numbers.allSatisfy({ $0 != nil }), hierarchy.height > 1 else {
      (intervals, ascending) = ([], [])
      return
    }
    ascending = numbers.compactMap { $0 }.sorted()
    intervals = leaves.indices.map { leaf in
      NumberRange(hierarchy.label(level: 1, group: Int(hierarchy.group(level: 1, leaf: leaf))))
    }
  }

  private static let rawBytes = Array("0123456789.,:+-/ T".utf8)

  /// Returns the label for `leaves`, which must be distinct and at least one; `level` and `group` are their lowest
  /// common ancestor.
  func cell(_ leaves: [Int], level: Int, group: Int) -> SetLabel {
    var best = SetLabel(
      text: hierarchy.label(level: level, group: group), covered: hierarchy.leavesBelow(level: level, group: group))
    guard leaves.count > 1, leaves.allSatisfy({ isListable[$0] }) else { return best }
    if level > 0, let range = range(leaves) {
      let covered = range.count(of: ascending)
      if covered < best.covered { best = SetLabel(text: range.text, covered: covered) }
    }
    if hasSets, leaves.count < best.covered, leaves.allSatisfy({ !isRaw[$0] }) {
      var text: [UInt8] = [UInt8(ascii: "{")]
      for (place, leaf) in leaves.sorted().enumerated() {
        if place > 0 { text += Array(", ".utf8) }
        text += hierarchy.label(level: 0, group: leaf)
      }
      best = SetLabel(text: text + [UInt8(ascii: "}")], covered: leaves.count)
    }
    return best
  }

  /// The range from the interval of the least value to that of the largest; nil without intervals, or without an end.
  private func range(_ leaves: [Int]) -> NumberRange? {
    guard !intervals.isEmpty else { return nil }
    var joined: NumberRange?
    for leaf in leaves {
      guard let own = intervals[leaf] else { return nil }
      joined = joined?.joined(own) ?? own
    }
    return joined.flatMap { $0.isBounded ? $0 : nil }
  }

  private static func isListable(_ value: [UInt8]) -> Bool {
    guard let first = value.first, let last = value.last, first != 0x20, last != 0x20 else { return false }
    return !value.contains { $0 < 0x20 || $0 == 0x7F || ",{}\"'".utf8.contains($0) }
  }
}
