/// A sink that gets no records, only figures about groups of them, with the noise of differential privacy.
public struct AggregateConfig: Sendable {
  public enum Noise: String, Sendable, CaseIterable {
    case laplace, gaussian
  }

  /// A field whose values make the groups.
  public struct Group: Sendable {
    public var field: FieldPath
    /// The values that have a row whatever the data say; nil where the data's own values are to be found.
    public var values: [String]?
    public var mark: Mark
  }

  public struct Measure: Sendable {
    public enum Kind: Sendable {
      case people
      case records
      /// A sum of values, each brought between the bounds and rounded to whole units; the bounds are whole units.
      case sum(field: FieldPath, lower: ConfigNumber, upper: ConfigNumber, unit: ConfigNumber)
    }
    public var name: String
    public var kind: Kind
    public var mark: Mark
  }

  /// No field twice; all with `values` or none.
  public var by: [Group]
  /// At least one.
  public var measures: [Measure]
  public var noise: Noise
  /// Above 0, of at most six decimals.
  public var epsilon: ConfigNumber
  /// 0 where nothing needs it, below 1.
  public var delta: ConfigNumber
  /// How many groups one person's records may count in, and how many of them in each.
  public var groupsPerPerson: Int
  public var recordsPerGroup: Int
  /// The file that keeps account of what was spent, to be resolved.
  public var budget: String
  public var mark: Mark

  /// Whether every group is known before the data are read.
  public var groupsAreKnown: Bool { by.allSatisfy { $0.values != nil } }

  /// The fields that are looked at, none twice.
  public var fields: [FieldPath] {
    var seen: Set<FieldPath> = []
    let summed = measures.compactMap { measure -> FieldPath? in
      if case .sum(let field, _, _, _) = measure.kind { field } else { nil }
    }
    return (by.map(\.field) + summed).filter { seen.insert($0).inserted }
  }
}
