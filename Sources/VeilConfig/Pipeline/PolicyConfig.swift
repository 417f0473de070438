/// The rules that apply to all pipelines of an organization.
public struct PolicyConfig: Sendable {
  /// The path with which the file was opened.
  public var path: String
  /// The purposes that pipelines may have; nil means any.
  public var purposes: [String]?
  /// The smallest k that is allowed.
  public var minimumK: Int?
  /// Who may compute digests; nil means whoever is fastest.
  public var digests: Digests?

  public enum Digests: String, Sendable, CaseIterable {
    case openssl
  }

  /// The rules for fields, wherever these occur.
  public var fields: [Field]

  public struct Field: Sendable {
    public var path: FieldPath
    /// The class of the field, wherever it leaves.
    public var fieldClass: FieldClass?
    /// The purposes that the field may serve; nil means any.
    public var purposes: [String]?
    /// Whether the field may leave nowhere.
    public var isForbidden: Bool
    public var mark: Mark
  }
}
