import VeilConfig
public import VeilGround

/// One call of `veil run`: what it reads and replaces, that nobody else does so at once, what is new, and that its end is
/// told, good or bad. The work itself is done by a `Pipeline` for each export; all of them are published together.
public struct Runner {
  private let compiled: CompiledPipeline
  private var job: RunJob
  private var options: RunOptions { job.options }
  private var config: PipelineConfig { compiled.config }

  /// - Parameter monitor: shows the progress of the run to the caller.
  public init(_ compiled: CompiledPipeline, _ options: RunOptions, monitor: RunMonitor) {
    self.compiled = compiled
    job = RunJob(compiled.config, options, monitor: monitor)
  }

  /// Runs, publishes, and says what happened. Whatever throws, nothing was published.
  public func run() throws(RunError) -> RunSummary {
    var runner = self
    do {
      try runner.fillPaths()
      return try runner.tell()
    } catch { throw RunError(any: error) }
  }

  /// Fills the paths of what tells of the run as a whole.
  private mutating func fillPaths() throws(RunError) {
    let paths: [WritableKeyPath<RunOptions, String?>] = [\.report, \.metrics, \.lineage]
    for path in paths {
      guard let text = options[keyPath: path] else { continue }
      let template = PathTemplate(text)
      // With {stem} there may be several inputs, and there is one of these.
      if template.unknown.isEmpty, !template.placeholders.contains(.stem) {
        job.options[keyPath: path] = try NightPlan.fill(template, values)
      } else {
        throw RunError(
          .invalid,
          "\(text): {\(template.unknown.first ?? "stem")} is nothing that this path can be filled in with; "
            + "there are {date}, {name} and {run}")
      }
    }
  }

  private var quarantine: PathTemplate? { config.badRecords.quarantine.map { PathTemplate(config.resolve($0)) } }
  private var manifest: PathTemplate? { options.manifest.map { PathTemplate($0) } }
  /// What fills paths that belong to the whole run.
  private var values: PathTemplate.Values {
    PathTemplate.Values(date: "\(job.day)", name: config.name, run: job.monitor.runID)
  }

  /// Does the work, and tells in report and metrics how it ended.
  private func tell() throws -> RunSummary {
    let outputs = try self.outputs()
    // A missing input is told in the report, which must not itself replace anything.
    let listing = Result { try RunInput.listed(compiled, options) }
    try checkPaths(inputs: (try? listing.get().paths) ?? [], outputs: outputs.map(NightPlan.lockTarget))
    var bulletin: Bulletin?
    do {
      let opened = try Bulletin(compiled, job)
      bulletin = opened
      return try work(listing.get(), outputs: outputs, bulletin: opened)
    } catch {
      throw account(for: RunError(any: error), inputs: (try? listing.get().paths) ?? [], bulletin: bulletin)
    }
  }

  /// Tells of a failure in audit log, report and metrics. Answers the failure, and what of this could not be told.
  private func account(for error: RunError, inputs: [String], bulletin: Bulletin?) -> RunError {
    var problems: [String] = []
    let outcome = RunOutcome(error)
    if job.publishes, let path = options.audit {
      let line = RunAuditLine.failure(outcome, compiled, job: job, inputs: inputs)
      // A log that cannot be written may be the very failure.
      do throws(RunError) { try AuditLog(path: path).append("run", line) } catch let other
        where other.description != error.description
      {
        problems.append("the audit line of this failure could not be written: \(other)")
      } catch {}
    }
    // What stands there is the business of the run that holds the lock.
    if error.kind != .locked {
      do { try bulletin?.publish(outcome) } catch let other {
        problems.append("the report of this failure could not be written: \(other)")
      }
    }
    return problems.isEmpty ? error : RunError(error.kind, ([error.description] + problems).joined(separator: "\n"))
  }

  private func work(_ listing: InputListing, outputs: [PathTemplate], bulletin: Bulletin) throws -> RunSummary {
    let statePath = config.state.map { config.resolve($0) }
    let locks = try lock(
      (outputs + [quarantine, manifest].compactMap { $0 }).map(NightPlan.lockTarget)
        + [statePath, options.savePlan, options.lineage].compactMap { $0 } + compiled.crosswalkPaths)
    defer { extendLifetime(locks) }
    let night = try statePath.map { try Night(compiled, job, state: $0) }
    if night == nil || !listing.isPattern { try listing.requireSome() }
    if let night, listing.paths.isEmpty, night.isFirst {
      // A feed that is dead is told by the metrics; but here the path itself may be wrong.
      job.monitor.warn("\(listing.emptiness), and none was ever published: is that where the inputs come?")
    }
    if listing.others > 0 {
      job.monitor.warn(
        "\(listing.others) files in \(listing.path) are not read: their names end in no format's name")
    }
    let inputs = try night?.new(of: listing.paths) ?? listing.paths
    job.monitor.note(RunMonitor.Inputs(newest: FileFacts.newest(of: listing.paths), new: inputs.count))
    guard !inputs.isEmpty else {
      try night?.settle()
      // A run that was killed when it had published may have left the files that it replaced.
      for path in [statePath, quarantine?.filled(values)].compactMap({ $0 }) where job.publishes {
        if let place = try? Place(target: path) { try place.clearLeftovers() }
      }
      try bulletin.publish(.published)
      return RunSummary(
        nothingNew: listing.paths.isEmpty
          ? "nothing new: \(listing.emptiness)"
          : "nothing new: \(listing.paths.count) inputs, all published before (\(statePath ?? ""))")
    }

    let date = night?.adopted?.date ?? "\(job.day)"
    let run = night?.adopted?.run ?? job.monitor.runID
    let values = PathTemplate.Values(date: date, name: config.name, run: run)
    let plan = try NightPlan(inputs: inputs, outputs: outputs, manifest: manifest, values: values)
    try night?.check(plan.units, isTemplate: !outputs.allSatisfy(\.placeholders.isEmpty))
    if plan.units.count > 1, compiled.fields.contains(where: { $0.stages.contains { $0.carriesOverFrom != nil } }) {
      throw RunError(.invalid, "a crosswalk goes with one export, and {stem} makes several: run once for each input")
    }
    if plan.units.count > 1, options.lineage != nil {
      throw RunError(
        .invalid, "a lineage event goes with one export, and {stem} makes several: run once for each input")
    }
    for unit in plan.units { try checkPaths(inputs: inputs, outputs: unit.outputs, manifest: unit.manifest) }
    // A run that names the same file without a placeholder holds another lock than the template's. (Who could name one with
    // {run}; and the many of {stem} would take too many open files.)
    let templates = (outputs + [manifest, quarantine].compactMap { $0 })
      .filter { !$0.placeholders.isEmpty && $0.placeholders.isSubset(of: [.date, .name]) }
    let ownLocks = try lock(templates.map { $0.filled(values) })
    defer { extendLifetime(ownLocks) }
    if job.publishes {
      let templates = outputs + [manifest].compactMap { $0 }
      let others = plan.units.flatMap { unit in
        zip(templates, unit.outputs + [unit.manifest].compactMap { $0 })
          .filter { !$0.0.placeholders.isSubset(of: [.date, .name]) }.map(\.1)
      }
      try RunLocks.requireFree(others)
    }

    var noting = job
    if job.publishes, let quarantine {
      try Authorization.require(compiled, on: job.day)
      let certificate = try CertificateCheck.quarantineCertificate(of: compiled, on: job.day)
      noting.quarantine = try Quarantine(
        path: NightPlan.fill(quarantine, values), certificate: certificate, run: job.monitor.runID)
    }
    do {
      return try publish(plan, noting, bulletin: bulletin, night: night, run: run, date: date)
    } catch {
      // Where the bad records are is told all the more when they end the run.
      do { try noting.quarantine?.publishAlone() } catch let other {
        let error = RunError(any: error)
        throw RunError(error.kind, "\(error)\nthe quarantine could not be written: \(other)")
      }
      throw error
    }
  }

  private func lock(_ targets: [String]) throws(RunError) -> RunLocks {
    try RunLocks(job.publishes ? targets : [], patience: options.patience, monitor: job.monitor)
  }

  /// Makes the exports and publishes all of them, or none.
  private func publish(
    _ plan: NightPlan, _ job: RunJob, bulletin: Bulletin, night: Night?, run: String, date: String
  ) throws -> RunSummary {
    let publications = PublicationSet()
    var reports: [RunReport] = []
    var files = InputFailures(config.onFileError)
    try files.check(plan.units, compiled, job)
    for unit in plan.units {
      var job = job
      (job.options.manifest, job.pathValues, job.manifestRun) = (unit.manifest, unit.values, run)
      let report = try files.export(unit.inputs, job.monitor) { inputs, publications in
        job.inputs = inputs
        return try Pipeline(compiled, job).export(into: publications)
      }
      guard let (report, own) = report else { continue }
      publications.take(own)
      reports.append(report)
    }
    if reports.isEmpty, let error = files.error { throw error }
    let outcome = RunOutcome(
      leavingOut: files.failed, of: plan.units.reduce(0) { $0 + $1.inputs.count }, publishes: job.publishes)
    for report in reports { warn(of: report.tally) }
    job.monitor.enter(.publishing)
    // Before the quarantine is one of the set: should nobody be able to take the records, it is published alone.
    try publications.release()
    try job.quarantine?.add(to: publications)
    try bulletin.add(outcome, to: publications, reports: reports)
    if job.publishes {
      // The manifest of a unit that was left out is an earlier one, or none.
      try night?.add(to: publications, reports, manifests: reports.compactMap(\.manifestPath), run: run, date: date)
    }
    if let count = options.preview, let path = options.audit {
      let shown = reports.reduce(0) { $0 + min(count, $1.tally.written) }
      try AuditLog(path: path).append("preview", RunAuditLine.preview(compiled, job: job, shown: shown))
    }
    try publications.commit()
    return RunSummary(reports: reports, problem: outcome.problem)
  }

  /// Warns of what was skipped, and of a record that may have swallowed others.
  private func warn(of tally: Tally) {
    for place in tally.located { job.monitor.warn("skipped \(place)") }
    let rest = tally.bad - tally.located.count
    if rest > 0 { job.monitor.warn("skipped \(rest) more bad records") }
    if let text = tally.lineWarning { job.monitor.warn(text) }
  }

  /// Where the exports go, as the pipeline or the command line writes it; one for each sink.
  private func outputs() throws(RunError) -> [PathTemplate] {
    let paths = options.output.map { [$0] } ?? config.sinks.compactMap { $0.path.map { config.resolve($0) } }
    guard !paths.isEmpty else {
      throw RunError(.invalid, "no output: set sink.path in the pipeline, or give --output PATH")
    }
    if paths.contains("-"), config.state != nil {
      throw RunError(.invalid, "'state' remembers what was published, and standard output is gone at once")
    }
    for path in paths + [options.manifest].compactMap({ $0 }) {
      if let word = PathTemplate(path).unknown.first {
        throw RunError(
          .invalid,
          "\(path): {\(word)} is nothing that a path can be filled in with; there are {date}, {name}, {run} and {stem}")
      }
    }
    return paths.map { PathTemplate($0) }
  }

  private func checkPaths(inputs: [String], outputs: [String], manifest: String? = nil) throws(RunError) {
    if options.savePlan != nil, config.anonymity == nil {
      throw RunError(.invalid, "--save-plan needs a pipeline with 'anonymity'")
    }
    guard options.preview == nil else { return }
    for check in config.checks {
      guard case .rowCount(nil, _) = check.kind else { continue }
      guard let manifest = options.manifest else {
        throw RunError(
          .invalid, "the check '\(check.name)' needs --manifest PATH, or 'manifest: PATH', to know last time's records")
      }
      let others = PathTemplate(manifest).placeholders.subtracting([.name])
      if let word = others.map(\.rawValue).min() {
        throw RunError(
          .invalid,
          "the check '\(check.name)' compares with the manifest that this run replaces, and {\(word)} in "
            + "\(manifest) gives every run another: take {\(word)} out, or give the check 'manifest: PATH'")
      }
    }
    var written = outputs.map { PathConflicts.Written(path: $0, what: "export") }
    for (path, what) in [
      (manifest ?? options.manifest, "manifest"), (options.report, "report"),
      (options.metrics, "metrics"), (options.savePlan, "plan"), (config.state.map { config.resolve($0) }, "state"),
      (quarantine?.filled(values), "quarantine"),
      (options.audit, "audit log"), (options.lineage, "lineage event"),
    ] {
      if let path { written.append(PathConflicts.Written(path: path, what: what)) }
    }
    written += compiled.crosswalkPaths.map { PathConflicts.Written(path: $0, what: "crosswalk") }
    try PathConflicts.check(compiled, inputs: inputs + [options.plan].compactMap { $0 }, written: written)
  }
}

/// What one call of `veil run` did.
public struct RunSummary {
  /// One for each export; all of them were published together.
  public let reports: [RunReport]
  private let message: String?

  /// Which input files were left out, and why; nil if none was.
  public let problem: String?

  init(reports: [RunReport], problem: String?) { (self.reports, self.problem, message) = (reports, problem, nil) }

  /// For a night that had nothing to do.
  init(nothingNew message: String) { (reports, problem, self.message) = ([], nil, message) }

  public var tally: Tally { reports.reduce(into: Tally()) { $0.add($1.tally) } }

  /// A line for each export, for a person at a terminal.
  public var lines: [String] { message.map { [$0] } ?? reports.map(\.summary) }
  public var badRecords: [String] { reports.flatMap(\.badRecords) }
}
