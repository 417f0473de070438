import VeilGround

/// How the whole numbers of a field follow each other, from record to record. Numbers that are given out one after the other
/// count people or things: they are no quantities, however often each comes again.
struct NumberRow {
  private var last: Int?
  private var low = Int.max
  private var high = Int.min
  /// Pairs of neighbours: all, those of one and the same number, and those where the second is the next number.
  private var pairs = 0
  private var equals = 0
  private var rises = 0

  /// Begins a chunk; chunks may come in any order.
  mutating func begin() { last = nil }

  mutating func add(_ text: Span<UInt8>) {
    guard text.count <= 12 else {
      last = nil
      return
    }
    var number = 0
    for index in text.indices {
      guard text[index] &- 0x30 <= 9 else {
        last = nil
        return
      }
      number = number * 10 + Int(text[index] - 0x30)
    }
    if let last {
      pairs += 1
      if number == last { equals += 1 } else if number == last + 1 { rises += 1 }
    }
    last = number
    low = min(low, number)
    high = max(high, number)
  }

  mutating func merge(_ other: NumberRow) {
    last = nil
    pairs += other.pairs
    equals += other.equals
    rises += other.rises
    low = min(low, other.low)
    high = max(high, other.high)
  }

  /// Returns why the numbers are no quantities; nil if they may be some.
  func evidence(_ survey: ColumnSurvey) -> String? {
    let distinct = survey.sample.distinct
    guard distinct > CodeForm.fewCodes, survey.count(.integer) * 20 >= survey.values * 19, low <= high else {
      return nil
    }
    let changes = pairs - equals
    if pairs >= 20, rises * 5 >= changes * 4, Double(rises) >= 0.5 * (distinct - 1) {
      return "whole numbers that count up from record to record"
    }
    // From 1 or more on without a gap, and no number much more frequent than another: measured values thin out at the ends.
    let entries = survey.sample.entries.map { Double($0.count) }
    guard survey.sample.isExact, low >= 1, distinct >= 20, distinct * 2 <= Double(survey.values),
      distinct == Double(high - low + 1)
    else { return nil }
    let mean = entries.reduce(0, +) / distinct
    let variance = entries.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / distinct
    return variance < 0.36 * mean * mean ? "whole numbers without a gap, each about as often as the others" : nil
  }
}
