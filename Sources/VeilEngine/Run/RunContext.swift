import VeilConfig
import VeilCrypto

/// What all passes and files of a run have in common: keys, lists, formats, and the layout that the first file gave.
final class RunContext {
  let threads: Int
  /// What stages report about the run as a whole.
  let ledger = TokenRegister()
  /// The declared checks.
  let checks: DeclaredChecks
  private(set) var policy: BadRecordPolicy
  /// What subjects are digested under to be told apart: random, unless histograms are to be joined later.
  var subjectKey = SecretBytes.random(count: 32)
  private var compiled: CompiledPipeline
  private let options: RunOptions
  private let input: RunInput
  /// What each sink writes.
  private let formats: [DataFormat]
  private let keys: KeyStore
  private(set) var lists: RunLists?

  /// What tells sensitive values apart, for the formats that are written in fact, too.
  var publishedForm: PublishedForm {
    var form = compiled.publishedForm
    if formats.contains(where: Stations.isCSV) { form.isText = true }
    if formats.contains(where: { !Stations.isCSV($0) }) { form.isJSON = true }
    return form
  }

  private var header: [String]?
  private var layouts: [Layout]?

  init(
    _ compiled: CompiledPipeline, _ options: RunOptions, input: RunInput, formats: [DataFormat], keys: KeyStore
  ) {
    self.compiled = compiled
    self.options = options
    self.input = input
    self.formats = formats
    self.keys = keys
    threads = options.workerCount
    checks = DeclaredChecks(compiled.config.checks)
    policy = BadRecordPolicy(
      rule: compiled.config.badRecords, format: input.format, fieldNames: FieldNames(), quarantine: options.quarantine,
      badBefore: options.monitor.badBefore)
  }

  /// Throws where a declared check says that nothing may be published.
  func checkDeclared(_ tally: Tally, _ recoding: Recoding?) throws(RunError) {
    if let recoding, let text = recoding.kept?.warning(countsSubjects: recoding.summary.countsSubjects) {
      options.monitor.warn(text)
    }
    let results = checks.results(tally, recoding, config: compiled.config, manifest: options.manifest)
    try checks.enforce(results, options.monitor)
  }

  /// Meets one file with the pipeline: its header is read, and must be that of the files before it.
  /// - Returns: What makes the stations of each lane.
  func stations(
    for source: any ByteSource, name: String
  ) throws -> (lanes: [Stations], reader: ChunkReader) {
    let asOf = options.asOf ?? .today()
    let lists = try self.lists ?? RunLists.read(compiled, keys: keys, asOf: asOf, threads: threads)
    self.lists = lists
    compiled.setCorrectedFields(lists.corrections?.fields ?? [])
    let drafts = zip(compiled.lanes, formats).map { lane, format in
      Stations(
        pipeline: lane, layout: Layout.empty, source: input.format, sink: format, keys: keys,
        asOf: asOf, lists: lists, ledger: ledger)
    }
    for draft in drafts { try checkDialects(draft) }
    let reader = ChunkReader(
      source, name: name, splitter: drafts[0].splitter(), targetBytes: max(1, options.chunkBytes))
    var names: [String] = []
    if Stations.isCSV(input.format) {
      names = try reader.readHeader(
        format: drafts[0].sourceCSV, hasHeader: compiled.config.source.csv.header, file: name)
    }
    if let header, header != names {
      throw RunError(.mismatch, "\(name): its header is not the same as that of the files before it")
    }
    let layouts = try self.layouts ?? drafts.map { try makeLayout($0, names, name) }
    self.layouts = layouts
    header = names
    policy.fieldNames.names = layouts[0].fields.map(\.name)
    return (zip(drafts, layouts).map { $0.with($1) }, reader)
  }

  private func checkDialects(_ lane: Stations) throws(RunError) {
    for (format, csv, section) in [(lane.source, lane.sourceCSV, "source"), (lane.sink, lane.sinkCSV, "sink")]
    where Stations.isCSV(format) && csv.delimiter == csv.quote {
      throw RunError(.invalid, "\(section).csv: delimiter and quote must differ")
    }
  }

  private func makeLayout(_ lane: Stations, _ names: [String], _ file: String) throws(RunError) -> Layout {
    let isAggregate = lane.pipeline.config.sinks[0].aggregate != nil
    let toCSV = Stations.isCSV(lane.sink)
    if Stations.isCSV(lane.source) {
      // Where each cell is looked at, none is copied along with its neighbours.
      let looks = isAggregate || lane.pipeline.config.sinks[0].csv.guardsFormulas
      return try Layout(
        lane.pipeline, header: names, copies: toCSV && !looks && lane.sourceCSV == lane.sinkCSV, file: file)
    }
    if toCSV && lane.pipeline.config.unlisted == .keep {
      throw RunError(
        .invalid, "JSON to CSV needs every field that leaves under 'fields': 'unlisted: keep' cannot name the columns")
    }
    return Layout(json: lane.pipeline, extractsKept: toCSV || isAggregate)
  }
}

extension Stations {
  func with(_ layout: Layout) -> Stations {
    Stations(
      pipeline: pipeline, layout: layout, source: source, sink: sink, keys: keys, asOf: asOf, lists: lists,
      ledger: ledger)
  }
}
