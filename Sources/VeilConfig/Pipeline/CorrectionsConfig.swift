/// The configuration of a list of corrected values: one correction in each record, with the names of the list's
/// columns.
public struct CorrectionsConfig: Sendable {
  /// The path, not yet resolved.
  public var file: String
  /// The pipeline's field that identifies the person in the same way as the list does.
  public var field: FieldPath
  /// The list's columns: the person, the name of the field, the corrected value.
  public var subject: String
  public var name: String
  public var value: String
  public var normalize: [StageCall]
  public var mark: Mark
}
