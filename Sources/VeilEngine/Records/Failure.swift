/// The reason why a record is bad. It names a rule, never a value.
struct FailureReason: Sendable, Equatable {
  let text: String
  let code: FailureCode

  /// - Parameter code: what kind of failure it is; most are values that a stage cannot handle.
  init(_ text: StaticString, _ code: FailureCode = .value) { (self.text, self.code) = ("\(text)", code) }

  /// A quasi-identifier's value is none that its hierarchy knows.
  static let unfit = FailureReason("does not fit its hierarchy")

  init(counting text: String, _ code: FailureCode) { (self.text, self.code) = (text, code) }
}

/// The kind of a failure, as a short word that programs can search for. docs/operations.md lists them.
enum FailureCode: String, Sendable, CaseIterable {
  case quote
  case lineEnd = "line_end"
  case tooFewFields = "too_few_fields"
  case tooManyFields = "too_many_fields"
  case header
  case encoding
  case syntax
  case shape
  case length
  case missing
  case value
}

/// One bad record: its position, and the reason.
struct Failure: Sendable {
  /// The number of the record, counted from 0 within the batch.
  var record: Int
  /// The index of the bad field among the pipeline's fields, if one field causes the failure.
  var field: Int?
  var reason: FailureReason
  /// The byte offset from the start of the chunk, if it is known more exactly than the start of the record.
  var offset: Int?
}
