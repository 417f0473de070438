import VeilConfig

/// Intervals of numbers whose ends are chosen from the observed values, after all of them are known.
///
/// The ends reveal little about single values. Each end is a multiple of a round step (1, 2 or 5 times a power of ten).
/// The step depends only on the spread of the middle four fifths of the records, without those of the most frequent
/// value: of 90 people without income and 10 with one, the spread of the incomes decides it. A quantile is rounded to a
/// step so coarse that at least k people lie within half of it. And an end is never a value that fewer than k people
/// have: then the nearest multiple that is none is taken, or half a unit less. So an end shows roughly where a tenth or a
/// hundredth of the records lie, and nobody's value. The outermost intervals are open, `<20` and `>=80`: the smallest and
/// the largest value never show.
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

  private struct Number {
    var value: Int128
    var records: Int
    var people: Int
  }

  /// `leaves` are distinct values, `records` says how often each occurs, and `people` how many people have it. Values that
  /// are not numbers are ignored.
  init(
    _ leaves: ByteStringTable, records: [Int], people: [Int], kind: HierarchyConfig.AutoInterval, levels: Int, k: Int
  ) {
    // One digit more than the values have, for ends between two of them.
    let digits = min(9, (0..<leaves.count).map { Self.decimals(leaves[$0]) }.max() ?? 0) + 1
    var numbers: [Number] = []
    for leaf in 0..<leaves.count {
      guard let value = IntervalRule.floor(leaves[leaf], digits: digits - 1) else { continue }
      numbers.append(Number(value: value * 10, records: records[leaf], people: people[leaf]))
    }
    numbers.sort { $0.value < $1.value }
    let groups = 1 << levels
    var cuts: [Int128] = []
    if numbers.count > 1 {
      let modal = numbers.map(\.records).max() ?? 0
      let first = numbers.firstIndex { $0.records == modal } ?? 0
      let others = numbers.enumerated().filter { $0.offset != first }.map(\.element)
      switch kind {
      case .equalFrequency:
        let middle = Self.quantiles(others, [(1, 10), (9, 10)])
        let spread = middle[1] - middle[0]
        let step = Self.roundStep(max(10, spread / Int128(4 * groups)), up: false)
        cuts = Self.quantiles(numbers, (1..<groups).map { ($0, groups) }).compactMap {
          Self.end(near: $0, step: step, numbers, k: k)
        }
      case .range:
        let ends = Self.quantiles(numbers, [(1, 50), (49, 50)])
        let width = Self.roundStep(max(10, (ends[1] - ends[0] + Int128(groups) - 1) / Int128(groups)), up: true)
        var cut = Self.rounded(ends[0] + width / 2, to: width)
        while cut <= ends[1], cuts.count < groups - 1 {
          cuts.append(Self.free(cut, step: width, numbers, k: k))
          cut += width
        }
      }
      // An end with no value on one side makes no interval.
      let (lowest, highest) = (numbers[0].value, numbers[numbers.count - 1].value)
      cuts = cuts.filter { $0 > lowest && $0 <= highest }.sorted()
    }
    self.cuts = cuts.enumerated().filter { $0 == 0 || cuts[$0 - 1] != $1 }.map(\.element)
    self.digits = digits
    var needed = 0
    while self.cuts.count + 1 > 1 << needed { needed += 1 }
    self.levels = min(levels, needed)
  }

  /// Returns the values below which these shares of the records lie. The shares must ascend.
  private static func quantiles(_ numbers: [Number], _ shares: [(part: Int, of: Int)]) -> [Int128] {
    let total = numbers.reduce(0) { $0 + $1.records }
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

  /// Returns the round number that stands for a quantile: of a step so coarse that at least k people lie within half a
  /// step of it. Nil if there is none that is finer than the whole range.
  private static func end(near value: Int128, step: Int128, _ numbers: [Number], k: Int) -> Int128? {
    let range = numbers[numbers.count - 1].value - numbers[0].value
    var step = step
    while step <= max(10, range) {
      let end = rounded(value, to: step)
      var people = 0
      var place = position(of: end - step / 2, numbers)
      while people < k, place < numbers.count, numbers[place].value <= end + step / 2 {
        people += numbers[place].people
        place += 1
      }
      if people >= k { return free(end, step: step, numbers, k: k) }
      step = roundStep(step + 1, up: true)
    }
    return nil
  }

  /// Returns an end, or where it is a value that fewer than k people have, the nearest multiple of the step that is not;
  /// where there is none near, half a unit less, which no value is.
  private static func free(_ end: Int128, step: Int128, _ numbers: [Number], k: Int) -> Int128 {
    func isFree(_ end: Int128) -> Bool {
      let place = position(of: end, numbers)
      return place == numbers.count || numbers[place].value != end || numbers[place].people >= k
    }
    for distance in [0, 1, -1] as [Int128] where isFree(end + distance * step) { return end + distance * step }
    return end - 5
  }

  /// Returns the place of the first number that is not below a value.
  private static func position(of value: Int128, _ numbers: [Number]) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle].value < value { low = middle + 1 } else { high = middle }
    }
    return low
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
