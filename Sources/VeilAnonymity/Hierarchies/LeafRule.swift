package import VeilConfig
import VeilGround

/// The way in which values of one quasi-identifier are generalized: looked up in the hierarchy of a file, or computed.
package enum LeafRule: Sendable {
  case file(Hierarchy)
  case date([DateLevel])
  case prefix(Int)
  case interval(IntervalRule)
  /// Intervals that are chosen when all values are known: first the kind, and then the chosen intervals.
  case autoInterval(HierarchyConfig.AutoInterval, levels: Int, k: Int)
  case cuts(AutoIntervals)
  case ip(NetworkRule)
  case none

  /// Returns whether a value that is not empty fits. Only for computed rules, because the leaves of a file are looked
  /// up.
  func accepts(_ value: [UInt8]) -> Bool {
    switch self {
    case .file: false
    case .date: ISODate(value.span) != nil
    case .interval(let rule): rule.cell(of: value) != nil
    case .autoInterval, .cuts: IntervalRule.isNumber(value)
    case .ip: IPAddress(value.span) != nil
    case .prefix, .none: true
    }
  }

  /// The number of levels above the values and below `*`.
  var computedLevels: Int {
    switch self {
    case .file, .none, .autoInterval: 0
    case .cuts(let cuts): cuts.levels
    case .ip(let rule): rule.levels
    case .date(let levels): levels.count
    case .prefix(let length): length - 1
    case .interval(let rule): rule.levels
    }
  }

  /// Returns the label at a level from 1 through `computedLevels`; empty for a missing value. Each label is a function
  /// of the label one level below, so the levels nest.
  func label(_ value: [UInt8], level: Int) -> [UInt8] {
    if value.isEmpty { return [] }
    switch self {
    case .file, .none, .autoInterval: return value
    case .cuts(let cuts): return cuts.label(value, level: level)
    case .ip(let rule): return rule.label(value, level: level)
    case .date(let levels): return ISODate(value.span)?.label(levels[level - 1], of: value) ?? []
    case .prefix(let length): return Self.masked(value, keeping: length - level)
    case .interval(let rule): return rule.cell(of: value).map { rule.label(cell: $0, level: level) } ?? []
    }
  }

  /// Returns the rule for these values, their frequencies and the people who have each: an `autoInterval` rule chooses
  /// its intervals from them.
  func settled(_ leaves: ByteStringTable, records: [Int], people: [Int]) -> LeafRule {
    guard case .autoInterval(let kind, let levels, let k) = self else { return self }
    return .cuts(AutoIntervals(leaves, records: records, people: people, kind: kind, levels: levels, k: k))
  }

  /// Keeps the first Unicode scalars and replaces each scalar after them by `*`.
  private static func masked(_ value: [UInt8], keeping length: Int) -> [UInt8] {
    var label: [UInt8] = []
    var scalars = 0
    for byte in value {
      let startsScalar = byte & 0xC0 != 0x80
      if startsScalar { scalars += 1 }
      if scalars <= length { label.append(byte) } else if startsScalar { label.append(UInt8(ascii: "*")) }
    }
    return label
  }
}

/// A coarser unit of time, from fine to coarse.
package typealias DateLevel = HierarchyConfig.DateLevel

extension ISODate {
  /// Returns the label of the date at a level: `2024-03-17`, `2024-03`, `2024-Q1`, `2024`, `2020s`, `2000-2099`.
  fileprivate func label(_ level: DateLevel, of value: [UInt8]) -> [UInt8] {
    let text = value[..<10]
    return switch level {
    case .day: Array(text)
    case .month: Array(text[..<7])
    case .quarter: Array(text[..<5]) + Array("Q\((month + 2) / 3)".utf8)
    case .year: Array(text[..<4])
    case .decade: Array(text[..<3]) + Array("0s".utf8)
    case .century: Array(text[..<2]) + Array("00-".utf8) + Array(text[..<2]) + Array("99".utf8)
    }
  }
}
