/// Reads CSV one byte at a time. It is exact for any bytes, and it defines what a record is.
///
/// A field is quoted if its first byte is a quote. A record ends at a line feed outside quotes. A record is malformed
/// where RFC 4180 has no rule: a quote inside an unquoted field, text after a closing quote, a carriage return outside
/// quotes that no line feed follows, a quote left open. A malformed record is its first line, even if that ends inside
/// quotes: a stray quote costs its own line, and not all lines up to the next quote. Then its quote counts as left open,
/// wherever the reason was found, so that what is said depends on no byte behind the line.
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
    // The quoted field in which the record's first line ends.
    var openField: Int?
    while true {
      var found = Field(start: at, end: at, isQuoted: false, hasDoubledQuotes: false)
      if at < count, unsafe bytes[at] == format.quote {
        found.isQuoted = true
        at += 1
        while true {
          while at < count, unsafe bytes[at] != format.quote {
            if openField == nil, unsafe bytes[at] == CSVFormat.lineFeed { openField = found.start }
            at += 1
          }
          guard at < count else {
            if !isEnd { return nil }
            return malformed(Self.leftOpen, at: found.start, start, openField, isEnd: true, fieldCount: index + 1)
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
            return malformed(Self.quoteInside, at: at, start, openField, isEnd: isEnd, fieldCount: index + 1)
          }
          at += 1
        }
      }
      found.end = at
      if at < count, unsafe bytes[at] == CSVFormat.carriageReturn {
        at += 1
        if at == count && !isEnd { return nil }
        if at < count, unsafe bytes[at] != CSVFormat.lineFeed {
          return malformed(Self.bareReturn, at: at - 1, start, openField, isEnd: isEnd, fieldCount: index + 1)
        }
      }
      field(index, found)
      index += 1
      if at == count { return isEnd ? Record(end: at, fieldCount: index, problem: nil) : nil }
      let byte = unsafe bytes[at]
      at += 1
      if byte == CSVFormat.lineFeed { return Record(end: at, fieldCount: index, problem: nil) }
      if byte != format.delimiter {
        return malformed(Self.textBehind, at: at - 1, start, openField, isEnd: isEnd, fieldCount: index)
      }
    }
  }

  private static let leftOpen = FailureReason("a quote is left open", .quote)
  private static let quoteInside = FailureReason("a quote stands inside an unquoted field", .quote)
  private static let textBehind = FailureReason("text stands behind a closing quote", .quote)
  private static let bareReturn = FailureReason(
    "a carriage return stands outside quotes and no line feed follows it", .lineEnd)

  /// Returns a record that cannot be read: its first line.
  /// - Parameter openField: the quoted field in which that line ends; nil if the reason stands in the line itself.
  private func malformed(
    _ reason: FailureReason, at offset: Int, _ start: Int, _ openField: Int?, isEnd: Bool, fieldCount: Int
  ) -> Record? {
    var at = start
    while at < count, unsafe bytes[at] != CSVFormat.lineFeed { at += 1 }
    if at == count && !isEnd { return nil }
    let problem = openField.map { (Self.leftOpen, $0) } ?? (reason, offset)
    return Record(end: min(at + 1, count), fieldCount: fieldCount, problem: problem)
  }
}
