import VeilConfig

/// The steps that every pass takes with a chunk before its own work: decode, filter, rewrite. Belongs to one thread.
final class BatchSteps {
  let batch: Batch
  private let decoder: any RecordDecoder
  private let filters: [any BatchFilter]
  private let rewriters: [FieldRewriter]

  /// The stages of one field, for one thread.
  struct FieldRewriter {
    var field: Int
    var column: Int
    var stages: [any Rewriter]
  }

  init(decoder: any RecordDecoder, batch: Batch, filters: [any BatchFilter], rewriters: [FieldRewriter]) {
    self.decoder = decoder
    self.batch = batch
    self.filters = filters
    self.rewriters = rewriters
  }

  /// The first field of the chunk that no rule names, if such a field stops the run.
  var unexpected: UnexpectedField? { decoder.unexpected }
  var allUnexpected: [UnexpectedField] { decoder.allUnexpected }

  /// How often each field was met so far; nil for CSV, whose header names them all.
  var ruleCounts: RuleCounts? { (decoder as? JSONRecordDecoder)?.counts }

  func decode(_ chunk: Chunk) -> Batch {
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    batch.byteCount = chunk.bytes.count
    return batch
  }

  func filter() {
    for filter in filters { filter.judge(batch) }
  }

  func rewrite() {
    // Stages read all other fields that they need before the first field changes.
    for field in rewriters {
      for stage in field.stages { stage.prepare(batch) }
    }
    for field in rewriters {
      let column = batch.columns[field.column]
      for stage in field.stages { stage.rewrite(column, of: field.field, in: batch) }
    }
  }
}
