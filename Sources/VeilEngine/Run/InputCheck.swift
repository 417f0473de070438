import VeilConfig
import VeilCrypto
public import VeilGround

/// Whether a run would publish, tried with the run's own code (`veil check --input`).
///
/// It is a dry run that goes on where a run would end, and tells everything at once. It needs no place for the export and
/// takes no lock; where a key cannot be read, one that was made for the trial stands in.
public struct InputCheck {
  /// What a run would do, in one line.
  public let summary: String
  /// What a run would warn of, and which keys it would need.
  public let warnings: [String]
  /// How many people there are, where tokens depend on it.
  public let people: PeopleCount?

  /// Throws what a run would end with; where there are several reasons, all of them.
  /// - Parameters:
  ///   - path: takes the place of `source.path`; `-` is standard input.
  ///   - asOf: the day that retention counts from.
  @discardableResult
  public static func run(
    _ compiled: CompiledPipeline, input path: String, asOf: CalendarDate? = nil
  ) throws(RunError) -> InputCheck {
    var options = RunOptions(toolVersion: "")
    (options.input, options.asOf, options.isDryRun) = (path, asOf, true)
    options.manifest = compiled.config.accountability.manifest.map { compiled.config.resolve($0) }
    if compiled.views.count == 1, compiled.config.sinks[0].path == nil { options.output = "-" }
    var job = RunJob(compiled.config, options)
    let people = compiled.makesTokens ? PeopleSample() : nil
    let trial = Trial(people: people)
    job.trial = trial
    let name = path == "-" ? "standard input" : path
    let report: RunReport
    do {
      try PathConflicts.check(
        compiled, inputs: RunInput.listed(compiled, options).paths,
        written: compiled.config.sinks.compactMap(\.path).filter { PathTemplate($0).placeholders.isEmpty }.map {
          PathConflicts.Written(path: compiled.config.resolve($0), what: "export")
        })
      report = try Pipeline(compiled, job).export(into: PublicationSet())
    } catch {
      let last = RunError(any: error)
      throw trial.error(name, last: last) ?? last
    }
    if let error = trial.error(name) { throw error }
    return InputCheck(
      summary: report.summary, warnings: job.monitor.warnings.map { $0.hasPrefix("note:") ? $0 : "warning: \($0)" },
      people: people.map { people in
        let isOfRecords = compiled.config.source.subject == nil
        return PeopleCount(count: isOfRecords ? report.tally.read : people.count, isOfRecords: isOfRecords)
      })
  }
}

extension KeyStore {
  /// Loads the keys of a run. In a trial one that is made for it stands in for each that cannot be read, since nothing of
  /// what it makes is published.
  static func load(_ compiled: CompiledPipeline, for job: RunJob) throws(RunError) -> KeyStore {
    guard job.trial != nil else { return try load(compiled) }
    var rings = [:] as [String: KeyStore]
    for key in compiled.config.keys {
      var alone = compiled
      alone.config.keys = [key]
      do throws(RunError) {
        rings[key.name] = try load(alone)
      } catch {
        job.monitor.warn("note: a run needs a key that cannot be read now, and another stood in for it: \(error)")
        rings[key.name] = KeyStore([key.name: .random(count: 32)])
      }
    }
    return KeyStore(rings: Dictionary(uniqueKeysWithValues: rings.map { ($0.key, $0.value.readable($0.key)) }))
  }
}
