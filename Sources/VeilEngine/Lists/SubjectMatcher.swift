import VeilCrypto

/// Finds, for each record, the person of a list whom the record is about. Belongs to one thread.
///
/// The values of the records and those of the list pass the same normalizing stages.
final class SubjectMatcher {
  private let column: Int
  /// The index of the matched field in the pipeline, for errors about values that cannot be normalized.
  private let field: Int
  private let normalization: [any Rewriter]
  private let digester: SubjectDigester
  private let scratch: Column

  init(key: SecretBytes, column: Int, field: Int, normalization: [any Rewriter], hasRows: Bool) {
    self.column = column
    self.field = field
    self.normalization = normalization
    digester = SubjectDigester(key)
    scratch = Column(hasRows: hasRows)
  }

  enum Person {
    case digest(SubjectDigest)
    /// The record has no value, an empty one, or a null.
    case missing
    /// The value is an object or array, which no list can contain.
    case unreadable
  }

  /// Calls `body` for each value of each record, and once for a record that has none.
  func each(_ batch: Batch, _ body: (_ record: Int, _ person: Person) -> Void) {
    let column = batch.columns[column]
    column.unescape(batch.escapes)
    scratch.copyPlaces(of: column)
    // Objects and arrays are removed before the stages see them, because a list cannot contain them.
    for index in 0..<scratch.cells.count where scratch.cells[index].has(.composite) { scratch.cells[index] = .null }
    for rewriter in normalization { rewriter.rewrite(scratch, of: field, in: batch) }
    var next = 0
    for index in 0..<scratch.cells.count {
      let record = scratch.record(ofCell: index)
      while next < record {
        body(next, .missing)
        next += 1
      }
      next = record + 1
      let cell = scratch.cells[index]
      if column.cells[index].has(.composite) {
        body(record, .unreadable)
      } else if cell.isNull || cell.count == 0 {
        body(record, .missing)
      } else {
        // Sound: the cell stands in the bytes of its column.
        let value = unsafe UnsafeBufferPointer(start: scratch.base + cell.offset, count: cell.count)
        body(record, .digest(unsafe digester.digest(value)))
      }
    }
    while next < batch.recordCount {
      body(next, .missing)
      next += 1
    }
  }
}
