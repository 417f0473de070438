/// Which records may leave at all.
public struct RecordsConfig: Sendable {
  /// All must hold.
  public var filters: [RecordFilter] = []
  public var consent: ConsentConfig?
  public var retention: RetentionConfig?
  public var erasure: ErasureConfig?
}

public struct RecordFilter: Sendable {
  public enum Condition: Sendable, Hashable {
    /// `in`: never empty.
    case anyOf([String])
    /// `not_in`: never empty.
    case noneOf([String])
    case equals(String)
  }
  public var field: FieldPath
  public var condition: Condition
  public var mark: Mark
}

/// Records whose `field` is one of `granted` (never empty) may leave.
public struct ConsentConfig: Sendable {
  public var field: FieldPath
  public var granted: [String]
  public var mark: Mark
}

/// Records whose `field`, a date, is younger than `keep` may leave.
public struct RetentionConfig: Sendable {
  public var field: FieldPath
  public var keep: CalendarPeriod
  public var mark: Mark
}

/// Records whose `field` is in `column` of the CSV `file` stay out; both sides pass `normalize` first.
public struct ErasureConfig: Sendable {
  /// To be resolved.
  public var file: String
  public var column: String
  public var field: FieldPath
  public var normalize: [StageCall]
  public var mark: Mark
}
