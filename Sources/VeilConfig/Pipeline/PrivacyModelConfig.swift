/// A demand on the values of one sensitive field within each class, besides k.
public struct SensitiveDemand: Sendable {
  public enum Model: Sendable {
    /// Distinct l-diversity (Machanavajjhala et al. 2007): at least this many different values, 2 or more.
    case distinct(Int)
    /// Entropy l-diversity: the entropy of the values is at least log(l), with l above 1.
    case entropy(Double)
    /// Recursive (c, l)-diversity, with c above 0, and l 2 or more.
    case recursive(c: Double, l: Int)
    /// t-closeness (Li, Li, Venkatasubramanian 2007), with t from 0 through 1.
    case closeness(t: Double, Distance)
    /// (alpha, k)-anonymity (Wong et al. 2006): no value has a share above alpha. If `values` are given, this concerns
    /// only them.
    case alpha(Double, values: [String])
    /// beta-likeness (Cao, Karras 2012): no value is more frequent than in the whole table by more than this relative
    /// amount.
    case likeness(Double, isEnhanced: Bool)
    /// delta-disclosure privacy (Brickell, Shmatikov 2008): no value's share differs from its share in the whole table
    /// by a factor of exp(delta) or more.
    case disclosure(Double)

    /// Whether any values satisfy the demand, because no distance and no share is above 1.
    public var isAlwaysMet: Bool {
      switch self {
      case .closeness(let t, _): t >= 1
      case .alpha(let alpha, _): alpha >= 1
      default: false
      }
    }
  }

  /// The ground distance between two values, by which t-closeness weighs the shares that it moves.
  public enum Distance: Sendable {
    /// The distance of any two different values is 1.
    case equal
    /// The difference of the ranks, divided by the number of values minus one. Numbers rank by size, other values by
    /// their place in the list.
    case ordered([String])
    /// The height of the lowest common ancestor, divided by the hierarchy's height.
    case hierarchical(HierarchyConfig)
  }

  public var field: FieldPath
  public var model: Model
  public var mark: Mark
}

/// Limits of the risk that records of the release are linked to people, each from 0 (excluded) through 1.
public struct RiskLimits: Sendable, Hashable {
  /// The highest risk of any record if the attacker knows that the target is in the release: 1 / class size.
  public var prosecutor: Double?
  /// The highest risk of any record if the attacker knows only the population: 1 / (people of the population who fit
  /// the class).
  public var journalist: Double?
  /// The share of records that are linked correctly, on average, if the whole release is linked with the population.
  public var marketer: Double?
  /// The mean risk of all records if the attacker knows that the target is in the release.
  public var average: Double?
}

/// A file with all people who might be in the release.
public struct PopulationConfig: Sendable {
  /// The path, not yet resolved.
  public var file: String
  public var format: DataFormat?
  public var csv: CSVDialect
  public var mark: Mark
}

/// delta-presence (Nergiz, Atzori, Clifton 2007): the limits of the probability that a person of the population is in
/// the data.
public struct PresenceLimits: Sendable, Hashable {
  public var low: Double
  public var high: Double
}
