/// Writes the live records of a batch. One thread owns it.
protocol RecordEncoder: AnyObject {
  /// Appends the text before the first record (a CSV header, the opening bracket of a JSON array).
  func header(into out: inout ByteBuffer)

  /// Where `encode` says that each record ends, if somebody needs to know. Then each record is a run of its own.
  var bounds: RecordBounds? { get set }

  /// Reads a batch before its stages rewrite it.
  func look(at batch: Batch)

  /// Appends every live record of the batch. May still mark records as bad (a JSON object that cannot be written as
  /// CSV).
  func encode(_ batch: Batch, into out: inout ByteBuffer)

  /// The text between two runs of records that `encode` made, if both hold any.
  var separator: StaticString { get }

  /// Appends the text after the last record of all encoders; `isEmpty` says that there was no record.
  func footer(isEmpty: Bool, into out: inout ByteBuffer)
}

extension RecordEncoder {
  func look(at batch: Batch) {}
}
