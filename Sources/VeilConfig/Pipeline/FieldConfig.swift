/// What leaves of one field, and in what form.
public struct FieldConfig: Sendable {
  public var path: FieldPath
  public var mark: Mark
  /// `other` unless the pipeline says.
  public var fieldClass: FieldClass
  /// Only with class `quasi` and an `anonymity` section.
  public var hierarchy: HierarchyConfig?
  public var hierarchyMark: Mark?
  /// What becomes of values that the hierarchy does not cover.
  public var missing = HierarchyConfig.Missing.error
  /// What the field's loss counts for beside that of others, above 0. Only with class `quasi`.
  public var weight = 1.0
  public var weightMark: Mark?
  /// In order. Empty only for a quasi-identifier under `anonymity`, which is then kept or generalized.
  public var stages: [StageCall]
  public var because: String?
  public var purposes: [String]
}

public enum FieldClass: String, Sendable, CaseIterable {
  /// Names one person by itself.
  case direct
  /// Names people together with others of its kind.
  case quasi
  /// What nobody should learn about a person.
  case sensitive
  case other
}

/// A stage as the pipeline calls it.
public struct StageCall: Sendable {
  public var name: String
  /// What stands behind the name, kept as it is: often a mapping, but `{constant: x}` has text here. Nil when the
  /// stage is called by name only.
  public var options: ConfigNode?
  /// Where the name stands.
  public var mark: Mark

  public init(name: String, options: ConfigNode?, mark: Mark) {
    self.name = name
    self.options = options
    self.mark = mark
  }
}
