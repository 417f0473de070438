internal import CByteMask
import Glibc

/// Finds the records and fields of a CSV chunk.
///
/// A chunk without surprises is read from masks, 64 bytes at a time. Where the masks find a quote out of place or the
/// bytes are not all UTF-8, the chunk is read again by `CSVRecordScanner`, which says what is wrong and where. Both
/// ways give the same batch for the same good records.
final class CSVDecoder: RecordDecoder {
  private let format: CSVFormat
  private let layout: CSVLayout
  private var masks = Buffer<UInt64>()
  private var slots = Buffer<Slot>()
  /// Rows of the chunk being read whose number of fields is wrong, with that number.
  private var ragged: [(row: Int, fields: Int)] = []

  /// A field's use, laid out for the inner loop. Sound because `cells` is set for each chunk, before it is used, to a
  /// column's memory with room for every row.
  @safe
  fileprivate struct Slot: BitwiseCopyable {
    enum Kind: UInt8 { case skip, value, runStart, runMiddle, runEnd, run }
    var kind: Kind
    var column: Int32
    var hasEscapes = false
    var cells: UnsafeMutablePointer<Cell>?
  }

  init(format: CSVFormat, layout: CSVLayout) {
    self.format = format
    self.layout = layout
    for use in layout.uses {
      let (kind, column): (Slot.Kind, Int) =
        switch use {
        case .skip: (.skip, -1)
        case .value(let column): (.value, column)
        case .runStart: (.runStart, -1)
        case .runMiddle: (.runMiddle, -1)
        case .runEnd(let column): (.runEnd, column)
        case .run(let column): (.run, column)
        }
      unsafe slots.append(Slot(kind: kind, column: Int32(column), cells: nil))
    }
  }

  func decode(_ chunk: Chunk, into batch: Batch) {
    let count = chunk.bytes.count
    if count > 0, chunk.bytes[count - 1] != CSVFormat.lineFeed {
      chunk.bytes.append(CSVFormat.lineFeed)
      unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    }
    let bytes = unsafe UnsafePointer(chunk.bytes.start)
    masks.removeAll()
    masks.reserve(chunk.bytes.count / 64 + 1)
    let scan = unsafe veil_csv_scan(bytes, chunk.bytes.count, format.delimiter, format.quote, masks.start)
    if scan.irregular == 0, unsafe scan.non_ascii == 0 || veil_utf8_valid(bytes, chunk.bytes.count) != 0 {
      unsafe decodeMasks(bytes, chunk.bytes.count, rows: scan.newlines, into: batch)
    } else {
      unsafe decodePlainly(bytes, chunk.bytes.count, into: batch)
    }
  }

  /// Reads a regular chunk from its masks: quotes stand only where they may, and the last byte is a line feed.
  private func decodeMasks(_ bytes: UnsafePointer<UInt8>, _ count: Int, rows: Int, into batch: Batch) {
    prepare(rows: rows, batch)
    batch.recordStarts.reserve(rows)
    let starts = unsafe batch.recordStarts.start
    let slots = unsafe self.slots.start
    let masks = unsafe self.masks.start
    let fieldCount = self.slots.count
    let quote = format.quote
    let unquoted: Cell.Flags = layout.unquotedIsPlain ? .plain : []
    var row = 0
    var field = 0
    var fieldStart = 0
    var runStart = 0
    var recordStart = 0
    for block in 0..<(count + 63) / 64 {
      var mask = unsafe masks[block]
      let blockStart = block &* 64
      while mask != 0 {
        let at = blockStart &+ mask.trailingZeroBitCount
        mask &= mask &- 1
        let isLine = unsafe bytes[at] == CSVFormat.lineFeed
        var end = at
        if isLine, end > fieldStart, unsafe bytes[end &- 1] == CSVFormat.carriageReturn { end &-= 1 }
        if field < fieldCount {
          switch unsafe slots[field].kind {
          case .skip, .runMiddle: break
          case .runStart: runStart = fieldStart
          case .run:
            unsafe slots[field].cells![row] = Cell(start: fieldStart, count: end &- fieldStart, flags: .plain)
          case .runEnd:
            unsafe slots[field].cells![row] = Cell(start: runStart, count: end &- runStart, flags: .plain)
          case .value:
            let length = end &- fieldStart
            let cell: Cell
            if length == 0 {
              cell = .null
            } else if unsafe bytes[fieldStart] == quote {
              var flags: Cell.Flags = length == 2 ? [.quoted, .null] : .quoted
              if length > 2, unsafe memchr(bytes + fieldStart + 1, Int32(quote), length - 2) != nil {
                flags.insert(.escaped)
                unsafe slots[field].hasEscapes = true
              }
              cell = Cell(start: fieldStart &+ 1, count: length &- 2, flags: flags)
            } else {
              cell = Cell(start: fieldStart, count: length, flags: unquoted)
            }
            unsafe slots[field].cells![row] = cell
          }
        }
        field &+= 1
        fieldStart = at &+ 1
        if isLine {
          if field != fieldCount { unsafe raggedRow(row, fields: field, slots) }
          unsafe starts[row] = UInt32(truncatingIfNeeded: recordStart)
          row &+= 1
          field = 0
          recordStart = fieldStart
        }
      }
    }
    finish(rows: row, batch)
    for (row, fields) in ragged { batch.fail(row, field: nil, raggedReason(fields)) }
  }

  /// Makes room for `rows` cells in each column that is filled, and points the slots there.
  private func prepare(rows: Int, _ batch: Batch) {
    ragged.removeAll(keepingCapacity: true)
    for index in 0..<slots.count {
      let number = Int(slots[index].column)
      unsafe slots.start[index].hasEscapes = false
      guard number >= 0 else { continue }
      let column = batch.columns[number]
      column.cells.reserve(rows)
      unsafe slots.start[index].cells = column.cells.start
    }
  }

  private func finish(rows: Int, _ batch: Batch) {
    for index in 0..<slots.count {
      let slot = slots[index]
      let number = Int(slot.column)
      guard number >= 0 else { continue }
      let column = batch.columns[number]
      column.cells.advance(by: rows - column.cells.count)
      if slot.hasEscapes { column.hasEscapes = true }
    }
    batch.recordStarts.advance(by: rows - batch.recordStarts.count)
    batch.finishDecoding(recordCount: rows)
  }

  /// Empties the cells that a short record has no bytes for.
  private func raggedRow(_ row: Int, fields: Int, _ slots: UnsafeMutablePointer<Slot>) {
    ragged.append((row, fields))
    for index in min(fields, layout.uses.count)..<layout.uses.count {
      if let cells = unsafe slots[index].cells { unsafe cells[row] = .null }
    }
  }

  private func raggedReason(_ fields: Int) -> FailureReason {
    let fewer = fields < layout.uses.count
    return FailureReason(
      counting: "the record has \(fields) fields where \(layout.uses.count) are expected: too \(fewer ? "few" : "many")"
    )
  }

  /// Reads any chunk, a byte at a time.
  private func decodePlainly(_ bytes: UnsafePointer<UInt8>, _ count: Int, into batch: Batch) {
    let scanner = unsafe CSVRecordScanner(bytes: bytes, count: count, format: format)
    let rows = unsafe veil_count_byte(bytes, count, CSVFormat.lineFeed)
    prepare(rows: rows, batch)
    batch.recordStarts.reserve(rows)
    let slots = unsafe self.slots.start
    let fieldCount = self.slots.count
    var problems: [(row: Int, reason: FailureReason, offset: Int)] = []
    var at = 0
    var row = 0
    while at < count {
      var runStart = 0
      for index in 0..<fieldCount {
        if let cells = unsafe slots[index].cells { unsafe cells[row] = .null }
      }
      let record = scanner.record(at: at, isEnd: true) { index, field in
        guard index < fieldCount else { return }
        unsafe Self.place(field, in: &slots[index], row: row, &runStart, unquotedIsPlain: layout.unquotedIsPlain)
      }
      guard let record else { break }
      if let problem = record.problem {
        problems.append((row, problem.reason, problem.offset))
      } else if unsafe veil_utf8_valid(bytes + at, record.end - at) == 0 {
        problems.append(
          (row, FailureReason("the record is not UTF-8"), unsafe Self.firstInvalid(bytes, at, record.end)))
      } else if record.fieldCount != fieldCount {
        problems.append((row, raggedReason(record.fieldCount), at))
      }
      unsafe batch.recordStarts.start[row] = UInt32(truncatingIfNeeded: at)
      row += 1
      at = record.end
    }
    finish(rows: row, batch)
    for problem in problems { batch.fail(problem.row, field: nil, problem.reason, offset: problem.offset) }
  }

  private static func place(
    _ field: CSVRecordScanner.Field, in slot: inout Slot, row: Int, _ runStart: inout Int, unquotedIsPlain: Bool
  ) {
    let length = field.end - field.start
    switch slot.kind {
    case .skip, .runMiddle: break
    case .runStart: runStart = field.start
    case .run: unsafe slot.cells![row] = Cell(start: field.start, count: length, flags: .plain)
    case .runEnd: unsafe slot.cells![row] = Cell(start: runStart, count: field.end - runStart, flags: .plain)
    case .value:
      if length == 0 { return }
      var flags: Cell.Flags = unquotedIsPlain ? .plain : []
      if field.isQuoted {
        flags = length == 2 ? [.quoted, .null] : .quoted
        if field.hasDoubledQuotes {
          flags.insert(.escaped)
          slot.hasEscapes = true
        }
      }
      let inset = field.isQuoted ? 1 : 0
      unsafe slot.cells![row] = Cell(start: field.start + inset, count: length - 2 * inset, flags: flags)
    }
  }

  /// Where the first byte stands that is no UTF-8.
  private static func firstInvalid(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var low = start
    var high = end
    // The longest valid prefix may end inside a sequence; a step back of up to three bytes settles it.
    while low < high {
      let middle = (low + high + 1) / 2
      let isValid = (0...3).contains { back in
        unsafe middle - back >= start && veil_utf8_valid(bytes + start, middle - back - start) != 0
      }
      if isValid { low = middle } else { high = middle - 1 }
    }
    while low > start, unsafe veil_utf8_valid(bytes + start, low - start) == 0 { low -= 1 }
    return low
  }
}
