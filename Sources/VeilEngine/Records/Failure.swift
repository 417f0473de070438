/// The reason why a record is bad. It names a rule, never a value.
struct FailureReason: Sendable, Equatable {
  let text: String

  init(_ text: StaticString) { self.text = "\(text)" }

  /// A quasi-identifier's value is none that its hierarchy knows.
  static let unfit = FailureReason("does not fit its hierarchy")

  init(counting text: String) { self.text = text }
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
