/// Why a record is bad. It names a rule, never a value.
struct FailureReason: Sendable, Equatable {
  let text: String

  init(_ text: StaticString) { self.text = "\(text)" }

  init(counting text: String) { self.text = text }
}

/// One bad record: where it is, and what is wrong with it.
struct Failure: Sendable {
  /// Counted from zero within the batch.
  var record: Int
  /// The index of the field among the pipeline's fields, where one is to blame.
  var field: Int?
  var reason: FailureReason
  /// Bytes from the chunk's start, where known more exactly than the record's own.
  var offset: Int?
}
