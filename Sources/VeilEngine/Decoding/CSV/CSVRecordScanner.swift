/// Reads CSV one byte at a time. It is exact for any bytes, and it defines what a record is.
///
/// A field is quoted if its first byte is a quote. A record ends at a line feed outside quotes. A record is malformed
/// where RFC 4180 has no rule: a quote inside an unquoted field, text after a closing quote, a carriage return outside
/// quotes that no line feed follows, a quote left open. A malformed record ends at the next line feed, even inside
/// quotes, so that one bad record does not make the following ones bad.
///
/// Sound because no index goes past `count`.
@safe
struct CSVRecordScanner {
  let bytes: UnsafePointer<UInt8>
  let count: Int
  let format: CSVFormat

  struct Field {
    /// The raw field, including quotes.
    var start: Int
    var end: Int
    var isQuoted: Bool
    var hasDoubledQuotes: Bool
  }

  struct Record {
    /// The position after the line feed.
    var end: Int
    var fieldCount: Int
    var problem: (reason: FailureReason, offset: Int)?
  }

  init(bytes: UnsafePointer<UInt8>, count: Int, format: CSVFormat) {
    unsafe self.bytes = bytes
    self.count = count
    self.format = format
  }

  /// Reads the record that begins at `start`. Returns nil if the bytes end before the record does. If `isEnd` is true,
  /// no bytes follow, and then the record ends where the bytes end.
  func record(at start: Int, isEnd: Bool, _ field: (_ index: Int, _ field: Field) -> Void) -> Record? {
    var at = start
    var index = 0
    while true {
      var found = Field(start: at, end: at, isQuoted: false, hasDoubledQuotes: false)
      if at < count, unsafe bytes[at] == format.quote {
        found.isQuoted = true
        at += 1
        while true {
          while at < count, unsafe bytes[at] != format.quote { at += 1 }
          guard at < count else {
            if !isEnd { return nil }
            return malformed(
              "a quote is left open", at: found.start, from: found.start + 1, isEnd: true, fieldCount: index + 1)
          }
          at += 1
          guard at < count, unsafe bytes[at] == format.quote else { break }
          found.hasDoubledQuotes = true
          at += 1
        }
        if at == count && !isEnd { return nil }
      } else {
        while at < count {
          let byte = unsafe bytes[at]
          if byte == format.delimiter || byte == CSVFormat.lineFeed { break }
          if byte == CSVFormat.carriageReturn { break }
          if byte == format.quote {
            return malformed(
              "a quote stands inside an unquoted field", at: at, from: at, isEnd: isEnd, fieldCount: index + 1)
          }
          at += 1
        }
      }
      found.end = at
      if at < count, unsafe bytes[at] == CSVFormat.carriageReturn {
        at += 1
        if at == count && !isEnd { return nil }
        if at < count, unsafe bytes[at] != CSVFormat.lineFeed {
          return malformed(
            "a carriage return stands outside quotes and no line feed follows it", at: at - 1, from: at,
            isEnd: isEnd, fieldCount: index + 1)
        }
      }
      field(index, found)
      index += 1
      if at == count { return isEnd ? Record(end: at, fieldCount: index, problem: nil) : nil }
      let byte = unsafe bytes[at]
      at += 1
      if byte == CSVFormat.lineFeed { return Record(end: at, fieldCount: index, problem: nil) }
      if byte != format.delimiter {
        return malformed(
          "text stands behind a closing quote", at: at - 1, from: at - 1, isEnd: isEnd, fieldCount: index)
      }
    }
  }

  /// Returns a record that cannot be read. It ends at the first line feed from `from` on.
  private func malformed(
    _ reason: StaticString, at offset: Int, from: Int, isEnd: Bool, fieldCount: Int
  ) -> Record? {
    var at = from
    while at < count, unsafe bytes[at] != CSVFormat.lineFeed { at += 1 }
    if at == count && !isEnd { return nil }
    return Record(end: min(at + 1, count), fieldCount: fieldCount, problem: (FailureReason(reason), offset))
  }
}
