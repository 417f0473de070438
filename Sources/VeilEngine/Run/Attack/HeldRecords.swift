import VeilConfig
import VeilCrypto
import VeilGround

/// Reads what an attack compares a release with: the original, or records that were held out. Of each record that the
/// pipeline's filters let pass it keeps the fields that leave, as their stages leave them: an attacker knows the pipeline,
/// and can do to a value what was done to the released ones, except where a key is needed.
enum HeldRecords {
  /// The pipeline that reads them, as one sink's view would: without anonymity and whatever else follows the stages.
  static func pipeline(_ view: CompiledPipeline) -> CompiledPipeline {
    var config = view.config
    config.source.subject = nil
    config.checks = []
    config.anonymity = nil
    config.microaggregation = nil
    config.unlisted = .drop
    config.sinks = Array(config.sinks.prefix(1))
    config.sinks[0].fields = []
    config.sinks[0].aggregate = nil
    // Each field in a column of its own, none copied with its neighbours.
    config.sinks[0].csv.guardsFormulas = true
    let fields = view.fields.compactMap { field -> CompiledField? in
      guard !field.isDropped, field.stages.allSatisfy({ $0.keyUse == nil }) else { return nil }
      var config = field.config
      config.isOptional = true
      return CompiledField(
        config: config, stages: field.stages, isDropped: false, quasiIndex: nil, isWhole: field.isWhole)
    }
    config.fields = fields.map(\.config)
    var held = CompiledPipeline(
      config: config, fields: fields, erasureNormalization: view.erasureNormalization,
      ledgerNormalization: view.ledgerNormalization, correctionNormalization: view.correctionNormalization)
    held.correctedFields = view.correctedFields
    return held
  }

  /// Reads a file.
  /// - Parameters:
  ///   - pipeline: what `pipeline(_:)` made of a view.
  ///   - path: takes the place of `source.path`.
  ///   - keys: those of the run; nil where they are to be loaded if any are needed.
  static func table(
    _ pipeline: CompiledPipeline, _ path: String, options: RunOptions, keys: KeyStore? = nil
  ) throws -> AttackTable {
    var own = RunOptions(toolVersion: options.toolVersion)
    (own.input, own.asOf, own.threads, own.chunkBytes) = (path, options.asOf, options.threads, options.chunkBytes)
    let job = RunJob(pipeline.config, own)
    let stages =
      pipeline.erasureNormalization + pipeline.ledgerNormalization + pipeline.correctionNormalization
    let keys = try keys ?? (stages.contains { $0.keyUse != nil } ? KeyStore.load(pipeline) : KeyStore([:]))
    let input = try RunInput(pipeline, job)
    let context = try RunContext(pipeline, job, input: input, formats: [.csv], keys: keys, passes: 1)
    return try table(context.views[0], context, name: path, judges: true)
  }

  /// Reads the input of a run once more.
  /// - Parameter judges: whether a bad record may end the run.
  static func table(
    _ view: ExportView, _ context: RunContext, name: String, judges: Bool
  ) throws -> AttackTable {
    let fields = view.layout.fields.filter { $0.isEmitted && $0.column != nil }
    let held = Held(AttackTable(name, AttackTable.Form()))
    held.table.meet(fields.map(\.path))
    let state = context.beginPass()
    let stations = try (0..<Conveyor.stationCount(threads: context.threads)).map { _ in
      HeldStation(
        try ExportView.work(for: [view]), columns: fields.compactMap(\.column), held, state: judges ? state : nil,
        source: view.source)
    }
    try context.pass(state, through: stations, threads: context.threads)
    if judges { try state.policy.judgeEnd(state.tally) }
    return held.table
  }

  /// Touched by the station whose turn it is.
  fileprivate final class Held {
    var table: AttackTable
    init(_ table: AttackTable) { self.table = table }
  }
}

/// Decodes, filters and rewrites, and adds the values to the table in input order.
private final class HeldStation: Station {
  private let work: StationWork
  private let columns: [Int]
  private let held: HeldRecords.Held
  private let state: PassState?
  private let source: DataFormat
  private var offset = 0

  init(_ work: StationWork, columns: [Int], _ held: HeldRecords.Held, state: PassState?, source: DataFormat) {
    (self.work, self.columns, self.held, self.state, self.source) = (work, columns, held, state, source)
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    work.prepare(chunk)
    let batch = work.views[0].batch
    for number in columns { batch.columns[number].unescape(batch.escapes) }
  }

  func deliver() throws {
    try state?.count(work.views, offset: offset)
    held.table.digest(work.views[0].batch, in: source)
    try held.table.add(work.views[0].batch, columns: columns)
  }
}

extension RunContext {
  /// A view with other rules of what this run reads.
  func view(_ pipeline: CompiledPipeline, like other: ExportView) throws(RunError) -> ExportView {
    ExportView(
      pipeline: pipeline,
      layout: try Layout(pipeline, header: header, source: other.source, sink: .csv, file: inputName),
      source: other.source, sink: .csv, keys: other.keys, asOf: other.asOf, lists: lists, register: TokenRegister())
  }
}
