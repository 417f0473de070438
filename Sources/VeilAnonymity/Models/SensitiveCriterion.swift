/// A promise about the sensitive values of each class.
///
/// All models are judged on shares of people, or of records where those count. Where somebody has several values in one
/// class, models that limit what is concentrated (`Diversity`, `AlphaAnonymity`) take the values in the worst way: as if
/// everybody had only that one of their values that makes the most frequent ones most frequent. Models that compare with
/// the whole table count each pair of person and value once.
package protocol SensitiveCriterion: Sendable {
  func holds(_ view: ClassView) -> Bool

  /// At most so many records of the class can be in classes that hold, however it is divided; nil where all may be.
  /// Only asked where records count, so that the counts are those of records.
  func keepable(_ view: ClassView) -> Int?

  /// Whether no division of the class can hold; what `keepable` is where people count.
  func isHopeless(_ view: ClassView) -> Bool
}

extension SensitiveCriterion {
  package func isHopeless(_ view: ClassView) -> Bool { false }
}

/// Measures are compared with this much room, so that rounding does not decide.
package enum ModelTolerance {
  package static let value = 1e-9
}

/// Bounds that several models share.
enum Keepable {
  /// The most records with no count above a cap for which `holds` is true of the capped counts. To be used where
  /// a lower cap is never worse: it makes the distribution more even.
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

  /// The most records, m, for which the shares of some m of them stay below `caps` but for `slack` in all.
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
