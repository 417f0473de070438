/// Decodes chunks of JSON objects: lines (NDJSON), or elements of one array as `JSONArraySplitter` cuts them.
final class JSONRecordDecoder: RecordDecoder {
  enum Form: Sendable { case lines, array }

  /// The fields of the last chunk that no rule names, if that is an error; each name once, the first at the front.
  private(set) var allUnexpected: [UnexpectedField] = []
  var unexpected: UnexpectedField? { allUnexpected.first }
  // One value, so that Swift checks exclusive access once for each chunk, and not for each record.
  private var records: JSONRecords

  private let fieldNodes: [Int]

  init(_ layout: JSONLayout, form: Form) {
    fieldNodes = layout.fieldNodes
    records = JSONRecords(layout, form: form)
  }

  /// How often each field of the layout was met in all chunks so far.
  var counts: RuleCounts { records.counts(of: fieldNodes) }

  func decode(_ chunk: Chunk, into batch: Batch) {
    allUnexpected = []
    guard !chunk.bytes.isEmpty else { return batch.finishDecoding(recordCount: 0) }
    allUnexpected = records.decode(chunk, into: batch)
  }
}
