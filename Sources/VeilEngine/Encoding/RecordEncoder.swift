/// Writes the live records of a batch. Belongs to one thread.
protocol RecordEncoder: AnyObject {
  /// What stands before the first record (a CSV header, a JSON array's bracket).
  func header(into out: inout ByteBuffer)

  /// Looks at a batch before its stages rewrite it.
  func look(at batch: Batch)

  /// Appends every live record of the batch. May still mark records as bad (a JSON object that has no CSV form).
  func encode(_ batch: Batch, into out: inout ByteBuffer)

  /// What stands between two runs of records that `encode` made, if both hold any.
  var separator: StaticString { get }

  /// What stands after the last record, of this encoder or of others; `isEmpty` where there was none.
  func footer(isEmpty: Bool, into out: inout ByteBuffer)
}

extension RecordEncoder {
  func look(at batch: Batch) {}
}
