/// A declared check: a condition on a run, for its export to be published.
public struct CheckConfig: Sendable {
  public enum Severity: String, Sendable, CaseIterable {
    /// If the check fails, nothing is published.
    case error
    /// If the check fails, it is reported.
    case warn
  }

  /// A number of records, or a share of them.
  public enum Limit: Sendable, Hashable {
    case count(Int)
    case share(Share)

    /// Returns the largest number of records that the limit allows of `total`.
    public func most(of total: Int) -> Int {
      switch self {
      case .count(let count): count
      case .share(let share): share.limit(of: total)
      }
    }
  }

  public enum Kind: Sendable {
    /// At most this many of the records that were read do not leave, for whatever reason.
    case maxDropped(Limit)
    /// At least this many records are written.
    case minRecords(Int)
    /// The smallest class has at least this many.
    case k(Int)
    /// Each person has at least this many candidates over all of their records.
    case candidates(Int)
    /// At most this many of the records that passed the filters are suppressed.
    case maxSuppressed(Limit)
    /// No field beside the quasi-identifiers tells people apart by itself, but for these.
    case tellsApart(except: [FieldPath])
    /// Each record that leaves has a value in the field.
    case notNull(FieldPath)
    /// No two published values are the same; records without a value do not count.
    case unique(FieldPath)
    /// Each published value is one of these; records without a value do not count.
    case acceptedValues(FieldPath, [String])
    /// The number of written records equals that of the run of a manifest, up to a share of difference. The path is not
    /// yet resolved; nil means the manifest that this run replaces.
    case rowCount(manifest: String?, within: Share)
  }

  public var kind: Kind
  public var severity: Severity
  /// The check as messages and reports name it, such as `not_null: email`.
  public var name: String
  public var mark: Mark

  /// The field whose values the check reads.
  public var field: FieldPath? {
    switch kind {
    case .notNull(let field), .unique(let field), .acceptedValues(let field, _): field
    default: nil
    }
  }
}
