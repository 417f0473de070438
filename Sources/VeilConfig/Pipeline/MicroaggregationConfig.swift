/// The numeric fields whose values are replaced by the means of groups of at least k people.
public struct MicroaggregationConfig: Sendable {
  /// The smallest size of a group, 2 or more.
  public var k: Int
  /// The fields, at least one, none twice. They are grouped together: all people of a group get the same value in each
  /// of them.
  public var fields: [FieldPath]
  /// The number of decimals that values have before they are grouped, and that means are written with: 0 to 9.
  public var decimals: Int
  public var mark: Mark
}
