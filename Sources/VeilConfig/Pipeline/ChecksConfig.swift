/// A declared check: what must hold of a run for its export to be published.
public struct CheckConfig: Sendable {
  public enum Severity: String, Sendable, CaseIterable {
    /// Nothing is published.
    case error
    /// It is reported.
    case warn
  }

  /// A number of records, or a share of some.
  public enum Limit: Sendable, Hashable {
    case count(Int)
    case share(Share)

    /// The most records that this allows of `total`.
    public func most(of total: Int) -> Int {
      switch self {
      case .count(let count): count
      case .share(let share): share.limit(of: total)
      }
    }
  }

  public enum Kind: Sendable {
    /// At most this many of the records read are not written, for whatever reason.
    case maxDropped(Limit)
    /// At least this many records are written.
    case minRecords(Int)
    /// The smallest class holds at least this many.
    case k(Int)
    /// At most this many of the records that the filters left are suppressed.
    case maxSuppressed(Limit)
    /// Each record that leaves has a value in the field.
    case notNull(FieldPath)
    /// No two values that leave are the same; records without one do not count.
    case unique(FieldPath)
    /// Each value that leaves is one of these; records without one do not count.
    case acceptedValues(FieldPath, [String])
    /// As many records are written as by the run of a manifest, give or take a share. The path is to be resolved; nil is
    /// the manifest that this run replaces.
    case rowCount(manifest: String?, within: Share)
  }

  public var kind: Kind
  public var severity: Severity
  /// As messages and reports name it, such as `not_null: email`.
  public var name: String
  public var mark: Mark

  /// The field whose values it looks at.
  public var field: FieldPath? {
    switch kind {
    case .notNull(let field), .unique(let field), .acceptedValues(let field, _): field
    default: nil
    }
  }
}
