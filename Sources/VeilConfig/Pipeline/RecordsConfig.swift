/// Which records may leave at all.
public struct RecordsConfig: Sendable {
  /// All must hold.
  public var filters: [RecordFilter] = []
  public var consent: ConsentConfig?
  public var retention: RetentionConfig?
  public var erasure: ErasureConfig?
  public var corrections: CorrectionsConfig?
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

/// Records whose `field` is one of `granted` (never empty) may leave; with a ledger, those whose `field` is a person who
/// has agreed by it.
public struct ConsentConfig: Sendable {
  public var field: FieldPath
  public var granted: [String]
  public var ledger: ConsentLedgerConfig?
  public var mark: Mark
}

/// A list of consents given and withdrawn, one a record, with the names of its columns.
public struct ConsentLedgerConfig: Sendable {
  /// To be resolved.
  public var file: String
  public var subject: String
  /// Nil where a consent holds for every purpose.
  public var purpose: String?
  public var status: String
  public var at: String
  /// Where the pipeline does not name it, the ledger may do without.
  public var expires: (name: String, isGiven: Bool)
  /// The statuses that mean yes; never empty.
  public var granted: [String]
  /// Those that plainly mean no; others are unknown, which is no as well.
  public var withdrawn: [String]
  public var normalize: [StageCall]
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
