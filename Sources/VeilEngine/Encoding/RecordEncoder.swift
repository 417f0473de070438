/// Writes the live records of a batch. Belongs to one thread.
protocol RecordEncoder: AnyObject {
  /// What stands before the first record (a CSV header, a JSON array's bracket).
  func header(into out: inout ByteBuffer)

  /// Appends every live record of the batch. May still mark records as bad (a JSON object that has no CSV form).
  func encode(_ batch: Batch, into out: inout ByteBuffer)

  /// What stands between two runs of records that `encode` made, if both hold any.
  var separator: StaticString { get }

  /// What stands after the last record.
  func footer(into out: inout ByteBuffer)

  /// The same, where other encoders may have written the records.
  func footer(into out: inout ByteBuffer, hasRecords: Bool)
}

extension RecordEncoder {
  func footer(into out: inout ByteBuffer, hasRecords: Bool) { footer(into: &out) }
}

extension JSONEncoder {
  func footer(into out: inout ByteBuffer, hasRecords: Bool) {
    isEmpty = !hasRecords
    footer(into: &out)
  }
}
