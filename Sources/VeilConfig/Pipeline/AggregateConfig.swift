/// The configuration of a sink that gets no records, only figures about groups of them, with the noise of differential
/// privacy.
public struct AggregateConfig: Sendable {
  public enum Noise: String, Sendable, CaseIterable {
    case laplace, gaussian
  }

  /// A field whose values form the groups.
  public struct Group: Sendable {
    public var field: FieldPath
    /// The values that always have a row, whatever the data contain; nil if the values come from the data.
    public var values: [String]?
    public var mark: Mark
  }

  public struct Measure: Sendable {
    public enum Kind: Sendable {
      case people
      case records
      /// A sum of values, each limited to the bounds and rounded to whole units; the bounds are whole units.
      case sum(field: FieldPath, lower: ConfigNumber, upper: ConfigNumber, unit: ConfigNumber)
    }
    public var name: String
    public var kind: Kind
    public var mark: Mark
  }

  /// The fields that form the groups; no field twice; all have `values` or none has.
  public var by: [Group]
  /// The measures, at least one.
  public var measures: [Measure]
  public var noise: Noise
  /// Epsilon, above 0, with at most six decimals.
  public var epsilon: ConfigNumber
  /// Delta, below 1; 0 if nothing needs it.
  public var delta: ConfigNumber
  /// The largest number of groups in which one person's records count, and below, of records that count in each group.
  public var groupsPerPerson: Int
  public var recordsPerGroup: Int
  /// The path of the file that records what was spent, not yet resolved.
  public var budget: String
  public var mark: Mark

  /// Whether every group is known before the data are read.
  public var groupsAreKnown: Bool { by.allSatisfy { $0.values != nil } }

  /// The fields that the aggregate reads, none twice.
  public var fields: [FieldPath] {
    var seen: Set<FieldPath> = []
    let summed = measures.compactMap { measure -> FieldPath? in
      if case .sum(let field, _, _, _) = measure.kind { field } else { nil }
    }
    return (by.map(\.field) + summed).filter { seen.insert($0).inserted }
  }
}
