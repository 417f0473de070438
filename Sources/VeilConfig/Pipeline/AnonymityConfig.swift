/// The privacy model of an export and its options.
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

  /// What is written for a class whose values differ: the label of the hierarchy, or the smallest set or range with all
  /// values.
  public enum Labels: String, Sendable, CaseIterable {
    case hierarchy, sets
  }

  /// How long local recoding may search for better classes: about a third of the usual time, the usual time, or many
  /// times it.
  public enum Effort: String, Sendable, CaseIterable {
    case fast, normal, max
  }

  /// k-anonymity (Sweeney 2002): every equivalence class has at least this many records or subjects; 2 or more.
  public var k: Int
  public var marks: Marks
  /// The demands on sensitive fields, in the order of the file.
  public var models: [SensitiveDemand]
  /// All people who might be in the release, if a model needs to know them.
  public var population: PopulationConfig?
  public var presence: PresenceLimits?
  /// k-map: at least this many people of the population fit each class; 2 or more.
  public var kMap: Int?
  public var risk: RiskLimits
  /// The largest share of records that may be suppressed.
  public var suppress: Share
  public var recoding: Recoding
  public var effort: Effort
  /// The kind of labels; `sets` only with local recoding.
  public var labels: Labels
  /// What is counted; `subjects` only with `source.subject`.
  public var count: Counting
  /// Whether the pipeline says what is counted.
  public var countIsStated: Bool
  public var suppressed: Suppressed
  public var release = ReleaseConfig()
  /// The file of records that were held out, against which the three risks of the release are measured.
  public var control: String?

  public struct Marks: Sendable {
    public var section: Mark
    public var k: Mark
    public var recoding: Mark
    public var suppress: Mark
  }
}

extension AnonymityConfig {
  /// Whether any model besides k is promised.
  public var hasModels: Bool {
    !models.isEmpty || population != nil || presence != nil || kMap != nil || risk != RiskLimits()
  }

  /// Whether the export may contain records that fit no class.
  public var keepsSuppressed: Bool { suppressed == .keep && suppress.parts > 0 }
}

extension AnonymityConfig {
  /// The sensitive fields that models look at, in the order of the file; none twice.
  public var modelledFields: [FieldPath] {
    var fields: [FieldPath] = []
    for demand in models where !fields.contains(demand.field) { fields.append(demand.field) }
    return fields
  }
}
