/// How the values of a quasi-identifier are generalized, level by level.
public enum HierarchyConfig: Sendable {
  public enum DateLevel: String, Sendable, CaseIterable, Comparable {
    case day, month, quarter, year, decade, century

    public static func < (a: Self, b: Self) -> Bool {
      allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
    }
  }

  /// How intervals are chosen from the data.
  public enum AutoInterval: String, Sendable, CaseIterable {
    /// Intervals with about equally many records.
    case equalFrequency = "equal-frequency"
    /// Intervals of equal width over the range in which most records are.
    case range
  }

  /// What happens to a value that the hierarchy does not cover.
  public enum Missing: String, Sendable, CaseIterable {
    /// The run ends, and says how many such values there are and where.
    case error
    /// The value becomes `*`, at every level.
    case top
  }

  /// The levels of a date, at least one, from fine to coarse.
  case date([DateLevel])
  /// Shorter and shorter prefixes of values, which are this many characters long: 1 to 255.
  case prefix(Int)
  /// Intervals `[low, high)` in 1 to 32 levels. Widths are above 0.
  case interval(width: ConfigNumber, levels: Int, origin: ConfigNumber)
  /// Intervals that are chosen from the data, in 1 to 12 levels; the finest level has 2^levels intervals.
  case autoInterval(AutoInterval, levels: Int)
  /// Networks: the lengths of prefixes in bits, at least one of each version, in descending order.
  case ip(v4: [Int], v6: [Int])
  /// Two or more different values in their order, and how many neighbours form a group at each level. Each width is a
  /// multiple of the width before.
  case order(values: [String], widths: [Int])
  /// Each leaf with its groups, from the leaf upwards, in rows of equal length. All members of a group belong to the
  /// same group of the next level.
  case tree([[String]])
  /// The path of a file in ARX's format, not yet resolved.
  case file(String)
}
