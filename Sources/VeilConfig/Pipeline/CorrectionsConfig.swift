/// A list of values that people have put right: one a record, with the names of its columns.
public struct CorrectionsConfig: Sendable {
  /// To be resolved.
  public var file: String
  /// The pipeline's field that names the person as the list does.
  public var field: FieldPath
  /// The list's columns: the person, the field's name, the right value.
  public var subject: String
  public var name: String
  public var value: String
  public var normalize: [StageCall]
  public var mark: Mark
}
