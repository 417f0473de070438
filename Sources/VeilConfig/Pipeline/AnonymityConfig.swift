/// The privacy model of an export.
public struct AnonymityConfig: Sendable {
  public enum Recoding: String, Sendable, CaseIterable {
    case local, global
  }
  public enum Counting: String, Sendable, CaseIterable {
    case subjects, records
  }
  public enum Suppressed: String, Sendable, CaseIterable {
    case drop, keep
  }

  /// What is written for a class whose values differ: the hierarchy's label, or the smallest set or range of values.
  public enum Labels: String, Sendable, CaseIterable {
    case hierarchy, sets
  }

  /// How long local recoding may look for better classes: about a third of the usual time, or many times it.
  public enum Effort: String, Sendable, CaseIterable {
    case fast, normal, max
  }

  /// k-anonymity (Sweeney 2002): every equivalence class has at least this many; 2 or more.
  public var k: Int
  public var marks: Marks
  /// l-diversity, a sensitive field each.
  public var diversity: [Diversity]
  /// t-closeness, a sensitive field each.
  public var closeness: [Closeness]
  /// At most this share of records may be suppressed.
  public var suppress: Share
  public var recoding: Recoding
  public var effort: Effort
  /// `sets` only with local recoding.
  public var labels: Labels
  /// `subjects` only with `source.subject`.
  public var count: Counting
  public var suppressed: Suppressed

  public struct Marks: Sendable {
    public var section: Mark
    public var k: Mark
    public var recoding: Mark
    public var suppress: Mark
  }

  /// l-diversity (Machanavajjhala et al. 2007).
  public struct Diversity: Sendable {
    public enum Model: Sendable, Hashable {
      /// At least this many different values, 2 or more.
      case distinct(Int)
      /// Entropy of at least log(l), l above 1.
      case entropy(Double)
    }
    public var field: FieldPath
    public var model: Model
    public var mark: Mark
  }

  /// t-closeness (Li, Li, Venkatasubramanian 2007): 0 to 1.
  public struct Closeness: Sendable {
    public var field: FieldPath
    public var distance: Double
    public var mark: Mark
  }
}
