import VeilConfig
import VeilCrypto

/// The quasi-identifiers of each record of a batch, side by side. Belongs to one thread.
///
/// For CSV a record has one cell a column. In JSON it may have none or several: such a record is bad, since which
/// class it belongs to cannot be told.
struct QuasiReader {
  /// Field and column of each quasi-identifier, in their order.
  let fields: [(field: Int, column: Int)]
  /// The first cell of each record, by quasi-identifier, where columns have rows.
  private var firsts: [[Int32]] = []

  init(_ layout: Layout) {
    fields = layout.quasiFields.compactMap { field in layout.fields[field].column.map { (field, $0) } }
    firsts = fields.map { _ in [] }
  }

  /// Finds each live record's cells and marks as bad those that have none or several.
  mutating func index(_ batch: Batch) {
    for (place, field) in fields.enumerated() {
      let column = batch.columns[field.column]
      column.unescape(batch.escapes)
      guard column.hasRows else { continue }
      column.writeNumbersInOneForm()
      var first = [Int32](repeating: -1, count: batch.recordCount)
      for cell in 0..<column.cells.count {
        let record = Int(column.rows[cell])
        if first[record] >= 0 {
          batch.fail(
            record, field: field.field,
            reason: FailureReason("occurs more than once; a quasi-identifier has one value", .shape)
          )
        }
        first[record] = Int32(cell)
        if column.cells[cell].has(.composite) {
          batch.fail(
            record, field: field.field,
            reason: FailureReason("is an object or array; a quasi-identifier has one value", .shape)
          )
        }
      }
      for record in 0..<batch.recordCount where first[record] < 0 {
        batch.fail(
          record, field: field.field, reason: FailureReason("is missing; a quasi-identifier is there or null", .missing)
        )
      }
      firsts[place] = first
    }
  }

  /// The cell that holds quasi-identifier `place` of a live record.
  @inline(__always)
  func cell(_ place: Int, of record: Int, in column: Column) -> Int {
    column.hasRows ? Int(firsts[place][record]) : record
  }
}

/// Tells people apart: a 64-bit keyed digest of the subject's value, under a key that lives as long as the run.
///
/// The value is digested in the pipeline's `SubjectForm`. A record whose subject is missing or empty, or told more than
/// once, is counted as one and the same unknown person, so that it never helps a class to reach k. Belongs to one thread.
final class SubjectReader {
  private let column: Int
  /// Its field among the layout's, for what has no such form.
  private let field: Int
  private let form: [any Rewriter]
  private let context: HMACContext
  private var digest = [UInt8](repeating: 0, count: 64)
  /// The subject in its form, where that is another one than it came in.
  private var scratch: Column?
  private(set) var subjects: [UInt64] = []

  init(column: Int, field: Int, key: SecretBytes, form: [any Rewriter]) {
    self.column = column
    self.field = field
    self.form = form
    context = HMACContext(algorithm: .sha256, key: key)
  }

  /// Digests the subject of every record. To be called before stages rewrite the column.
  func read(_ batch: Batch) {
    subjects.removeAll(keepingCapacity: true)
    subjects.append(contentsOf: repeatElement(0, count: batch.recordCount))
    let column = formed(batch.columns[column], batch)
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      let record = column.record(ofCell: index)
      guard column.tellsWhose(index) else { continue }
      subjects[record] = unsafe digest.withUnsafeMutableBytes { out in
        guard let target = out.baseAddress else { return 0 }
        unsafe context.authenticate(
          column.base + cell.offset, count: cell.count, into: target.assumingMemoryBound(to: UInt8.self))
        return unsafe out.load(as: UInt64.self) | 1
      }
    }
  }

  /// A view of the column with all values in their form; the column itself where that is how they came.
  private func formed(_ column: Column, _ batch: Batch) -> Column {
    column.unescape(batch.escapes)
    if form.isEmpty { return column }
    let scratch = scratch ?? Column(hasRows: column.hasRows)
    self.scratch = scratch
    scratch.copyPlaces(of: column)
    // What names nobody is set aside, before a stage could find it odd.
    for index in 0..<scratch.cells.count where scratch.cells[index].has(.composite) { scratch.cells[index] = .null }
    for rewriter in form { rewriter.rewrite(scratch, of: field, in: batch) }
    return scratch
  }
}
