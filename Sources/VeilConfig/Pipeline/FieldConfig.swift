/// The rule for one field: what leaves of it, and in what form.
public struct FieldConfig: Sendable {
  public var path: FieldPath
  public var mark: Mark
  /// The class; `other` if the pipeline says nothing.
  public var fieldClass: FieldClass
  /// The hierarchy; only with class `quasi` and an `anonymity` section.
  public var hierarchy: HierarchyConfig?
  public var hierarchyMark: Mark?
  /// What happens to values that the hierarchy does not cover.
  public var missing = HierarchyConfig.Missing.error
  /// The weight of the field's loss compared with other fields, above 0. Only with class `quasi`.
  public var weight = 1.0
  public var weightMark: Mark?
  /// The stages in order. Empty only for a quasi-identifier under `anonymity`, which is then kept or generalized.
  public var stages: [StageCall]
  public var because: String?
  public var purposes: [String]
  /// Whether an input need not have the field.
  public var isOptional = false
}

public enum FieldClass: String, Sendable, CaseIterable {
  /// The field names one person by itself.
  case direct
  /// The field identifies people together with other fields of this class.
  case quasi
  /// The field has values that nobody should learn about a person.
  case sensitive
  case other
}

/// A stage with its options, as the pipeline names it.
public struct StageCall: Sendable {
  public var name: String
  /// What follows the name, unchanged: often a mapping, but `{constant: x}` has text here. Nil if there is only a name.
  public var options: ConfigNode?
  /// The place of the name.
  public var mark: Mark

  public init(name: String, options: ConfigNode?, mark: Mark) {
    self.name = name
    self.options = options
    self.mark = mark
  }
}
