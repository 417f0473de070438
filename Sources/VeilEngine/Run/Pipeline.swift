import VeilAnonymity
import VeilConfig
import VeilCrypto
public import VeilGround

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

    options.quarantine?.begin()
    var decision = try options.plan.map { try Recoding.load($0, compiled, keys: keys) }
    let observes = config.anonymity != nil && decision == nil
    let gathers = config.microaggregation != nil
    let previous = observes ? try PreviousRelease.read(compiled, keys: keys) : nil
    options.monitor.enter(observes || gathers ? .observing : .writing)
    // What cannot be written is told before anything is read, or where something is decided first, when that is done.
    if !observes && !gathers { for target in targets { try target.open() } }
    let context = try RunContext(
      compiled, options, input: input, formats: targets.map(\.format), keys: keys,
      passes: [observes, gathers, true].count { $0 })

    if observes {
      var observed = try observe(context)
      if let population = try PopulationReader.observer(compiled, options, keys: keys) {
        observed.observer.add(population: population)
      }
      options.quarantine?.beginAgain()
      options.monitor.enter(.deciding)
      decision = try Recoding.decide(
        observed.observer.finish(), config, previous: previous, observedTally: observed.tally, threads: context.threads)
    }
    let averages = try Microaggregation.decide(config, context, options.quarantine)

    if observes || gathers { options.monitor.enter(.writing) }
    let outputs = try zip(targets, context.views).map { try RunOutput($0, $1) }
    let tally = try publish(outputs, decision, averages, context)
    // A preview stops early, and its counts are of no use.
    if options.preview == nil {
      try decision?.check(tally)
      try averages?.check(tally)
      try context.checkDeclared(tally, decision)
    }
    try context.register.check()

    let report = RunReport(
      compiled, options, tally: tally, input: input, outputs: outputs, keys: keys,
      lists: context.lists, recoding: decision, averages: averages)
    guard tally.addsUp || options.preview != nil else {
      throw RunError(.inputOutput, "the counts of records do not add up; nothing was published")
    }
    if !options.isDryRun { try PrivacyBudgetFile.spend(for: compiled) }
    for output in outputs { output.addTo(publications) }
    if !options.isDryRun, options.preview == nil { try context.register.addCrosswalks(to: publications) }
    try decision?.save(options, compiled, keys: keys, to: publications)
    if !options.isDryRun, options.preview == nil { try report.account(options, publications) }
    return report
  }

  /// Pass one of two: how often each combination of quasi-identifiers occurs, and what happened to the records.
  func observe(_ context: RunContext) throws -> (observer: QuasiObserver, tally: Tally) {
    let state = context.beginPass()
    let stations = try Recoding.observers(config, context, state)
    try context.pass(state, through: stations, threads: stations.count)
    try state.policy.judgeEnd(state.tally)
    return (try Recoding.merge(stations), state.tally)
  }

  /// The only pass, or the last: every record to its place in the output.
  private func publish(
    _ outputs: [RunOutput], _ decision: Recoding?, _ averages: Microaggregation?, _ context: RunContext
  ) throws -> Tally {
    let state = context.beginPass()
    let preview = options.preview.map { Preview($0) }
    for output in outputs { try output.begin() }
    let stations = try (0..<Conveyor.stationCount(threads: context.threads)).map { _ in
      let work = try ExportView.work(for: context.views, means: averages?.plan) { try decision?.applier($0, context) }
      for (view, output) in zip(work.views, outputs) where output.isKeyed { view.markRecords() }
      return ExportStation(
        work, state: state, outputs: outputs, preview: preview,
        inspectors: preview == nil ? try context.checks.inspectors(context.views) : [], checks: context.checks)
    }
    do {
      try context.pass(state, through: stations, threads: context.threads)
    } catch is Preview.Done {}
    for output in outputs { try output.finish() }
    if options.preview == nil { try state.policy.judgeEnd(state.tally) }
    guard state.viewsAgree else {
      throw RunError(.inputOutput, "the sinks did not get the same records; nothing was published")
    }
    return state.tally
  }
}
