import VeilConfig
import VeilCrypto

/// One run of a pipeline, from input bytes to published bytes. This file reads as the whole program:
///
///     bytes ─► Input ─► Decoding ─► Records ─► Filters ─► Stages ─► (Anonymity) ─► Encoding ─► Output ─► bytes
///
/// Chunks of whole records go through stations, one a thread, and come out in input order. With `anonymity` there are
/// two passes: the first observes the quasi-identifiers, then the recoding is decided once, and the second applies it.
public struct Pipeline {
  let compiled: CompiledPipeline
  let options: RunOptions
  private var config: PipelineConfig { compiled.config }

  public init(_ compiled: CompiledPipeline, _ options: RunOptions) {
    self.compiled = compiled
    var options = options
    // One day for the whole run, should midnight come between its passes.
    options.asOf = options.asOf ?? .today()
    self.options = options
  }

  /// Runs, publishes, and says what happened. Whatever throws, nothing was published.
  public func run() throws(RunError) -> RunReport {
    do { return try export() } catch { throw RunError(any: error) }
  }

  private func export() throws -> RunReport {
    let started = Timestamp.now()
    let keys = try KeyStore.load(compiled)
    let input = try RunInput(compiled, options)
    let target = try RunOutput.target(compiled, options, source: input.format)
    if options.preview == nil {
      try PathConflicts.check(config, inputs: input.paths, output: target.path, manifest: options.manifest)
    }
    let context = RunContext(compiled, options, input: input, target: target, keys: keys)

    var decision: Recoding?
    if let anonymity = config.anonymity {
      let observed = try observe(input, context)
      decision = try Recoding.decide(observed.table, anonymity, observedTally: observed.tally, threads: context.threads)
    }

    let output = try RunOutput(path: target.path, format: target.format, options: options)
    let tally = try publish(input, output, decision, context)
    // A preview stops early, and its counts are of no use.
    if options.preview == nil { try decision?.check(tally) }
    try context.ledger.check()

    let report = RunReport(
      compiled, options, started: started, tally: tally, input: input, output: output, keys: keys, lists: context.lists,
      recoding: decision)
    guard tally.addsUp || options.preview != nil else {
      throw RunError(.inputOutput, "the counts of records do not add up; nothing was published")
    }
    let publications = PublicationSet()
    output.addTo(publications)
    if !options.isDryRun, options.preview == nil { try context.ledger.addCrosswalks(to: publications) }
    if let path = options.manifest, !options.isDryRun, options.preview == nil {
      try report.writeManifest(to: path, publications)
    }
    try publications.commit()
    return report
  }

  /// Pass one of two: how often each combination of quasi-identifiers occurs, and what happened to the records.
  private func observe(_ input: RunInput, _ context: RunContext) throws -> (table: QuasiTable, tally: Tally) {
    let state = PassState(policy: context.policy)
    var observers: [ObserveStation] = []
    try eachFile(input, state, context, comesAgain: true) { stations, reader in
      if observers.isEmpty {
        observers = try Recoding.observers(stations, config: config, threads: context.threads, state: state)
      }
      try Conveyor.run(reader, through: observers)
    }
    try state.policy.judgeEnd(state.tally)
    return (Recoding.table(merging: observers), state.tally)
  }

  /// The only pass, or the second: every record to its place in the output.
  private func publish(
    _ input: RunInput, _ output: RunOutput, _ decision: Recoding?, _ context: RunContext
  ) throws -> Tally {
    let state = PassState(policy: context.policy)
    let preview = options.preview.map { Preview($0) }
    var exporters: [ExportStation] = []
    var edges: (any RecordEncoder)?
    do {
      try eachFile(input, state, context, comesAgain: false) { stations, reader in
        if exporters.isEmpty {
          let encoder = stations.encoder()
          var header = ByteBuffer()
          encoder.header(into: &header)
          try output.write(header)
          edges = encoder
          exporters = try (0..<context.threads).map { _ in
            ExportStation(
              try stations.steps(stations.layout), apply: decision?.applier(stations.layout),
              encoder: stations.encoder(),
              state: state, output: output, preview: preview)
          }
        }
        try Conveyor.run(reader, through: exporters)
      }
    } catch is Preview.Done {}
    var footer = ByteBuffer()
    edges?.footer(isEmpty: !output.hasRecords, into: &footer)
    try output.write(footer)
    try output.finish()
    if options.preview == nil { try state.policy.judgeEnd(state.tally) }
    return state.tally
  }

  /// Opens each input file in turn, reads its header, meets it with the pipeline, and hands its chunks to `body`.
  private func eachFile(
    _ input: RunInput, _ state: PassState, _ context: RunContext, comesAgain: Bool,
    _ body: (_ stations: Stations, _ reader: ChunkReader) throws -> Void
  ) throws {
    for index in input.paths.indices {
      try input.read(index, comesAgain: comesAgain) { source in
        let name = input.name(of: index)
        let stations = try context.stations(for: source, name: name)
        (state.file, state.recordsBefore) = (name, state.tally.read)
        try body(stations.stations, stations.reader)
      }
    }
  }
}
