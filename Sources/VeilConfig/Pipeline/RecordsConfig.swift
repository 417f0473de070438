/// The conditions under which a record may leave.
public struct RecordsConfig: Sendable {
  /// The filters; a record must pass all of them.
  public var filters: [RecordFilter] = []
  public var consent: ConsentConfig?
  public var retention: RetentionConfig?
  public var erasure: ErasureConfig?
  public var corrections: CorrectionsConfig?
}

public struct RecordFilter: Sendable {
  public enum Condition: Sendable, Hashable {
    /// The option `in`; its list is never empty.
    case anyOf([String])
    /// The option `not_in`; its list is never empty.
    case noneOf([String])
    case equals(String)
  }
  public var field: FieldPath
  public var condition: Condition
  public var mark: Mark
}

/// Consent: records may leave if their `field` is one of `granted` (never empty). With a ledger, records may leave if
/// their `field` identifies a person who has consented by the ledger.
public struct ConsentConfig: Sendable {
  public var field: FieldPath
  public var granted: [String]
  public var ledger: ConsentLedgerConfig?
  public var mark: Mark
}

/// A list of consents that were given and withdrawn, one in each record, with the names of the list's columns.
public struct ConsentLedgerConfig: Sendable {
  /// The path, not yet resolved.
  public var file: String
  public var subject: String
  /// The column of the purpose; nil if a consent counts for every purpose.
  public var purpose: String?
  public var status: String
  public var at: String
  /// The column of the expiry; if the pipeline does not name it, the ledger may lack it.
  public var expires: (name: String, isGiven: Bool)
  /// The statuses that mean yes; never empty.
  public var granted: [String]
  /// The statuses that clearly mean no; any other status is unknown, which also counts as no.
  public var withdrawn: [String]
  public var normalize: [StageCall]
}

/// Retention: records may leave if the date in their `field` is not older than `keep`.
public struct RetentionConfig: Sendable {
  public var field: FieldPath
  public var keep: CalendarPeriod
  public var mark: Mark
}

/// Erasure: records are excluded if their `field` is in `column` of the CSV `file`; both values pass `normalize` first.
public struct ErasureConfig: Sendable {
  /// The path, not yet resolved.
  public var file: String
  public var column: String
  public var field: FieldPath
  public var normalize: [StageCall]
  public var mark: Mark
}
