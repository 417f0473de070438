/// Turns a chunk into a batch: finds records and values, copies nothing. Belongs to one thread.
protocol RecordDecoder: AnyObject {
  /// Fills `batch` (which was reset to the chunk's bytes). A malformed record becomes a failure in the batch.
  func decode(_ chunk: Chunk, into batch: Batch)

  /// The first field of the last chunk that no rule names, where such a field stops the run.
  var unexpected: UnexpectedField? { get }
}

extension RecordDecoder {
  var unexpected: UnexpectedField? { nil }
}
