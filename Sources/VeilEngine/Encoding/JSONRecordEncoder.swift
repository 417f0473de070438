import CScan
import VeilConfig

/// Writes records as JSON objects, one per line: as NDJSON, or as the elements of an array.
///
/// JSON records are assembled from the source's bytes and the cells between them. CSV records become objects whose
/// values are strings.
final class JSONRecordEncoder: RecordEncoder {
  enum Form: Sendable { case lines, array }

  var bounds: RecordBounds?
  private let form: Form
  /// Whether line breaks between tokens are removed, since the source may have some and an output line may not.
  private let flattens: Bool
  /// For CSV records: the text before each value, and the value's column.
  private let members: [Member]
  private var opened = ByteBuffer()
  private var columns = Buffer<Source>()
  /// A record that is still to get its one form.
  private var assembled = ByteBuffer()

  private struct Member {
    var column: Int
    /// The end of its text in `opened`; it begins at the end of the text before it.
    var end: Int
  }

  /// A column while records are written. Sound because the columns of the batch do not change during that time.
  @safe
  private struct Source: BitwiseCopyable {
    var base: UnsafePointer<UInt8>
    var cells: UnsafePointer<Cell>
    var count: Int
    var isSource: Bool
  }

  /// Writes each JSON record in one form, where nothing of its layout may leave.
  private var canonical: CanonicalWriter?

  /// Makes an encoder for JSON records. `flattens` must be true for lines if the source is an array.
  init(form: Form, flattens: Bool) {
    self.form = form
    self.flattens = flattens
    members = []
  }

  /// Makes an encoder for JSON records that writes all of them in one form, with the fields that leave.
  init(form: Form, canonical fields: [FieldPlan]) {
    self.form = form
    flattens = false
    members = []
    canonical = CanonicalWriter(fields)
  }

  /// Makes an encoder for CSV records, with the fields to write, in order.
  init(form: Form, fields: [FieldPlan]) {
    self.form = form
    flattens = false
    var members: [Member] = []
    for field in fields where field.isEmitted {
      guard let column = field.column else { preconditionFailure("a field that leaves as JSON has a column") }
      opened.append(members.isEmpty ? "{\"" : ",\"")
      var name = ByteBuffer()
      name.append(utf8: field.name)
      unsafe JSONText.escape(name.start, count: name.count, into: &opened)
      opened.append("\":")
      members.append(Member(column: column, end: opened.count))
    }
    self.members = members
  }

  func header(into out: inout ByteBuffer) {
    if form == .array { out.append("[") }
  }

  var separator: StaticString { form == .array ? "," : "" }

  func footer(isEmpty: Bool, into out: inout ByteBuffer) {
    if form == .array { out.append(isEmpty ? "]\n" : "\n]\n") }
  }

  func encode(_ batch: Batch, into out: inout ByteBuffer) {
    let isJSON = batch.escapes == .json
    columns.removeAll()
    if !isJSON {
      for member in members { batch.columns[member.column].unescape(batch.escapes) }
    }
    for column in batch.columns {
      columns.append(
        unsafe Source(
          base: column.base, cells: UnsafePointer(column.cells.start), count: column.cells.count,
          isSource: column.isSource))
    }
    // Sound: the decoder added the columns and cells that a record's pieces name to exactly these lists.
    let pieces = unsafe UnsafePointer(batch.assembly.pieces.start)
    let columns = unsafe UnsafePointer(self.columns.start)
    let ends = unsafe UnsafePointer(batch.assembly.ends.start)
    let source = unsafe batch.source
    let allLive = batch.excludedCount == 0
    let bounds = self.bounds
    var isFirst = true
    if isJSON, let canonical {
      for record in 0..<batch.recordCount where allLive || batch.isLive(record) {
        let first = unsafe record == 0 ? 0 : Int(ends[record - 1])
        unsafe appendAssembled(
          pieces, range: first..<Int(ends[record]), source: source, columns: columns, to: &assembled)
        appendCanonical(record, batch, by: canonical, isFirst: &isFirst, &out)
      }
      return
    }
    for record in 0..<batch.recordCount where allLive || batch.isLive(record) {
      if form == .array { out.append(isFirst ? "\n" : ",\n") }
      isFirst = bounds != nil
      if isJSON {
        let first = unsafe record == 0 ? 0 : Int(ends[record - 1])
        unsafe appendAssembled(pieces, range: first..<Int(ends[record]), source: source, columns: columns, to: &out)
      } else {
        appendObject(record, &out)
      }
      if form == .lines { out.append(0x0A) }
      bounds?.end(at: out.count)
    }
  }

  @inline(__always)
  private func appendAssembled(
    _ pieces: UnsafePointer<Assembly.Piece>, range: Range<Int>, source: UnsafePointer<UInt8>,
    columns: UnsafePointer<Source>, to out: inout ByteBuffer
  ) {
    for index in range {
      let piece = unsafe pieces[index]
      let (run, count) = unsafe (source + Int(piece.start), Int(piece.count))
      guard piece.column >= 0 else {
        unsafe appendSource(run, count: count, to: &out)
        continue
      }
      let column = unsafe columns[Int(piece.column)]
      precondition(piece.cell < column.count)
      let cell = unsafe column.cells[Int(piece.cell)]
      // This is nearly always the case: a run, followed by a string that needs no escapes. A string that is copied from
      // a JSON source never needs any.
      if !flattens, cell.flags.isDisjoint(with: Self.written), column.isSource || cell.has(.plain) {
        unsafe appendRun(run, count: count, text: column.base + cell.offset, textCount: cell.count, to: &out)
      } else {
        unsafe appendSource(run, count: count, to: &out)
        append(cell, from: column, mayCopyQuotes: true, to: &out)
      }
    }
  }

  /// Appends the record in `assembled` in its one form. One that has none is bad.
  private func appendCanonical(
    _ record: Int, _ batch: Batch, by writer: CanonicalWriter, isFirst: inout Bool, _ out: inout ByteBuffer
  ) {
    let start = out.count
    if form == .array { out.append(isFirst ? "\n" : ",\n") }
    let reason = writer.write(&assembled, into: &out)
    assembled.removeAll()
    if let reason {
      out.truncate(to: start)
      return batch.fail(record, field: nil, reason: reason)
    }
    if form == .lines { out.append(0x0A) }
    isFirst = bounds != nil
    bounds?.end(at: out.count)
  }

  /// The flags of cells that are not written as a string.
  private static let written: Cell.Flags = [.null, .literal, .composite]

  /// Appends a run of the source, and a string's contents between quotes.
  @inline(__always)
  private func appendRun(
    _ run: UnsafePointer<UInt8>, count: Int, text: UnsafePointer<UInt8>, textCount: Int, to out: inout ByteBuffer
  ) {
    out.reserve(count + textCount + 2)
    // Sound: there is room for both and the quotes. The 64 bytes after the chunk, after the column's bytes and after
    // the buffer's capacity exist, so a copy may read or write them.
    let end = unsafe out.end
    unsafe scan_json_copy(end, run, count)
    unsafe end[count] = 0x22
    unsafe scan_json_copy(end + count + 1, text, textCount)
    unsafe end[count + 1 + textCount] = 0x22
    out.advance(by: count + textCount + 2)
  }

  private func appendObject(_ record: Int, _ out: inout ByteBuffer) {
    guard !members.isEmpty else { return out.append("{}") }
    var start = 0
    for member in members {
      unsafe out.append(opened.start + start, count: member.end - start)
      start = member.end
      let column = columns[member.column]
      precondition(record < column.count)
      unsafe append(column.cells[record], from: column, mayCopyQuotes: false, to: &out)
    }
    out.append(0x7D)
  }

  /// Appends bytes of the source unchanged; if `flattens` is true, without the line breaks between tokens.
  @inline(__always)
  private func appendSource(_ bytes: UnsafePointer<UInt8>, count: Int, to out: inout ByteBuffer) {
    if flattens { return unsafe appendFlat(bytes, count: count, to: &out) }
    out.reserve(count)
    // Sound: the 64 bytes after the chunk and after the buffer's capacity exist, so a copy may read or write them.
    unsafe scan_json_copy(out.end, bytes, count)
    out.advance(by: count)
  }

  /// Appends bytes without line breaks. Strings hold no raw line breaks, so each one is white space, and so is
  /// everything after it up to the next token.
  private func appendFlat(_ bytes: UnsafePointer<UInt8>, count: Int, to out: inout ByteBuffer) {
    var index = 0
    while index < count {
      let plain = unsafe scan_json_line(bytes + index, count - index)
      if plain > 0 { unsafe out.append(bytes + index, count: plain) }
      index += plain
      while index < count, unsafe JSONText.isSpace(bytes[index]) { index += 1 }
    }
  }

  @inline(__always)
  private func append(_ cell: Cell, from source: Source, mayCopyQuotes: Bool, to out: inout ByteBuffer) {
    if cell.isNull { return out.append("null") }
    let bytes = unsafe source.base + cell.offset
    if mayCopyQuotes, source.isSource, cell.has(.quoted) {
      return unsafe appendSource(bytes - 1, count: cell.count + 2, to: &out)
    }
    if cell.has(.literal) { return unsafe out.append(bytes, count: cell.count) }
    if cell.has(.composite) { return unsafe appendSource(bytes, count: cell.count, to: &out) }
    if cell.has(.plain) { return unsafe out.appendQuoted(bytes, count: cell.count, quote: 0x22) }
    out.append(0x22)
    unsafe JSONText.escape(bytes, count: cell.count, into: &out)
    out.append(0x22)
  }
}
