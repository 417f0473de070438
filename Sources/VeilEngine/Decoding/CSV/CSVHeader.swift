import VeilGround

/// Reads the first record of a CSV file: the names of the fields.
enum CSVHeader {
  /// Reads the names at the front of `bytes`. Returns nil if it needs more bytes. Otherwise returns the names and how
  /// many bytes they took, including a byte order mark.
  static func read(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, isEnd: Bool, format: CSVFormat, hasHeader: Bool, file: String
  ) throws(InputError) -> (names: [String], consumed: Int)? {
    if count < 4 && !isEnd { return nil }
    let mark = unsafe count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    let scanner = unsafe CSVRecordScanner(bytes: bytes, count: count, format: format)
    var fields: [CSVRecordScanner.Field] = []
    guard let record = scanner.record(at: mark, isEnd: isEnd, { _, field in fields.append(field) }) else { return nil }
    if count == mark {
      if hasHeader { throw InputError("\(file): the file is empty: there is no header to name the fields") }
      return ([], mark)
    }
    guard hasHeader else { return ((1...max(1, record.fieldCount)).map { "c\($0)" }, mark) }
    if let problem = record.problem {
      throw InputError("\(file): header, byte offset \(problem.offset): \(problem.reason.text)")
    }
    var names: [String] = []
    for field in fields {
      guard let name = unsafe name(of: field, in: bytes, format: format) else {
        throw InputError("\(file): header, byte offset \(field.start): the name is not UTF-8")
      }
      names.append(name)
    }
    return (names, record.end)
  }

  private static func name(
    of field: CSVRecordScanner.Field, in bytes: UnsafePointer<UInt8>, format: CSVFormat
  ) -> String? {
    var text: [UInt8] = []
    var at = field.isQuoted ? field.start + 1 : field.start
    let end = field.isQuoted ? field.end - 1 : field.end
    while at < end {
      let byte = unsafe bytes[at]
      text.append(byte)
      at += field.isQuoted && byte == format.quote ? 2 : 1
    }
    return String(validating: text, as: UTF8.self)
  }
}

extension ChunkReader {
  /// Reads a CSV header, or makes up names if there is none.
  func readHeader(format: CSVFormat, hasHeader: Bool, file: String) throws(InputError) -> [String] {
    var names: [String] = []
    unsafe try readPrefix { bytes, count, isEnd throws(InputError) in
      let header = unsafe try CSVHeader.read(
        bytes, count, isEnd: isEnd, format: format, hasHeader: hasHeader, file: file)
      guard let header else { return nil }
      names = header.names
      return header.consumed
    }
    return names
  }
}
