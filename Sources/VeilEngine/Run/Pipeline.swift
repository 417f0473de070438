import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// One run of a pipeline, from input bytes to published bytes. This file reads as the whole program:
///
///     bytes ─► Input ─► Decoding ─► Records ─► Filters ─► Stages ─► (Anonymity) ─► Encoding ─► Output ─► bytes
///
/// Chunks of whole records go through stations, one a thread, and come out in input order. With `anonymity` there are
/// two passes: the first observes the quasi-identifiers, then the recoding is decided once, and the second applies it.
struct Pipeline {
  let compiled: CompiledPipeline
  let job: RunJob
  private var options: RunOptions { job.options }
  private var config: PipelineConfig { compiled.config }

  init(_ compiled: CompiledPipeline, _ job: RunJob) {
    self.compiled = compiled
    self.job = job
  }

  /// Runs, publishes, and says what happened. Whatever throws, nothing was published.
  func run() throws(RunError) -> RunReport {
    do {
      let publications = PublicationSet()
      let report = try export(into: publications)
      try publications.commit()
      return report
    } catch { throw RunError(any: error) }
  }

  /// Makes the export, and adds it to what is to be published.
  func export(into publications: PublicationSet) throws -> RunReport {
    try Authorization.require(compiled, on: job.day)
    let keys = try KeyStore.load(compiled, for: job)
    let input = try RunInput(compiled, job)
    let targets = try RunOutput.targets(compiled, job, source: input.format)
    try PrivacyBudgetFile.check(for: compiled)

    job.quarantine?.begin()
    var decision = try options.plan.map { try Recoding.load($0, compiled, keys: keys) }
    let observes = config.anonymity != nil && decision == nil
    let gathers = config.microaggregation != nil
    let previous = observes ? try PreviousRelease.read(compiled, keys: keys) : nil
    job.monitor.enter(observes || gathers ? .observing : .writing)
    // What cannot be written is told before anything is read, or where something is decided first, when that is done.
    if !observes && !gathers { for target in targets { try target.open() } }
    let context = try RunContext(
      compiled, job, input: input, formats: targets.map(\.format), keys: keys,
      passes: [observes, gathers, true].count { $0 } + targets.count(where: \.isCopied))

    if observes {
      var observed = try observe(context)
      if let population = try PopulationReader.observer(compiled, options, keys: keys) {
        observed.observer.add(population: population)
      }
      job.quarantine?.beginAgain()
      job.monitor.enter(.deciding)
      try job.settle {
        decision = try Recoding.decide(
          observed.observer.finish(), compiled, previous: previous, observedTally: observed.tally,
          threads: context.threads)
      }
    }
    var averages: Microaggregation?
    try job.settle { averages = try Microaggregation.decide(config, context, job.quarantine) }

    if observes || gathers { job.monitor.enter(.writing) }
    let outputs = try zip(targets, context.views).map { try RunOutput($0, $1) }
    let census = PublishedCensus(context.views)
    let tally = try publish(outputs, decision, averages, context, census: census)
    try job.settleCounts {
      try decision?.check(tally)
      try averages?.check(tally)
    }
    let measured = census.measured(isPart: decision.map { !$0.isWhole } ?? false)
    try job.settle { try context.checkDeclared(tally, decision, measured: measured) }
    if options.preview != nil, case .part? = decision?.reach {
      throw RunError(
        .check,
        "nothing is shown: these records are a part of what the plan was made for, and classes of the part may be fewer "
          + "than k. Publish the part, or preview all records together")
    }
    try job.settle { try context.register.check() }

    var risks: [ThreeRisks?] = outputs.map { _ in nil }
    try job.settleCounts { risks = try ReleaseAttack.risks(of: outputs, compiled, context, job, keys: keys) }

    let report = RunReport(
      compiled, job, tally: tally, input: input, outputs: outputs, keys: keys,
      lists: context.lists, recoding: decision, averages: averages,
      measured: measured, risks: risks)
    guard tally.addsUp else {
      throw RunError(.inputOutput, "the counts of records do not add up; nothing was published")
    }
    if !options.isDryRun { try PrivacyBudgetFile.spend(for: compiled) }
    for output in outputs { output.addTo(publications) }
    if job.publishes { try context.register.addCrosswalks(to: publications) }
    try decision?.save(job, compiled, keys: keys, to: publications)
    if job.publishes { try report.account(options, publications) }
    return report
  }

  /// Pass one of two: how often each combination of quasi-identifiers occurs, and what happened to the records.
  func observe(_ context: RunContext) throws -> (observer: QuasiObserver, tally: Tally) {
    let state = context.beginPass()
    let stations = try Recoding.observers(config, context, state)
    try context.pass(state, through: stations, threads: stations.count)
    try state.policy.judgeEnd(state.tally)
    return (try Recoding.merge(stations, job), state.tally)
  }

  /// The only pass, or the last: every record to its place in the output.
  private func publish(
    _ outputs: [RunOutput], _ decision: Recoding?, _ averages: Microaggregation?, _ context: RunContext,
    census: PublishedCensus
  ) throws -> Tally {
    let state = context.beginPass()
    let preview = options.preview.map { Preview($0) }
    for output in outputs { try output.begin() }
    var works: [StationWork] = []
    let stations = try (0..<Conveyor.stationCount(threads: context.threads)).map { _ in
      let work = try ExportView.work(for: context.views, means: averages?.plan) { try decision?.applier($0, context) }
      works.append(work)
      for (view, output) in zip(work.views, outputs) where output.isKeyed { view.markRecords() }
      return try ExportStation(
        work, state: state, outputs: outputs, preview: preview,
        inspectors: try context.checks.inspectors(context.views), checks: context.checks,
        census: census,
        people: try job.trial?.people.map { try PeopleCounter($0, context.views[0], key: context.subjectKey) })
    }
    try context.pass(state, through: stations, threads: context.threads)
    for output in outputs { try output.finish() }
    try state.policy.judgeEnd(state.tally)
    let counts = RuleCheck.sum(works)
    try job.settle { try RuleCheck.require(counts, context.views.map(\.layout), in: context.inputName) }
    for (output, count) in zip(outputs, counts.isEmpty ? outputs.map { _ in nil } : counts) {
      output.ruleCounts = count
    }
    guard state.viewsAgree else {
      throw RunError(.inputOutput, "the sinks did not get the same records; nothing was published")
    }
    return state.tally
  }
}
