import VeilConfig

/// Intervals of numbers whose ends are chosen from the observed values, after all of them are known.
///
/// The ends reveal little about single values. Each end is a multiple of a round step (1, 2 or 5 times a power of ten),
/// and the step depends only on the spread of the middle four fifths of the records. So an end shows, to within half a
/// step, where a tenth or a hundredth of the records lie, and no single value decides it. The outermost intervals are
/// open, `<20` and `>=80`: the smallest and the largest value never show.
///
/// - equal-frequency: the ends are the quantiles of 2^levels intervals, rounded to the step; equal ends become one.
/// - range: the ends are all multiples of a width, from the 2nd to the 98th percentile; at most 2^levels intervals.
///
/// From each level to the next, neighbours are joined in pairs. The intervals depend only on the values and how often
/// each occurs; any order and any split of the records gives the same intervals.
package struct AutoIntervals: Sendable {
  let levels: Int
  /// The ends in multiples of 10^-digits, ascending. Interval i holds the values below `cuts[i]` that are not below the
  /// end before it.
  let cuts: [Int128]
  private let digits: Int

  /// `leaves` are distinct values, and `records` says how often each occurs. Values that are not numbers are ignored.
  init(_ leaves: ByteStringTable, records: [Int], kind: HierarchyConfig.AutoInterval, levels: Int) {
    let digits = min(9, (0..<leaves.count).map { Self.decimals(leaves[$0]) }.max() ?? 0)
    var numbers: [(value: Int128, records: Int)] = []
    for leaf in 0..<leaves.count {
      if let value = IntervalRule.floor(leaves[leaf], digits: digits) { numbers.append((value, records[leaf])) }
    }
    numbers.sort { $0.value < $1.value }
    let total = numbers.reduce(0) { $0 + $1.records }
    let groups = 1 << levels

    /// Returns the values below which these shares of the records lie. The shares must ascend.
    func quantiles(_ shares: [(part: Int, of: Int)]) -> [Int128] {
      var result: [Int128] = []
      var (seen, next) = (0, 0)
      for share in shares {
        let wanted = Int((Int128(total) * Int128(share.part) + Int128(share.of) - 1) / Int128(share.of))
        while next < numbers.count, seen + numbers[next].records < max(1, wanted) {
          seen += numbers[next].records
          next += 1
        }
        result.append(numbers[min(next, numbers.count - 1)].value)
      }
      return result
    }

    var cuts: [Int128] = []
    if numbers.count > 1 {
      let middle = quantiles([(1, 10), (9, 10)])
      switch kind {
      case .equalFrequency:
        let step = Self.roundStep((middle[1] - middle[0]) / Int128(4 * groups), up: false)
        cuts = quantiles((1..<groups).map { ($0, groups) }).map { Self.rounded($0, to: step) }
      case .range:
        let ends = quantiles([(1, 50), (49, 50)])
        let width = Self.roundStep((ends[1] - ends[0] + Int128(groups) - 1) / Int128(groups), up: true)
        var cut = Self.rounded(ends[0] + width / 2, to: width)
        while cut <= ends[1], cuts.count < groups - 1 {
          cuts.append(cut)
          cut += width
        }
      }
      // An end with no value on one side makes no interval.
      let (lowest, highest) = (numbers[0].value, numbers[numbers.count - 1].value)
      cuts = cuts.filter { $0 > lowest && $0 <= highest }
    }
    self.cuts = cuts.enumerated().filter { $0 == 0 || cuts[$0 - 1] != $1 }.map(\.element)
    self.digits = digits
    var needed = 0
    while self.cuts.count + 1 > 1 << needed { needed += 1 }
    self.levels = min(levels, needed)
  }

  /// Returns the label of the interval at a level from 1: `[20, 30)`, `<20` or `>=80`; `*` if there is only one
  /// interval.
  func label(_ value: [UInt8], level: Int) -> [UInt8] {
    guard let number = IntervalRule.floor(value, digits: digits) else { return [] }
    var (low, high) = (0, cuts.count)
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] <= number { low = middle + 1 } else { high = middle }
    }
    let group = low >> (level - 1)
    let first = (group << (level - 1)) - 1
    let last = ((group + 1) << (level - 1)) - 1
    func text(_ cut: Int) -> String { IntervalRule.decimal(cuts[cut], digits: digits) }
    switch (first >= 0, last < cuts.count) {
    case (true, true): return Array("[\(text(first)), \(text(last)))".utf8)
    case (false, true): return Array("<\(text(last))".utf8)
    case (true, false): return Array(">=\(text(first))".utf8)
    case (false, false): return [UInt8(ascii: "*")]
    }
  }

  /// Returns the number of digits after the point.
  private static func decimals(_ value: [UInt8]) -> Int {
    value.firstIndex(of: UInt8(ascii: ".")).map { value.count - $0 - 1 } ?? 0
  }

  /// Returns the nearest of 1, 2 and 5 times a power of ten that is not above `width`, or, if `up` is true, not below
  /// it; at least 1.
  private static func roundStep(_ width: Int128, up: Bool) -> Int128 {
    var power: Int128 = 1
    var best: Int128 = 1
    while true {
      for factor in [1, 2, 5] as [Int128] {
        let step = power * factor
        if up ? step >= width : step > width { return up ? step : best }
        best = step
      }
      power *= 10
    }
  }

  /// Returns the nearest multiple of `step`, and the higher one if two are equally near.
  private static func rounded(_ value: Int128, to step: Int128) -> Int128 {
    let moved = value + step / 2
    let quotient = moved / step
    return (moved % step < 0 ? quotient - 1 : quotient) * step
  }
}
