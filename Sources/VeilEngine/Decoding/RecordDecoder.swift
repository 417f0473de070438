/// Turns a chunk into a batch: it finds records and values, and copies nothing. One thread owns it.
protocol RecordDecoder: AnyObject {
  /// Fills `batch`, which was reset to the bytes of the chunk. A malformed record becomes a failure in the batch.
  func decode(_ chunk: Chunk, into batch: Batch)

  /// The first field of the last chunk that no rule names, if such a field stops the run.
  var unexpected: UnexpectedField? { get }
  /// All of them, each name once.
  var allUnexpected: [UnexpectedField] { get }
}

extension RecordDecoder {
  var unexpected: UnexpectedField? { nil }
  var allUnexpected: [UnexpectedField] { [] }
}
