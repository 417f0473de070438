/// The result of one declared check: figures and places, no values.
public struct CheckResult: Sendable {
  /// The check as the pipeline writes it, such as `not_null: email`.
  public let name: String
  public let isError: Bool
  public let passed: Bool
  /// What was measured, and where the check failed first.
  public let detail: String
}
