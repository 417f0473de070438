internal import CScan
import VeilConfig

/// Writes records as CSV, with a delimiter between cells and a line feed after each record. A cell has quotes only if
/// it needs them or if the source had them.
final class CSVRecordEncoder: RecordEncoder {
  /// A column that is written.
  struct Output: Sendable {
    var column: Int
    /// The index of its field among the pipeline's fields, for values that cannot be written.
    var field: Int
  }

  var bounds: RecordBounds?
  private let outputs: [Output]
  private let names: [String]
  private let format: CSVFormat
  /// Whether a quoted cell of the source may be copied with its quotes.
  private let copiesQuotes: Bool
  /// Whether cells that a spreadsheet would treat as formulas are written as text.
  private let guardsFormulas: Bool
  /// Whether JSON numbers are written in one form.
  private let writesOneForm: Bool
  /// The next cell of each column, for records that may have any number of cells.
  private var cursors: [Int] = []
  private var sources = Buffer<CellSource>()

  /// - Parameters:
  ///   - names: the names in the header, one for each *field* that is written, in order; nil writes no header.
  ///   - source: the CSV format of the source, if the source is CSV and its quotes may leave.
  ///   - writesOneForm: whether nothing of a value's layout may leave, so that JSON numbers get one form.
  init(
    outputs: [Output], names: [String]?, format: CSVFormat, source: CSVFormat?, guardsFormulas: Bool = false,
    writesOneForm: Bool = false
  ) {
    self.writesOneForm = writesOneForm
    self.outputs = outputs
    self.guardsFormulas = guardsFormulas
    self.names = names ?? []
    self.format = format
    copiesQuotes = source == format
  }

  var separator: StaticString { "" }

  func footer(isEmpty: Bool, into out: inout ByteBuffer) {}

  func header(into out: inout ByteBuffer) {
    guard !names.isEmpty else { return }
    let start = out.count
    for (index, name) in names.enumerated() {
      if index > 0 { out.append(format.delimiter) }
      var name = name
      name.withUTF8 { bytes in
        guard let base = bytes.baseAddress, bytes.count > 0 else {
          if names.count == 1 { quoteNothing(into: &out) }
          return
        }
        if guardsFormulas, unsafe FormulaGuard.applies(to: base, bytes.count) {
          return unsafe appendGuarded(base, bytes.count, isEscaped: false, into: &out)
        }
        unsafe appendValue(base, bytes.count, into: &out)
      }
    }
    quoteMark(from: start, in: &out)
    out.append(CSVFormat.lineFeed)
  }

  func encode(_ batch: Batch, into out: inout ByteBuffer) {
    for output in outputs {
      let column = batch.columns[output.column]
      if !(copiesQuotes && column.isSource) { column.unescape(batch.escapes) }
    }
    if batch.escapes == .json { encodeTree(batch, into: &out) } else { encodeTable(batch, into: &out) }
  }

  /// What the inner loop needs of a column, so that it touches no object.
  ///
  /// Sound because the column does not change while its source is used.
  @safe
  private struct CellSource: BitwiseCopyable {
    var cells: UnsafeMutablePointer<Cell>
    var base: UnsafePointer<UInt8>
    var copiesQuotes: Bool
  }

  /// Encodes records with exactly one cell in each column.
  private func encodeTable(_ batch: Batch, into out: inout ByteBuffer) {
    sources.removeAll()
    for output in outputs {
      let column = batch.columns[output.column]
      precondition(column.cells.count == batch.recordCount, "a CSV record has one cell in each column")
      unsafe sources.append(
        CellSource(cells: column.cells.start, base: column.base, copiesQuotes: copiesQuotes && column.isSource))
    }
    let sources = unsafe self.sources.start
    let sourceCount = self.sources.count
    let last = sourceCount - 1
    let delimiter = format.delimiter
    let allLive = batch.excludedCount == 0
    let bounds = self.bounds
    for record in 0..<batch.recordCount {
      if !allLive && !batch.isLive(record) { continue }
      let start = out.count
      for index in 0..<sourceCount {
        let source = unsafe sources[index]
        let terminator = index < last ? delimiter : CSVFormat.lineFeed
        unsafe append(
          source.cells[record], from: source.base, copiesQuotes: source.copiesQuotes, terminator: terminator, into: &out
        )
      }
      if out.count <= start + 1 {
        out.truncate(to: start)
        quoteNothing(into: &out)
        out.append(CSVFormat.lineFeed)
      }
      quoteMark(from: start, in: &out)
      bounds?.end(at: out.count)
    }
  }

  /// Encodes JSON records, which may have any number of cells in a column.
  private func encodeTree(_ batch: Batch, into out: inout ByteBuffer) {
    cursors = Array(repeating: 0, count: outputs.count)
    let last = outputs.count - 1
    for record in 0..<batch.recordCount where batch.isLive(record) {
      let start = out.count
      for index in outputs.indices {
        let column = batch.columns[outputs[index].column]
        let cell = cell(of: record, at: index, column: column, batch: batch) ?? .null
        let terminator = index < last ? format.delimiter : CSVFormat.lineFeed
        if writesOneForm, cell.has(.literal) {
          unsafe appendNumber(cell, from: column.base, of: record, at: index, batch: batch, into: &out)
          out.append(terminator)
          continue
        }
        unsafe append(cell, from: column.base, copiesQuotes: false, terminator: terminator, into: &out)
      }
      if out.count <= start + 1 {
        out.truncate(to: start)
        quoteNothing(into: &out)
        out.append(CSVFormat.lineFeed)
      }
      quoteMark(from: start, in: &out)
      if batch.isLive(record) { bounds?.end(at: out.count) } else { out.truncate(to: start) }
    }
  }

  /// Returns the one cell of a JSON record in a column; nil if it has none. Several cells, or a cell with an object or
  /// array, cannot be written as CSV and make the record bad.
  private func cell(of record: Int, at index: Int, column: Column, batch: Batch) -> Cell? {
    var at = cursors[index]
    while at < column.rows.count, column.rows[at] < record { at += 1 }
    cursors[index] = at
    guard at < column.rows.count, column.rows[at] == record else { return nil }
    if at + 1 < column.rows.count, column.rows[at + 1] == record {
      batch.fail(
        record, field: outputs[index].field,
        reason: FailureReason("occurs more than once, which CSV cannot hold", .shape))
      return nil
    }
    let cell = column.cells[at]
    if cell.has(.composite) {
      batch.fail(
        record, field: outputs[index].field,
        reason: FailureReason("is an object or array, which CSV cannot hold", .shape))
      return nil
    }
    return cell
  }

  /// Appends a JSON number, true or false in its one form; a number without one makes the record bad.
  private func appendNumber(
    _ cell: Cell, from base: UnsafePointer<UInt8>, of record: Int, at index: Int, batch: Batch,
    into out: inout ByteBuffer
  ) {
    let bytes = unsafe base + cell.offset
    // No other literal begins with these letters, and no number does.
    if unsafe bytes[0] == UInt8(ascii: "t") || bytes[0] == UInt8(ascii: "f") {
      return unsafe out.append(bytes, count: cell.count)
    }
    if unsafe CanonicalNumber.append(bytes, count: cell.count, to: &out) { return }
    batch.fail(record, field: outputs[index].field, reason: CanonicalNumber.tooLong)
  }

  /// Appends a cell and the delimiter or line feed after it.
  @inline(__always)
  private func append(
    _ cell: Cell, from base: UnsafePointer<UInt8>, copiesQuotes: Bool, terminator: UInt8, into out: inout ByteBuffer
  ) {
    let count = cell.count
    if guardsFormulas, unsafe FormulaGuard.applies(to: base + cell.offset, count), !cell.isNull {
      // A cell that is copied from the source still has its doubled quotes.
      let isEscaped = copiesQuotes && cell.has(.escaped)
      unsafe appendGuarded(base + cell.offset, count, isEscaped: isEscaped, into: &out)
      out.append(terminator)
      return
    }
    if cell.has(.plain) {
      unsafe out.appendShort(base + cell.offset, count: count, then: terminator)
    } else if copiesQuotes && cell.has(.quoted) {
      unsafe out.appendShort(base + cell.offset - 1, count: count + 2, then: terminator)
    } else {
      if count > 0 && !cell.isNull { unsafe appendValue(base + cell.offset, count, into: &out) }
      out.append(terminator)
    }
  }

  /// Appends a value, in quotes if it holds a delimiter, a quote or a line break.
  private func appendValue(_ bytes: UnsafePointer<UInt8>, _ count: Int, into out: inout ByteBuffer) {
    let quote = format.quote
    let special = unsafe scan_find_special(bytes, count, format.delimiter, quote)
    if special == count {
      unsafe out.append(bytes, count: count)
      return
    }
    out.reserve(2 * count + 2)
    out.append(quote)
    for index in 0..<count {
      let byte = unsafe bytes[index]
      out.append(byte)
      if byte == quote { out.append(quote) }
    }
    out.append(quote)
  }

  /// Appends a value that a spreadsheet would treat as a formula, in quotes and after an apostrophe.
  private func appendGuarded(_ bytes: UnsafePointer<UInt8>, _ count: Int, isEscaped: Bool, into out: inout ByteBuffer) {
    let quote = format.quote
    out.reserve(2 * count + 4)
    out.append(quote)
    out.append(FormulaGuard.mark)
    if quote == FormulaGuard.mark { out.append(quote) }
    for index in 0..<count {
      let byte = unsafe bytes[index]
      out.append(byte)
      if byte == quote && !isEscaped { out.append(quote) }
    }
    out.append(quote)
  }

  /// Puts quotes around the first cell of a record if it begins with U+FEFF: at the front of a file without them, it
  /// would be taken for a byte order mark.
  @inline(__always)
  private func quoteMark(from start: Int, in out: inout ByteBuffer) {
    if start < out.count, out[start] == 0xEF { quoteMarkedCell(from: start, in: &out) }
  }

  @inline(never)
  private func quoteMarkedCell(from start: Int, in out: inout ByteBuffer) {
    guard out.count - start >= 3, out[start + 1] == 0xBB, out[start + 2] == 0xBF else { return }
    // The cell has no quotes, so it ends at the first delimiter or line feed.
    let record = (start..<out.count).map { out[$0] }
    let cell = record.prefix { $0 != format.delimiter && $0 != CSVFormat.lineFeed }
    out.truncate(to: start)
    out.append(format.quote)
    for byte in cell { out.append(byte) }
    out.append(format.quote)
    for byte in record[cell.count...] { out.append(byte) }
  }

  /// Writes an empty pair of quotes: a record of one empty cell must not look like a blank line.
  private func quoteNothing(into out: inout ByteBuffer) {
    out.append(format.quote)
    out.append(format.quote)
  }
}
