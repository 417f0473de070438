internal import CScan
import Glibc
import VeilConfig

/// Finds the records and fields of a CSV chunk.
///
/// First the decoder makes a table of the positions where fields end, one row for each record. Then it fills each
/// needed column from the table. For a regular chunk, masks give the positions, 64 bytes at a time. If the masks show a
/// quote in a wrong place, or the bytes are not all UTF-8, `CSVRecordScanner` reads the chunk and finds what is wrong
/// and where. Both ways give the same table for the same good records.
final class CSVRecordDecoder: RecordDecoder {
  private let format: CSVFormat
  private let layout: CSVLayout
  private let fills: [Fill]
  /// Finds records that repeat the header; nil if the file has none.
  private let repeatedHeader: RepeatedHeader?
  private var masks = Buffer<UInt64>()
  /// The blocks of 64 bytes that have line feeds inside quotes.
  private var innerBlocks = Buffer<UInt32>()
  /// The positions where fields end. The first entry is the position before the first byte; then each record has
  /// `width` entries, the positions of the delimiter or line feed after each field. So a field begins after the entry
  /// before its own.
  private var ends = Buffer<UInt32>()
  /// The positions that the masks gave, if not every record has `width` fields.
  private var uneven = Buffer<UInt32>()
  private var problems: [Problem] = []

  private var width: Int { layout.uses.count }

  private struct Problem {
    var row: Int
    var reason: FailureReason
    var offset: Int?
  }

  /// A column to fill, from one field or from a run of fields that is copied unchanged.
  private struct Fill {
    var first: Int
    var last: Int
    var column: Int
    var isRun: Bool
  }

  init(format: CSVFormat, layout: CSVLayout) {
    self.format = format
    self.layout = layout
    var fills: [Fill] = []
    var runStart = 0
    for (field, use) in layout.uses.enumerated() {
      switch use {
      case .skip, .runMiddle: break
      case .value(let column): fills.append(Fill(first: field, last: field, column: column, isRun: false))
      case .run(let column): fills.append(Fill(first: field, last: field, column: column, isRun: true))
      case .runStart: runStart = field
      case .runEnd(let column): fills.append(Fill(first: runStart, last: field, column: column, isRun: true))
      }
    }
    self.fills = fills
    repeatedHeader = RepeatedHeader(layout.header, format: format)
  }

  func decode(_ chunk: Chunk, into batch: Batch) {
    guard !chunk.bytes.isEmpty else { return batch.finishDecoding(recordCount: 0) }
    precondition(width > 0, "a record has fields")
    if chunk.bytes[chunk.bytes.count - 1] != CSVFormat.lineFeed {
      chunk.bytes.append(CSVFormat.lineFeed)
      unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    }
    let bytes = unsafe UnsafePointer(chunk.bytes.start)
    let count = chunk.bytes.count
    problems.removeAll(keepingCapacity: true)
    masks.removeAll()
    masks.reserve(count / 64 + 1)
    innerBlocks.removeAll()
    innerBlocks.reserve(count / 64 + 1)
    let scan = unsafe scan_csv(bytes, count, format.delimiter, format.quote, masks.start, innerBlocks.start)
    innerBlocks.advance(by: Int(scan.inner_blocks))
    let isRegular = scan.irregular == 0
    if isRegular, unsafe scan.non_ascii == 0 || scan_utf8_valid(bytes, count) != 0 {
      unsafe findByMasks(bytes, count: count, scan: scan)
    } else {
      unsafe findByScanner(bytes, count)
    }
    let rows = (ends.count - 1) / width
    fillStarts(rows, batch)
    if isRegular { unsafe countInnerLines(bytes, rows, batch) } else { unsafe countLines(bytes, 0..<rows, batch) }
    unsafe findRepeatedHeaders(bytes, rows)
    for fill in fills {
      let column = batch.columns[fill.column]
      column.cells.reserve(rows)
      if fill.isRun {
        unsafe fillRuns(fill, rows: rows, from: bytes, into: column)
      } else {
        unsafe fillValues(fill, rows: rows, from: bytes, into: column)
      }
      column.cells.advance(by: rows)
      // No later step may look at the contents of a bad record.
      for problem in problems { column.cells[problem.row] = .null }
    }
    batch.finishDecoding(recordCount: rows)
    for problem in problems { batch.fail(problem.row, field: nil, reason: problem.reason, offset: problem.offset) }
  }

  // MARK: Where fields end

  private func beginTable(rows: Int) {
    ends.removeAll()
    ends.reserve(rows * width + 1)
    // This value plus one is 0, because the first field begins at the first byte.
    ends.append(.max)
  }

  /// Reads a regular chunk from its masks: quotes are only in allowed places, and the last byte is a line feed.
  private func findByMasks(_ bytes: UnsafePointer<UInt8>, count: Int, scan: scan_csv) {
    beginTable(rows: max(scan.newlines, scan.ends / width + 1))
    // Sound: there is room for `scan.ends` positions, and the slack takes anything written after them.
    let found = unsafe scan_places(masks.start, (count + 63) / 64, ends.end)
    precondition(found == scan.ends)
    ends.advance(by: found)
    if !(unsafe isEven(bytes, rows: scan.newlines)) { unsafe makeEven(bytes, rows: scan.newlines) }
  }

  /// Returns whether every record has `width` fields. Then each row ends with a line feed, and no other entry is one.
  private func isEven(_ bytes: UnsafePointer<UInt8>, rows: Int) -> Bool {
    guard ends.count == rows * width + 1 else { return false }
    // Sound: the positions are in the chunk, and `last` is in the table.
    let ends = unsafe self.ends.start
    var last = width
    for _ in 0..<rows {
      if unsafe bytes[Int(ends[last])] != CSVFormat.lineFeed { return false }
      last &+= width
    }
    return true
  }

  /// Cuts rows that are too long and fills rows that are too short.
  private func makeEven(_ bytes: UnsafePointer<UInt8>, rows: Int) {
    swap(&ends, &uneven)
    beginTable(rows: rows)
    var fields = 0
    for index in 1..<uneven.count {
      let end = uneven[index]
      fields += 1
      if unsafe bytes[Int(end)] != CSVFormat.lineFeed {
        if fields < width { ends.append(end) }
        continue
      }
      ends.append(repeating: end, count: max(1, width - fields + 1))
      if fields != width {
        problems.append(Problem(row: (ends.count - 1) / width - 1, reason: raggedReason(fields)))
      }
      fields = 0
    }
  }

  private func raggedReason(_ fields: Int) -> FailureReason {
    FailureReason(
      counting: "the record has \(fields) fields where \(width) are expected: too \(fields < width ? "few" : "many")",
      fields < width ? .tooFewFields : .tooManyFields)
  }

  /// Reads any chunk, a byte at a time, with the scanner.
  private func findByScanner(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    let scanner = unsafe CSVRecordScanner(bytes: bytes, count: count, format: format)
    beginTable(rows: 0)
    var at = 0
    while at < count {
      let rowStart = ends.count
      let row = (rowStart - 1) / width
      let record = scanner.record(at: at, isEnd: true) { index, field in
        if index < width - 1 { ends.append(UInt32(truncatingIfNeeded: field.end)) }
      }
      guard let record else { break }
      let problemCount = problems.count
      if let problem = record.problem {
        problems.append(Problem(row: row, reason: problem.reason, offset: problem.offset))
      } else if unsafe scan_utf8_valid(bytes + at, record.end - at) == 0 {
        let place = unsafe Self.firstInvalid(in: bytes, from: at, to: record.end)
        problems.append(
          Problem(
            row: row,
            reason: FailureReason(
              "the record is not UTF-8 (source.encoding says what it is)", .encoding),
            offset: place))
      } else if record.fieldCount != width {
        problems.append(Problem(row: row, reason: raggedReason(record.fieldCount), offset: at))
      }
      if problems.count > problemCount { ends.truncate(to: rowStart) }
      // The last position is that of the line feed. Every record has one, because the chunk ends with one.
      let missing = rowStart + width - ends.count
      ends.append(repeating: UInt32(truncatingIfNeeded: record.end - 1), count: missing)
      at = record.end
    }
  }

  /// Counts the lines of the records that have line feeds inside quotes.
  private func countInnerLines(_ bytes: UnsafePointer<UInt8>, _ rows: Int, _ batch: Batch) {
    var next = 0
    for index in 0..<innerBlocks.count {
      let block = Int(innerBlocks[index]) * 64
      // The first record that goes beyond the block's begin, then all that begin within it.
      var (low, high) = (next, rows)
      while low < high {
        let middle = (low + high) / 2
        if Int(ends[(middle + 1) * width]) > block { high = middle } else { low = middle + 1 }
      }
      next = low
      while next < rows, Int(ends[next * width] &+ 1) < block + 64 { next += 1 }
      unsafe countLines(bytes, low..<next, batch)
    }
  }

  private func countLines(_ bytes: UnsafePointer<UInt8>, _ rows: Range<Int>, _ batch: Batch) {
    for row in rows {
      let start = Int(ends[row * width] &+ 1)
      let end = Int(ends[(row + 1) * width])
      let lines = 1 + (unsafe scan_count_byte(bytes + start, end - start, CSVFormat.lineFeed))
      if lines > 1 { batch.lines.add(lines, record: row) }
    }
  }

  /// Makes each record bad that has the header's names for values, as where files were written one behind the other.
  private func findRepeatedHeaders(_ bytes: UnsafePointer<UInt8>, _ rows: Int) {
    guard let repeatedHeader, repeatedHeader.fieldCount == width else { return }
    // Sound: the table has `rows` rows of `width` positions, and every row begins in the chunk.
    let ends = unsafe UnsafePointer(self.ends.start)
    for row in 0..<rows {
      let start = unsafe Int(ends[row &* width] &+ 1)
      guard unsafe repeatedHeader.mayBegin(bytes + start) else { continue }
      if unsafe repeatedHeader.isRepeated(in: bytes, ends: ends + row * width) {
        problems.append(Problem(row: row, reason: RepeatedHeader.reason))
      }
    }
  }

  // MARK: Filling the columns

  private func fillStarts(_ rows: Int, _ batch: Batch) {
    batch.recordStarts.reserve(rows)
    // Sound: there is room for `rows` starts, and the table has that many rows.
    let starts = unsafe batch.recordStarts.end
    let ends = unsafe self.ends.start
    for row in 0..<rows { unsafe starts[row] = ends[row &* width] &+ 1 }
    batch.recordStarts.advance(by: rows)
  }

  /// Returns the range of a field in a row, without the carriage return at the end of a record.
  ///
  /// Sound because `ends` is a table of positions in `bytes`, and `row` and the fields are in the table.
  @inline(__always)
  private static func range(
    _ fill: Fill, row: Int, width: Int, ends: UnsafePointer<UInt32>, bytes: UnsafePointer<UInt8>
  ) -> (start: Int, end: Int) {
    let start = unsafe Int(ends[row &* width &+ fill.first] &+ 1)
    var end = unsafe Int(ends[row &* width &+ fill.last &+ 1])
    if fill.last == width &- 1, end > start, unsafe bytes[end &- 1] == CSVFormat.carriageReturn { end &-= 1 }
    return (start, end)
  }

  private func fillRuns(_ fill: Fill, rows: Int, from bytes: UnsafePointer<UInt8>, into column: Column) {
    let (width, ends, cells) = unsafe (width, UnsafePointer(ends.start), column.cells.end)
    for row in 0..<rows {
      let (start, end) = unsafe Self.range(fill, row: row, width: width, ends: ends, bytes: bytes)
      unsafe cells[row] = Cell(start: start, count: end &- start, flags: .plain)
    }
  }

  private func fillValues(_ fill: Fill, rows: Int, from bytes: UnsafePointer<UInt8>, into column: Column) {
    let (width, ends, cells) = unsafe (width, UnsafePointer(ends.start), column.cells.end)
    let quote = format.quote
    let unquoted: Cell.Flags = layout.unquotedIsPlain ? .plain : []
    for row in 0..<rows {
      let (start, end) = unsafe Self.range(fill, row: row, width: width, ends: ends, bytes: bytes)
      let length = end &- start
      if length <= 0 {
        unsafe cells[row] = .null
      } else if unsafe bytes[start] != quote {
        unsafe cells[row] = Cell(start: start, count: length, flags: unquoted)
      } else {
        var flags: Cell.Flags = length == 2 ? [.quoted, .null] : .quoted
        if length > 2, unsafe memchr(bytes + start + 1, Int32(quote), length - 2) != nil {
          flags.insert(.escaped)
          column.hasEscapes = true
        }
        unsafe cells[row] = Cell(start: start &+ 1, count: length &- 2, flags: flags)
      }
    }
  }

  /// Returns the position of the first byte that is not valid UTF-8.
  private static func firstInvalid(in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var low = start
    var high = end
    // The longest valid prefix may end inside a sequence; going back up to three bytes corrects that.
    while low < high {
      let middle = (low + high + 1) / 2
      let isValid = (0...3).contains { back in
        unsafe middle - back >= start && scan_utf8_valid(bytes + start, middle - back - start) != 0
      }
      if isValid { low = middle } else { high = middle - 1 }
    }
    while low > start, unsafe scan_utf8_valid(bytes + start, low - start) == 0 { low -= 1 }
    return low
  }
}
