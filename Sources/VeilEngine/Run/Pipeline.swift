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
    do {
      let publications = PublicationSet()
      let report = try export(into: publications)
      try publications.commit()
      return report
    } catch { throw RunError(any: error) }
  }

  /// Makes the export, and adds it to what is to be published.
  func export(into publications: PublicationSet) throws -> RunReport {
    try Authorization.require(compiled, on: options.asOf ?? .today())
    let keys = try KeyStore.load(compiled)
    let input = try RunInput(compiled, options)
    let targets = try RunOutput.targets(compiled, options, source: input.format)
    try PrivacyBudgetFile.check(for: compiled)
    let context = RunContext(compiled, options, input: input, formats: targets.map(\.format), keys: keys)

    options.quarantine?.begin()
    var decision: Recoding?
    if let plan = options.plan {
      decision = try Recoding.load(plan, compiled, keys: keys)
    } else if config.anonymity != nil {
      let previous = try PreviousRelease.read(compiled, keys: keys)
      options.monitor.enter(.observing)
      var observed = try observe(input, context)
      if let population = try PopulationReader.observer(compiled, options, keys: keys) {
        observed.observer.add(population: population)
      }
      options.quarantine?.beginAgain()
      options.monitor.enter(.deciding)
      decision = try Recoding.decide(
        observed.observer.finish(), config, previous: previous, observedTally: observed.tally, threads: context.threads)
    }

    let state = PassState(policy: context.policy, monitor: options.monitor)
    let averages = try Microaggregation.decide(config, context, state, options.quarantine) { body in
      try eachFile(input, state, context, comesAgain: true, body)
    }

    options.monitor.enter(.writing)
    let outputs = try targets.map { try RunOutput($0, options: options) }
    let tally = try publish(input, outputs, decision, averages, context)
    // A preview stops early, and its counts are of no use.
    if options.preview == nil {
      try decision?.check(tally)
      try averages?.check(tally)
      try context.checkDeclared(tally, decision)
    }
    try context.ledger.check()

    let report = RunReport(
      compiled, options, tally: tally, input: input, outputs: outputs, keys: keys,
      lists: context.lists, recoding: decision, averages: averages)
    guard tally.addsUp || options.preview != nil else {
      throw RunError(.inputOutput, "the counts of records do not add up; nothing was published")
    }
    if !options.isDryRun { try PrivacyBudgetFile.spend(for: compiled) }
    for output in outputs { output.addTo(publications) }
    if !options.isDryRun, options.preview == nil { try context.ledger.addCrosswalks(to: publications) }
    try decision?.save(options, compiled, keys: keys, to: publications)
    if !options.isDryRun, options.preview == nil { try report.account(options, publications) }
    return report
  }

  /// Pass one of two: how often each combination of quasi-identifiers occurs, and what happened to the records.
  func observe(_ input: RunInput, _ context: RunContext) throws -> (observer: QuasiObserver, tally: Tally) {
    let state = PassState(policy: context.policy, monitor: options.monitor)
    var observers: [ObserveStation] = []
    try eachFile(input, state, context, comesAgain: true) { lanes, reader in
      if observers.isEmpty {
        observers = try Recoding.observers(lanes, config: config, context, state)
      }
      try Conveyor.run(reader, through: observers, threads: observers.count)
    }
    try state.policy.judgeEnd(state.tally)
    return (try Recoding.merge(observers), state.tally)
  }

  /// The only pass, or the second: every record to its place in the output.
  private func publish(
    _ input: RunInput, _ outputs: [RunOutput], _ decision: Recoding?, _ averages: Microaggregation?,
    _ context: RunContext
  ) throws -> Tally {
    let state = PassState(policy: context.policy, monitor: options.monitor)
    let preview = options.preview.map { Preview($0) }
    var exporters: [ExportStation] = []
    do {
      try eachFile(input, state, context, comesAgain: false) { lanes, reader in
        if exporters.isEmpty {
          for (lane, output) in zip(lanes, outputs) {
            output.columns = lane.layout.emittedNames
            try output.begin(try lane.encoder())
          }
          exporters = try (0..<Conveyor.stationCount(threads: context.threads)).map { _ in
            let group = try Stations.group(lanes, means: averages?.plan) { try decision?.applier($0, context) }
            return ExportStation(
              group, state: state, outputs: outputs, preview: preview,
              inspectors: preview == nil ? try context.checks.inspectors(lanes) : [], checks: context.checks)
          }
        }
        try Conveyor.run(reader, through: exporters, threads: context.threads)
      }
    } catch is Preview.Done {}
    for output in outputs { try output.finish() }
    if options.preview == nil { try state.policy.judgeEnd(state.tally) }
    guard state.lanesAgree else {
      throw RunError(.inputOutput, "the sinks did not get the same records; nothing was published")
    }
    return state.tally
  }

  /// Opens each input file in turn, reads its header, meets it with the pipeline, and hands its chunks to `body`.
  private func eachFile(
    _ input: RunInput, _ state: PassState, _ context: RunContext, comesAgain: Bool,
    _ body: (_ lanes: [Stations], _ reader: ChunkReader) throws -> Void
  ) throws {
    for index in input.paths.indices {
      try input.read(index, comesAgain: comesAgain) { source in
        let name = input.name(of: index)
        let stations = try context.stations(for: source, name: name)
        (state.file, state.recordsBefore) = (name, state.tally.read)
        try body(stations.lanes, stations.reader)
      }
    }
  }
}
