/// A promise about the sensitive values of each class.
///
/// All models use shares of people, or of records if records count. If a person has several values in one class, models
/// that limit concentration (`Diversity`, `AlphaAnonymity`) assume the worst case: each person has only the one of
/// their values that makes the most frequent values most frequent. Models that compare with the whole table count each
/// pair of person and value once.
package protocol SensitiveCriterion: Sendable {
  func holds(_ view: ClassView) -> Bool

  /// Returns the largest number of records of the class that can be in classes that hold, however the class is divided;
  /// nil if all can be. It is used only if records count, so the counts are those of records.
  func keepable(_ view: ClassView) -> Int?

  /// Returns whether no division of the class can hold. It replaces `keepable` if people count.
  func isHopeless(_ view: ClassView) -> Bool
}

extension SensitiveCriterion {
  package func isHopeless(_ view: ClassView) -> Bool { false }
}

/// The tolerance in comparisons of measures, so that rounding does not decide.
package enum ModelTolerance {
  package static let value = 1e-9
}

/// Bounds that several models share.
enum Keepable {
  /// Returns the largest number of records if no count may be above a cap and `holds` must be true of the capped
  /// counts. Use it only for models for which a lower cap is never worse, because it makes the distribution more even.
  static func evened(_ counts: [Int], _ holds: ([Int]) -> Bool) -> Int {
    var low = 0
    var high = counts.max() ?? 0
    if holds(counts) { return counts.reduce(0, +) }
    // `low` is 0 or holds; `high` does not hold.
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(counts.map { min($0, middle) }) { low = middle } else { high = middle }
    }
    return counts.reduce(0) { $0 + min($1, low) }
  }

  /// Returns the largest number m of records of which some m have shares that stay below `caps`, except for `slack` in
  /// all.
  static func capped(_ view: ClassView, slack: Double, cap: (UInt32) -> Double) -> Int {
    let cells = zip(view.values, view.counts).map { (cap: cap($0), count: Double($1)) }
    func holds(_ size: Int) -> Bool {
      let all = Double(size)
      let covered = cells.reduce(0) { $0 + min($1.count, $1.cap * all) }
      return covered >= all * (1 - slack) - all * ModelTolerance.value * 10
    }
    var low = 0
    var high = view.total + 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
