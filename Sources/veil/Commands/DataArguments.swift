import ArgumentParser
import VeilConfig
import VeilEngine

/// The arguments that all commands share that read data without a pipeline.
struct DataArguments: ParsableArguments {
  @Argument(
    help: "The data: CSV, TSV, NDJSON or a JSON array, also .gz and .zst; '-' is standard input.", completion: .file())
  var data: String

  @Option(help: "csv, tsv, ndjson or json; by default by the file's name.")
  var format: String?

  @Option(help: "The sign between CSV fields, where it is no comma.")
  var delimiter: String?

  @Flag(help: "The CSV's first record is data; its fields are then c1, c2, …")
  var noHeader = false

  @Flag(help: "The CSV's first record is a header, even if it looks like data.")
  var header = false

  @Option(help: "The text's encoding, such as windows-1252; by default utf-8, or utf-16 with a byte order mark.")
  var encoding: String?

  @Option(help: "Worker threads; by default one for each processor.")
  var threads: Int?

  func validate() throws {
    if let format, DataFormat(rawValue: format) == nil {
      throw ValidationError("--format takes csv, tsv, ndjson or json")
    }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads takes 1 to 256") }
    if let encoding, TextEncoding(encoding) == nil {
      throw ValidationError("--encoding takes utf-8, utf-16, windows-1252, iso-8859-15 or what  iconv -l  lists")
    }
    if header, noHeader { throw ValidationError("--header and --no-header exclude each other") }
    if delimiter != nil, delimiterByte == nil { throw ValidationError("--delimiter takes one ASCII character, or \\t") }
  }

  private var delimiterByte: UInt8? {
    guard let delimiter else { return nil }
    if delimiter == "\\t" || delimiter == "\t" { return 0x09 }
    guard delimiter.utf8.count == 1, let byte = delimiter.utf8.first, byte > 0x20, byte < 0x7F else { return nil }
    return byte
  }

  var options: DataOptions {
    var options = DataOptions(path: data)
    options.format = format.flatMap { DataFormat(rawValue: $0) } ?? (data == "-" ? .csv : nil)
    options.csv = CSVDialect(
      delimiter: delimiterByte, header: !noHeader, isHeaderStated: header || noHeader)
    options.encoding = encoding.flatMap { TextEncoding($0) }
    options.threads = threads
    return options
  }
}
