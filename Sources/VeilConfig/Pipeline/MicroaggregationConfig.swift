/// Numeric fields whose values become the means of groups of at least k people.
public struct MicroaggregationConfig: Sendable {
  /// 2 or more.
  public var k: Int
  /// At least one, none twice. They are grouped together: whoever is in a group has the same value in all of them.
  public var fields: [FieldPath]
  /// How many decimals values have before they are grouped, and means are written with: 0 to 9.
  public var decimals: Int
  public var mark: Mark
}
