import VeilConfig
import VeilCrypto

/// What all passes and files of a run have in common: keys, lists, formats, and the layout that the first file gave.
final class RunContext {
  let threads: Int
  /// What stages report about the run as a whole.
  let ledger = RunLedger()
  private(set) var policy: BadRecordPolicy
  private var compiled: CompiledPipeline
  private let options: RunOptions
  private let input: RunInput
  private let target: (path: String, format: DataFormat)
  private let keys: KeyStore
  private(set) var lists: RunLists?
  private var header: [String]?
  private var layout: Layout?

  init(
    _ compiled: CompiledPipeline, _ options: RunOptions, input: RunInput, target: (path: String, format: DataFormat),
    keys: KeyStore
  ) {
    self.compiled = compiled
    self.options = options
    self.input = input
    self.target = target
    self.keys = keys
    threads = options.workerCount
    policy = BadRecordPolicy(rule: compiled.config.badRecords, fieldNames: FieldNames())
  }

  /// Meets one file with the pipeline: its header is read, and must be that of the files before it.
  func stations(
    for source: any ByteSource, name: String
  ) throws -> (stations: Stations, reader: ChunkReader) {
    for (format, section) in [(input.format, "source"), (target.format, "sink")] where Stations.isCSV(format) {
      let dialect = section == "source" ? compiled.config.source.csv : compiled.config.sinks[0].csv
      let csv = CSVFormat(dialect, format: format)
      if csv.delimiter == csv.quote { throw RunError(.invalid, "\(section).csv: delimiter and quote must differ") }
    }
    let asOf = options.asOf ?? .today()
    let lists = try self.lists ?? RunLists.read(compiled, keys: keys, asOf: asOf, threads: threads)
    self.lists = lists
    compiled.correctedFields = lists.corrections?.fields ?? []
    let draft = Stations(
      pipeline: compiled, layout: Layout.empty, source: input.format, sink: target.format, keys: keys,
      asOf: asOf, lists: lists, ledger: ledger)
    let reader = ChunkReader(source, name: name, splitter: draft.splitter(), targetBytes: max(1, options.chunkBytes))
    var names: [String] = []
    if Stations.isCSV(input.format) {
      names = try reader.readHeader(
        format: draft.sourceCSV, hasHeader: compiled.config.source.csv.header, file: name)
    }
    if let header, header != names {
      throw RunError(.mismatch, "\(name): its header is not the same as that of the files before it")
    }
    let layout = try self.layout ?? makeLayout(draft, names, name)
    self.layout = layout
    header = names
    policy.fieldNames.names = layout.fields.map(\.name)
    return (draft.with(layout), reader)
  }

  private func makeLayout(_ stations: Stations, _ names: [String], _ file: String) throws(RunError) -> Layout {
    let toCSV = Stations.isCSV(target.format)
    if Stations.isCSV(input.format) {
      return try Layout(
        compiled, header: names, copies: toCSV && stations.sourceCSV == stations.sinkCSV, file: file)
    }
    if toCSV && compiled.config.unlisted == .keep {
      throw RunError(
        .invalid, "JSON to CSV needs every field that leaves under 'fields': 'unlisted: keep' cannot name the columns")
    }
    return Layout(json: compiled, extractsKept: toCSV)
  }
}

extension Stations {
  func with(_ layout: Layout) -> Stations {
    Stations(
      pipeline: pipeline, layout: layout, source: source, sink: sink, keys: keys, asOf: asOf, lists: lists,
      ledger: ledger)
  }
}
