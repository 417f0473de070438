/// How a quasi-identifier is generalized, level by level.
public enum HierarchyConfig: Sendable {
  public enum DateLevel: String, Sendable, CaseIterable, Comparable {
    case day, month, quarter, year, decade, century

    public static func < (a: Self, b: Self) -> Bool {
      allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
    }
  }

  /// How intervals are chosen from the data.
  public enum AutoInterval: String, Sendable, CaseIterable {
    /// About as many records in each interval.
    case equalFrequency = "equal-frequency"
    /// Intervals of one width over the range that most records are in.
    case range
  }

  /// What becomes of a value that the hierarchy does not cover.
  public enum Missing: String, Sendable, CaseIterable {
    /// The run stops, and says how many there are and where.
    case error
    /// It is `*`, at every level.
    case top
  }

  /// At least one level, from fine to coarse.
  case date([DateLevel])
  /// Ever shorter prefixes of values this many characters long, 1 to 255.
  case prefix(Int)
  /// Intervals `[low, high)`; 1 to 32 levels. Widths are above 0.
  case interval(width: ConfigNumber, levels: Int, origin: ConfigNumber)
  /// Intervals chosen from the data; 1 to 12 levels, the finest of 2^levels intervals.
  case autoInterval(AutoInterval, levels: Int)
  /// Networks: lengths of prefixes in bits, at least one each, falling.
  case ip(v4: [Int], v6: [Int])
  /// Two or more different values in their order, and how many neighbours make a group at each level. Each width is a
  /// multiple of the one before.
  case order(values: [String], widths: [Int])
  /// Each leaf with its groups, from the leaf up; rows of one length. Groups of one level lie in one group above.
  case tree([[String]])
  /// A file in ARX's format; a path to be resolved.
  case file(String)
}
