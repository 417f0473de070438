/// What holds for all pipelines of a house.
public struct PolicyConfig: Sendable {
  /// The file, as it was opened.
  public var path: String
  /// Purposes that pipelines may have; nil for any.
  public var purposes: [String]?
  /// The smallest k.
  public var minimumK: Int?
  /// What is said of a field, wherever it occurs.
  public var fields: [Field]

  public struct Field: Sendable {
    public var path: FieldPath
    /// What it is, wherever it leaves.
    public var fieldClass: FieldClass?
    /// What it may serve; nil for anything.
    public var purposes: [String]?
    /// It leaves nowhere.
    public var isForbidden: Bool
    public var mark: Mark
  }
}
