import VeilConfig

/// One call of `veil run`: what it reads and replaces, that nobody else does so at once, and that its end is told, good
/// or bad. The work itself is a `Pipeline`'s.
public struct Runner {
  private let compiled: CompiledPipeline
  private let options: RunOptions

  public init(_ compiled: CompiledPipeline, _ options: RunOptions) {
    self.compiled = compiled
    var options = options
    // One day for the whole run, should midnight come meanwhile.
    options.asOf = options.asOf ?? .today()
    self.options = options
  }

  /// Runs, publishes, and says what happened. Whatever throws, nothing was published.
  public func run() throws(RunError) -> RunSummary {
    do { return try work() } catch { throw RunError(any: error) }
  }

  private func work() throws -> RunSummary {
    // A missing input is told in the report, which must not itself replace anything.
    let inputs = Result { try RunInput(compiled, options) }
    try checkPaths(inputs: (try? inputs.get().paths) ?? [])
    let bulletin = try Bulletin(compiled, options)
    do {
      let input = try inputs.get()
      let locks = try RunLocks(lockedPaths(input), patience: options.patience, monitor: options.monitor)
      defer { extendLifetime(locks) }
      var pipeline = Pipeline(compiled, options)
      pipeline.companions = { report, set in try bulletin.add(to: set, reports: [report]) }
      return RunSummary(reports: [try pipeline.run()], warnings: options.monitor.warnings)
    } catch {
      let error = RunError(any: error)
      // What stands there is the business of the run that holds the lock.
      guard error.kind != .locked else { throw error }
      do { try bulletin.publish(RunOutcome(error)) } catch let other {
        throw RunError(error.kind, "\(error)\nthe report of this failure could not be written: \(other)")
      }
      throw error
    }
  }

  private func checkPaths(inputs: [String]) throws(RunError) {
    guard options.preview == nil else { return }
    for check in compiled.config.checks {
      if case .rowCount(nil, _) = check.kind, options.manifest == nil {
        throw RunError(
          .invalid, "the check '\(check.name)' needs --manifest PATH, or 'manifest: PATH', to know last time's records")
      }
    }
    var written: [PathConflicts.Written] = []
    let output = options.output ?? compiled.config.sinks[0].path.map { compiled.config.resolve($0) }
    for (path, what) in [
      (output, "export"), (options.manifest, "manifest"), (options.report, "report"), (options.metrics, "metrics"),
    ] {
      if let path { written.append(PathConflicts.Written(path: path, what: what)) }
    }
    try PathConflicts.check(compiled, inputs: inputs, written: written)
  }

  private func lockedPaths(_ input: RunInput) throws(RunError) -> [String] {
    if options.isDryRun || options.preview != nil { return [] }
    return [try RunOutput.target(compiled, options, source: input.format).path]
  }
}

/// What one call of `veil run` did.
public struct RunSummary {
  /// One for each export that was published together.
  public let reports: [RunReport]
  public let warnings: [String]

  public var tally: Tally { reports.reduce(into: Tally()) { $0.add($1.tally) } }

  /// A line for each export, for a person at a terminal.
  public var lines: [String] { reports.map(\.summary) }
  public var badRecords: [String] { reports.flatMap(\.badRecords) }
}
