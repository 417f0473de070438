import VeilConfig

/// The bytes that give a CSV file its structure.
struct CSVFormat: Sendable, Equatable {
  var delimiter: UInt8
  var quote: UInt8

  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  init(delimiter: UInt8, quote: UInt8) {
    self.delimiter = delimiter
    self.quote = quote
  }

  /// Takes the bytes of a dialect, with a comma (a tab in TSV) and a double quote as the default.
  init(_ dialect: CSVDialect, format: DataFormat) {
    delimiter = dialect.delimiter ?? UInt8(ascii: format == .tsv ? "\t" : ",")
    quote = dialect.quote ?? UInt8(ascii: "\"")
  }
}
