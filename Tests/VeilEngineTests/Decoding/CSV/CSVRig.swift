import VeilConfig

@testable import VeilEngine

/// What came of reading some CSV: values as text, nil for a record that is bad.
struct SeenCSV: Equatable {
  var records: [[String]?] = []
  /// Record, byte offset and reason.
  var failures: [String] = []
  var error: String?

  /// What a run that stops at the first bad record sees.
  var upToFirstFailure: SeenCSV {
    guard let first = records.firstIndex(of: nil) else { return self }
    return SeenCSV(records: Array(records[...first]), failures: Array(failures.prefix(1)), error: nil)
  }
}

extension CSVFormat {
  static let comma = CSVFormat(delimiter: 0x2C, quote: 0x22)
}

/// Reads CSV as the engine does: reader, splitter, decoder.
func readCSV(
  _ input: [UInt8], fields: Int, format: CSVFormat = .comma, chunk: Int = 1 << 20, pieces: [Int] = [.max],
  isExact: Bool = true
) -> SeenCSV {
  var seen = SeenCSV()
  let reader = ChunkReader(
    PieceSource(input, pieces: pieces), name: "x", splitter: CSVSplitter(format: format, isExact: isExact),
    targetBytes: chunk)
  let uses = (0..<fields).map { CSVLayout.Use.value(column: $0) }
  let decoder = CSVRecordDecoder(format: format, layout: CSVLayout(uses: uses, unquotedIsPlain: false))
  let batch = Batch(columnCount: fields, escapes: .csv(quote: format.quote))
  let chunk = Chunk()
  do {
    while try reader.next(into: chunk) {
      batch.reset(base: chunk.bytes.start)
      decoder.decode(chunk, into: batch)
      for column in batch.columns { column.unescape(batch.escapes) }
      for failure in batch.failures.sorted(by: { $0.record < $1.record }) {
        let at = chunk.offset + (failure.offset ?? Int(batch.recordStarts[failure.record]))
        seen.failures.append("\(seen.records.count + failure.record)@\(at) \(failure.reason.text)")
      }
      for record in 0..<batch.recordCount {
        seen.records.append(batch.isLive(record) ? batch.columns.map { text(of: $0, record) } : nil)
      }
    }
  } catch {
    seen.error = "\(error)"
  }
  return seen
}

private func text(of column: Column, _ record: Int) -> String {
  let cell = column.cells[record]
  let bytes = UnsafeBufferPointer(start: column.base + cell.offset, count: cell.isNull ? 0 : cell.count)
  precondition(cell.isNull == (cell.count == 0))
  return String(decoding: bytes, as: UTF8.self)
}

/// The same by the byte-at-a-time scanner alone, over the whole input at once.
func scanCSV(_ input: [UInt8], fields: Int, format: CSVFormat = .comma) -> SeenCSV {
  var seen = SeenCSV()
  var input = input
  if let last = input.last, last != 0x0A { input.append(0x0A) }
  input.withUnsafeBufferPointer { bytes in
    guard let base = bytes.baseAddress else { return }
    let scanner = CSVRecordScanner(bytes: base, count: bytes.count, format: format)
    var at = 0
    var blanks = 0
    while at < bytes.count {
      var values: [String] = []
      var raw: [UInt8] = []
      let record = scanner.record(at: at, isEnd: true) { _, field in
        raw = Array(bytes[field.start..<field.end])
        let content = field.isQuoted ? Array(raw.dropFirst().dropLast()) : raw
        var value: [UInt8] = []
        var index = 0
        while index < content.count {
          value.append(content[index])
          index += field.isQuoted && content[index] == format.quote ? 2 : 1
        }
        values.append(String(decoding: value, as: UTF8.self))
      }!
      let number = seen.records.count
      if let problem = record.problem {
        seen.records.append(nil)
        seen.failures.append("\(number)@\(problem.offset) \(problem.reason.text)")
      } else if String(validating: bytes[at..<record.end], as: UTF8.self) == nil {
        let place = (at...record.end).last { String(validating: bytes[at..<$0], as: UTF8.self) != nil }!
        seen.records.append(nil)
        seen.failures.append(
          "\(number)@\(place) the record is not UTF-8 (source.encoding says what it is)")
      } else if record.fieldCount != fields {
        seen.records.append(nil)
        let way = record.fieldCount < fields ? "few" : "many"
        seen.failures.append(
          "\(number)@\(at) the record has \(record.fieldCount) fields where \(fields) are expected: too \(way)")
      } else {
        seen.records.append(values)
      }
      blanks =
        record.problem == nil && record.fieldCount == 1 && raw.isEmpty && bytes[record.end - 1] == 0x0A
        ? blanks + 1 : 0
      at = record.end
    }
    // A chunk of blanks alone is nothing.
    for _ in 0..<blanks {
      seen.records.removeLast()
      if fields != 1 { seen.failures.removeLast() }
    }
  }
  return seen
}
