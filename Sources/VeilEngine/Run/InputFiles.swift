import VeilConfig
import VeilGround

/// The input files of a run behind their headers, from the first to the last, once for each pass.
///
/// The first file is opened before any pass: its header says which fields there are. The first pass goes on from where
/// the header ended. Every other header must be the same.
final class InputFiles {
  /// The names of the fields; empty for JSON, where each record names its own.
  let header: [String]
  private let input: RunInput
  private let source: SourceForm
  /// The first file, until the first pass takes it.
  private var first: File?
  private var passesLeft: Int

  /// One file from the end of its header on.
  struct File {
    /// As messages call it.
    let name: String
    let reader: ChunkReader
    fileprivate let opened: RunInput.Opened
  }

  /// - Parameters:
  ///   - first: the first file of `input`, of which nothing was read yet.
  ///   - passes: how often the input will be read. What can be read only once is spooled for more than one pass.
  init(_ input: RunInput, first: RunInput.Opened, _ source: SourceForm, passes: Int) throws {
    self.input = input
    self.source = source
    passesLeft = passes
    let reader = source.reader(first)
    header = try source.judgedHeader(reader)
    self.first = File(name: first.name, reader: reader, opened: first)
  }

  /// Makes one pass: hands each file to `body` and checks that it did not change meanwhile.
  func readAll(_ body: (File) throws -> Void) throws {
    passesLeft -= 1
    for index in input.paths.indices {
      let file = try next(index)
      try body(file)
      try input.close(file.opened)
    }
  }

  private func next(_ index: Int) throws -> File {
    if let file = first {
      first = nil
      return file
    }
    let opened = try input.open(index, comesAgain: passesLeft > 0)
    let reader = source.reader(opened)
    if try source.header(reader) != header {
      throw RunError(.mismatch, "\(opened.name): its header is not the same as that of the files before it")
    }
    return File(name: opened.name, reader: reader, opened: opened)
  }
}

/// How the bytes of the input are cut into records.
struct SourceForm {
  let format: DataFormat
  private let csv: CSVFormat
  private let dialect: CSVDialect
  /// The names that the pipeline gives to fields.
  private let known: Set<String>
  /// Whether broken records are passed over, for which their ends must be found exactly.
  private let isExact: Bool
  private let chunkBytes: Int

  init(_ config: PipelineConfig, _ format: DataFormat, chunkBytes: Int) {
    self.format = format
    csv = CSVFormat(config.source.csv, format: format)
    dialect = config.source.csv
    let named =
      config.fields.map(\.path) + config.records.filters.map(\.field) + [config.source.subject].compactMap { $0 }
    known = Set(named.map { $0.singleKey ?? $0.description })
    isExact = config.badRecords.action == .skip
    self.chunkBytes = max(1, chunkBytes)
  }

  fileprivate func reader(_ opened: RunInput.Opened) -> ChunkReader {
    ChunkReader(opened.source, name: opened.name, splitter: splitter(), targetBytes: chunkBytes)
  }

  private func splitter() -> any RecordSplitter {
    switch format {
    case .csv, .tsv: CSVSplitter(format: csv, isExact: isExact)
    case .ndjson: NDJSONSplitter()
    case .json: JSONArraySplitter()
    }
  }

  /// Reads the header; nothing of JSON.
  fileprivate func header(_ reader: ChunkReader) throws(InputError) -> [String] {
    guard format.isSeparated else { return [] }
    return try reader.readHeader(format: csv, hasHeader: dialect.header, file: reader.name)
  }

  /// Does the same, and stops where the first record seems to be data.
  fileprivate func judgedHeader(_ reader: ChunkReader) throws -> [String] {
    guard format.isSeparated else { return [] }
    return try reader.readHeader(format: csv, dialect: dialect, known: known) { finding in
      RunError(
        .mismatch,
        "\(reader.name): \(finding.text): is it a header? For a file without one write  csv: {header: false}  under "
          + "'source' (its fields are then c1, c2, …); if it is one, write  csv: {header: true}")
    }
  }
}
