import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// What all passes of a run have in common: keys, lists, and each sink's view of the data, laid out by the first header.
final class RunContext {
  let threads: Int
  /// What stages report about the run as a whole.
  let register = TokenRegister()
  /// The declared checks.
  let checks: DeclaredChecks
  let policy: BadRecordPolicy
  /// What subjects are digested under to be told apart: random, unless histograms are to be joined later.
  let subjectKey: SecretBytes
  let lists: RunLists
  /// One for each sink.
  let views: [ExportView]
  private let compiled: CompiledPipeline
  private let job: RunJob
  private let files: InputFiles

  /// Opens the first input file, reads the lists and then the header, and lays out what each sink gets.
  /// - Parameters:
  ///   - formats: what each sink writes.
  ///   - passes: how often the input will be read.
  init(
    _ compiled: CompiledPipeline, _ job: RunJob, input: RunInput, formats: [DataFormat], keys: KeyStore,
    passes: Int, subjectKey: SecretBytes = .random(count: 32)
  ) throws {
    let (threads, asOf, register) = (job.options.workerCount, job.day, self.register)
    input.note(0)
    let first = try input.open(0, comesAgain: passes > 1)
    let lists = try RunLists.read(compiled, keys: keys, asOf: asOf, threads: threads)
    var compiled = compiled
    compiled.setCorrectedFields(lists.corrections?.fields ?? [])
    for (view, format) in zip(compiled.views, formats) {
      try Self.checkDialects(view.config, source: input.format, sink: format)
    }
    let form = TableForm(
      input.format, compiled.config.source.csv, isExact: compiled.config.badRecords.action == .skip || job.trial != nil)
    let files = try InputFiles(
      input, first: first, form: form, chunkBytes: job.options.chunkBytes, passes: passes
    ) { chunks in try Self.readHeader(of: chunks, form, compiled) }
    views = try zip(compiled.views, formats).map { view, format in
      ExportView(
        pipeline: view,
        layout: try Layout(view, header: files.header, source: input.format, sink: format, file: first.name),
        source: input.format, sink: format, keys: keys, asOf: asOf, lists: lists, register: register)
    }
    policy = BadRecordPolicy(
      rule: compiled.config.badRecords, format: input.format, fieldNames: views[0].layout.fields.map(\.name),
      quarantine: job.quarantine, badBefore: job.monitor.badBefore, trial: job.trial)
    checks = DeclaredChecks(compiled.config.checks)
    (self.threads, self.subjectKey, self.lists, self.files) = (threads, subjectKey, lists, files)
    (self.compiled, self.job) = (compiled, job)
    inputName = input.paths.count == 1 ? input.name(of: 0) : "\(input.paths.count) input files"
  }

  /// Reads a header, and refuses one that looks like data.
  static func readHeader(
    of chunks: ChunkReader, _ form: TableForm, _ compiled: CompiledPipeline
  ) throws -> [String] {
    let config = compiled.config
    return try chunks.readHeader(format: form.csv, dialect: config.source.csv, known: config.knownNames) { finding in
      RunError(
        .mismatch,
        "\(chunks.name): \(finding.text): is it a header? For a file without one write  csv: {header: false}  under "
          + "'source' (its fields are then c1, c2, …); if it is one, write  csv: {header: true}")
    }
  }

  private static func checkDialects(
    _ config: PipelineConfig, source: DataFormat, sink: DataFormat
  ) throws(RunError) {
    for (format, dialect, section) in [(source, config.source.csv, "source"), (sink, config.sinks[0].csv, "sink")]
    where format.isSeparated {
      let csv = CSVFormat(dialect, format: format)
      if csv.delimiter == csv.quote {
        throw RunError(.invalid, "\(section).csv: delimiter and quote must differ")
      }
    }
  }

  /// What tells sensitive values apart, for the formats that are written in fact, too.
  var publishedForm: PublishedForm {
    var form = compiled.publishedForm
    if views.contains(where: { $0.sink.isSeparated }) { form.isText = true }
    if views.contains(where: { !$0.sink.isSeparated }) { form.isJSON = true }
    return form
  }

  /// The input, as messages call it.
  let inputName: String
  /// The names of a file with delimiters.
  var header: [String] { files.header }

  /// What the stations of one pass share.
  func beginPass() -> PassState {
    job.trial?.beginPass()
    return PassState(policy: policy, monitor: job.monitor)
  }

  /// Hands the input files to `body`, one after the other. `state` gets to know where the pass stands.
  func readFiles(_ state: PassState, _ body: (InputFiles.File) throws -> Void) throws {
    try files.readAll { file in
      (state.file, state.recordsBefore) = (file.name, state.tally.read)
      try body(file)
    }
  }

  /// Makes one pass: takes every chunk of every input file through one of the stations.
  func pass(_ state: PassState, through stations: [any Station], threads: Int) throws {
    try readFiles(state) { file in
      let before = state.tally
      try Conveyor.run(file.reader, through: stations, threads: threads)
      if compiled.config.onFileError == .continue { try state.policy.judgeFile(state.tally, since: before) }
    }
  }

  /// Throws where a declared check says that nothing may be published.
  func checkDeclared(
    _ tally: Tally, _ recoding: Recoding?, measured: [[MeasuredField]]
  ) throws(RunError) {
    if let recoding, let text = recoding.kept?.warning(countsSubjects: recoding.summary.countsSubjects) {
      job.monitor.warn(text)
    }
    if let text = recoding?.candidates?.warning { job.monitor.warn(text) }
    var told: Set<String> = []
    for warning in measured.joined().flatMap(\.warnings) where told.insert(warning).inserted {
      job.monitor.warn(warning)
    }
    let results = checks.results(
      tally, recoding, measured: measured, config: compiled.config, manifest: job.options.manifest)
    try checks.enforce(results, job.monitor)
  }
}

extension PipelineConfig {
  /// The names that the pipeline gives to fields of the input.
  fileprivate var knownNames: Set<String> {
    let named = fields.map(\.path) + records.filters.map(\.field) + [source.subject].compactMap { $0 }
    return Set(named.map { $0.singleKey ?? $0.description })
  }
}
