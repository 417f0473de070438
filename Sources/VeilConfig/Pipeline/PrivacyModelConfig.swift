/// What is asked of the values of one sensitive field within each class, beyond k.
public struct SensitiveDemand: Sendable {
  public enum Model: Sendable {
    /// Distinct l-diversity (Machanavajjhala et al. 2007): at least so many different values, 2 or more.
    case distinct(Int)
    /// Entropy l-diversity: the values' entropy is at least log(l), l above 1.
    case entropy(Double)
    /// Recursive (c, l)-diversity: c above 0, l 2 or more.
    case recursive(c: Double, l: Int)
    /// t-closeness (Li, Li, Venkatasubramanian 2007): t from 0 through 1.
    case closeness(t: Double, Distance)
    /// (alpha, k)-anonymity (Wong et al. 2006): no value, or none of `values`, has a larger share than alpha.
    case alpha(Double, values: [String])
    /// beta-likeness (Cao, Karras 2012): no value is more frequent than overall by more than this, relatively.
    case likeness(Double, isEnhanced: Bool)
    /// delta-disclosure privacy (Brickell, Shmatikov 2008): no value's share differs from the overall one by a factor of
    /// exp(delta) or more.
    case disclosure(Double)

    /// Whether any values whatever satisfy it: no distance and no share is above 1.
    public var isAlwaysMet: Bool {
      switch self {
      case .closeness(let t, _): t >= 1
      case .alpha(let alpha, _): alpha >= 1
      default: false
      }
    }
  }

  /// The ground distance between two values that t-closeness moves shares over.
  public enum Distance: Sendable {
    /// 1 between any two values.
    case equal
    /// Ranks apart, divided by the number of values less one. Numbers rank by size, or values as listed.
    case ordered([String])
    /// The height of the lowest common ancestor, divided by the hierarchy's height.
    case hierarchical(HierarchyConfig)
  }

  public var field: FieldPath
  public var model: Model
  public var mark: Mark
}

/// Limits of the risk that records of the release are linked with people, each from 0 (excluded) through 1.
public struct RiskLimits: Sendable, Hashable {
  /// The highest risk of any record towards somebody who knows that their target is in the release: 1 / class size.
  public var prosecutor: Double?
  /// The highest risk of any record towards somebody who only knows the population: 1 / people of the population alike.
  public var journalist: Double?
  /// The share of records that a link of the whole release with the population gets right, on average.
  public var marketer: Double?
  /// The mean risk of all records towards somebody who knows that their target is in the release.
  public var average: Double?
}

/// A file of everybody who might be in the release.
public struct PopulationConfig: Sendable {
  /// To be resolved.
  public var file: String
  public var format: DataFormat?
  public var csv: CSVDialect
  public var mark: Mark
}

/// delta-presence (Nergiz, Atzori, Clifton 2007): how probable it may be of anybody of the population to be in the data.
public struct PresenceLimits: Sendable, Hashable {
  public var low: Double
  public var high: Double
}
