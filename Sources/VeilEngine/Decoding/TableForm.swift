import VeilConfig
import VeilGround

/// How a table is written. This is the one place where a format decides what reads it.
struct TableForm: Sendable {
  let format: DataFormat
  let csv: CSVFormat
  /// Whether a file with delimiters begins with the names of its fields.
  let hasHeader: Bool
  /// Whether broken records are passed over. Then a splitter must find their ends exactly.
  private let isExact: Bool

  init(_ format: DataFormat, _ dialect: CSVDialect = CSVDialect(), isExact: Bool = false) {
    self.format = format
    self.isExact = isExact
    csv = CSVFormat(dialect, format: format)
    hasHeader = dialect.header
  }

  /// Makes what finds the ends of records, for one file.
  func splitter() -> any RecordSplitter {
    switch format {
    case .csv, .tsv: CSVSplitter(format: csv, isExact: isExact)
    case .ndjson: NDJSONSplitter()
    case .json: JSONArraySplitter()
    }
  }

  /// Reads the header, or makes up names if there is none. JSON has no names before its records.
  func header(_ chunks: ChunkReader) throws(InputError) -> [String] {
    guard format.isSeparated else { return [] }
    return try chunks.readHeader(format: csv, hasHeader: hasHeader, file: chunks.name)
  }

  /// A decoder, and the batch that it fills.
  typealias Decoding = (decoder: any RecordDecoder, batch: Batch)

  /// Makes a decoder and its batch, for one thread.
  /// - Parameters:
  ///   - columns: how many columns the batch has.
  ///   - fields: which field goes to which column in a file with delimiters, by its place.
  ///   - paths: the same for JSON, by the field's path.
  func decoding(
    columns: Int, fields: @autoclosure () -> CSVLayout, paths: @autoclosure () -> JSONLayout
  ) -> Decoding {
    switch format {
    case .csv, .tsv: decoding(fields(), columns: columns)
    case .ndjson: (JSONRecordDecoder(paths(), form: .lines), Batch(columnCount: columns, escapes: .json))
    case .json: (JSONRecordDecoder(paths(), form: .array), Batch(columnCount: columns, escapes: .json))
    }
  }

  /// The same where the format is known to have delimiters.
  func decoding(_ fields: CSVLayout, columns: Int) -> Decoding {
    (CSVRecordDecoder(format: csv, layout: fields), Batch(columnCount: columns, escapes: .csv(quote: csv.quote)))
  }
}
