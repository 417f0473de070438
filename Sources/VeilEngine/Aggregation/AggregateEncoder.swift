import VeilConfig

/// Turns each record into its contribution to an aggregate: the group, the person, and what the record adds to each
/// measure. These bytes never leave the process; `AggregateSink` takes them in input order. Belongs to one thread.
///
/// A contribution consists of its length (4 bytes, which the length does not count), the person's digest (8), a whole
/// number for each measure (8 each), and then for each group the length of its value (4) and the value; all numbers are
/// little-endian.
final class AggregateEncoder: RecordEncoder {
  var bounds: RecordBounds?
  private let by: [FieldColumn]
  private let measures: [(measure: AggregateMeasure, place: FieldColumn?)]
  private let subjects: SubjectReader
  private var firsts: [Int: [Int32]] = [:]

  /// A field and its column.
  struct FieldColumn {
    var field: Int
    var column: Int
  }

  init(by: [FieldColumn], measures: [(measure: AggregateMeasure, place: FieldColumn?)], subjects: SubjectReader) {
    self.by = by
    self.measures = measures
    self.subjects = subjects
  }

  /// Reads the subject of each record, before stages replace it by a token.
  func look(at batch: Batch) { subjects.read(batch) }

  func header(into out: inout ByteBuffer) {}
  func footer(isEmpty: Bool, into out: inout ByteBuffer) {}
  var separator: StaticString { "" }

  func encode(_ batch: Batch, into out: inout ByteBuffer) {
    for place in by + measures.compactMap(\.place) {
      batch.columns[place.column].unescape(batch.escapes)
      firsts[place.column] = index(place, batch)
    }
    var amounts = [Int](repeating: 0, count: measures.count)
    for record in 0..<batch.recordCount where batch.isLive(record) {
      for (number, part) in measures.enumerated() {
        guard let sum = part.measure.sum, let place = part.place else {
          amounts[number] = 1
          continue
        }
        // A record without a value adds nothing.
        amounts[number] = 0
        guard let cell = cell(place, of: record, in: batch), !cell.isNull else { continue }
        if let amount = sum.amount(Self.bytes(cell, batch.columns[place.column]).span) {
          amounts[number] = amount
        } else {
          batch.fail(record, field: place.field, reason: .notANumber)
        }
      }
      guard batch.isLive(record) else { continue }
      append(record, amounts: amounts, batch: batch, into: &out)
      bounds?.end(at: out.count)
    }
  }

  private func append(_ record: Int, amounts: [Int], batch: Batch, into out: inout ByteBuffer) {
    let cells = by.map { place in (place.column, cell(place, of: record, in: batch)) }
    let length = 8 + 8 * amounts.count + cells.reduce(0) { $0 + 4 + ($1.1.map { $0.isNull ? 0 : $0.count } ?? 0) }
    Self.append(UInt64(length), bytes: 4, into: &out)
    Self.append(subjects.subjects[record], bytes: 8, into: &out)
    for amount in amounts { Self.append(UInt64(bitPattern: Int64(amount)), bytes: 8, into: &out) }
    for (column, cell) in cells {
      let value = cell.map { $0.isNull ? [] : Self.bytes($0, batch.columns[column]) } ?? []
      Self.append(UInt64(value.count), bytes: 4, into: &out)
      out.append(value)
    }
  }

  private static func append(_ word: UInt64, bytes: Int, into out: inout ByteBuffer) {
    for byte in 0..<bytes { out.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
  }

  private static func bytes(_ cell: Cell, _ column: Column) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count))
  }

  // MARK: One value a record

  /// Returns the first cell of each record, -1 if there is none; nil if each record has exactly one. A record with
  /// several, or with an object or array, is bad: nobody can tell which group it belongs to.
  private func index(_ place: FieldColumn, _ batch: Batch) -> [Int32]? {
    let column = batch.columns[place.column]
    guard column.hasRows else { return nil }
    var first = [Int32](repeating: -1, count: batch.recordCount)
    for cell in 0..<column.cells.count {
      let record = Int(column.rows[cell])
      if first[record] >= 0 || column.cells[cell].has(.composite) {
        batch.fail(
          record, field: place.field, reason: FailureReason("is not one value; an aggregate counts by one", .shape))
      }
      first[record] = Int32(cell)
    }
    return first
  }

  private func cell(_ place: FieldColumn, of record: Int, in batch: Batch) -> Cell? {
    let column = batch.columns[place.column]
    guard let first = firsts[place.column] else { return column.cells[record] }
    return first[record] < 0 ? nil : column.cells[Int(first[record])]
  }
}
