import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// The step between the passes: decides what becomes of each class of records, from the observed combinations or from
/// an existing plan.
struct Recoding {
  let plan: RecodingPlan
  let anonymity: AnonymityConfig
  let origin: Origin
  /// The number of records by class that the plan was applied to.
  let applied: AppliedClasses
  /// The results of every model besides k, if the plan was decided in this run.
  private let decidedFindings: [ModelFinding]
  private let decidedKept: KeptSuppressed?
  private let decidedInference: WorstInference?
  private let decidedAverageRisk: Double?
  private let decidedCandidates: PersonCandidates?
  /// Whether all records of a person can be put together by what leaves.
  let showsPeople: Bool

  /// The results of every model besides k.
  var findings: [ModelFinding] { applied.outcome?.findings ?? decidedFindings }

  /// The result for suppressed records that stay.
  var kept: KeptSuppressed? { applied.outcome?.kept ?? decidedKept }

  /// The mean over people of 1 / the people of their class.
  var averageRisk: Double? { applied.outcome?.averageRisk ?? decidedAverageRisk }

  /// The candidates of people over all of their records; nil where a person's records cannot be put together.
  var candidates: PersonCandidates? { applied.outcome?.candidates ?? decidedCandidates }

  /// What the worst class tells of a sensitive field; nil if no model guards one.
  var inference: WorstInference? { applied.outcome.map(\.inference) ?? decidedInference }

  /// The origin of the plan.
  enum Origin {
    /// This run's first pass, with its counts.
    case observed(Tally)
    case file(SavedPlan)
  }

  var summary: RecodingSummary { plan.summary }

  /// Makes a recoding from a plan that this run's first pass decided.
  init(_ decided: RecodingDecision.Decided, _ anonymity: AnonymityConfig, observed: Tally, showsPeople: Bool) {
    plan = decided.plan
    self.anonymity = anonymity
    origin = .observed(observed)
    (decidedFindings, decidedKept) = (decided.findings, decided.kept)
    (decidedAverageRisk, decidedCandidates) = (decided.averageRisk, decided.candidates)
    self.showsPeople = showsPeople
    decidedInference = decided.inference
    applied = AppliedClasses(classCount: plan.contents.classCount)
  }

  /// Makes a recoding from a plan in a file.
  init(_ plan: RecodingPlan, _ anonymity: AnonymityConfig, _ saved: SavedPlan, showsPeople: Bool) {
    self.plan = plan
    self.anonymity = anonymity
    origin = .file(saved)
    (decidedFindings, decidedKept, decidedAverageRisk, decidedCandidates) = ([], nil, nil, nil)
    self.showsPeople = showsPeople
    decidedInference = nil
    applied = AppliedClasses(classCount: plan.contents.classCount)
  }

  // MARK: Observing

  /// Merges what the stations of the first pass have observed. Throws if there were values that a hierarchy does not
  /// cover, or if people have several records and nobody said what is counted.
  static func merge(_ stations: [ObserveStation], _ job: RunJob) throws -> QuasiObserver {
    do throws(RunError) { try HierarchyGaps.refuse(stations) } catch {
      guard let trial = job.trial else { throw error }
      trial.note(gaps: error)
    }
    try job.settle { try IdentifierReader.refuse(stations.compactMap(\.identifiers)) }
    var observer = stations[0].observer
    for station in stations.dropFirst() { observer.merge(station.observer) }
    return observer
  }

  /// Returns the coders that give numbers to the values of each quasi-identifier, in the order of the
  /// quasi-identifiers.
  static func coders(of paths: [FieldPath], _ config: PipelineConfig) throws(RunError) -> [QuasiCoder] {
    var coders: [QuasiCoder] = []
    for path in paths {
      let rule = config.fields.first { $0.path == path }
      do {
        var coder = try HierarchySpec(rule?.hierarchy, config).makeCoder()
        coder.takesUnknown = rule?.missing == .top
        coders.append(coder)
      } catch {
        throw RunError(.invalid, "the hierarchy of field '\(path)': \(error)")
      }
    }
    return coders
  }

  // MARK: Deciding

  static func decide(
    _ table: QuasiTable, _ compiled: CompiledPipeline, previous: PreviousRelease?, observedTally: Tally, threads: Int
  ) throws -> Recoding {
    guard let anonymity = compiled.config.anonymity else {
      throw RunError(.invalid, "there is no 'anonymity' to decide on")
    }
    let decided = try decided(table, compiled, previous: previous, threads: threads)
    return Recoding(decided, anonymity, observed: observedTally, showsPeople: compiled.showsPeople)
  }

  /// Returns the plan for a table, and what was measured on it.
  static func decided(
    _ table: QuasiTable, _ compiled: CompiledPipeline, previous: PreviousRelease?, threads: Int
  ) throws -> RecodingDecision.Decided {
    let config = compiled.config
    guard let anonymity = config.anonymity else { throw RunError(.invalid, "there is no 'anonymity' to decide on") }
    let decision = RecodingDecision(
      config: config, anonymity: anonymity, previous: previous, threads: threads,
      showsPeople: compiled.showsPeople)
    var decided = try decision.decide(table)
    if let previous {
      decided.plan.intersect(table, previous: previous.contents)
      try previous.check(decided.plan.contents.intersection, anonymity)
    }
    return decided
  }

  // MARK: Applying

  /// Throws if the second pass did something else than the first one predicted, because then classes may be smaller
  /// than decided.
  func check(_ tally: Tally) throws {
    guard case .observed(let observed) = origin else { return try checkReach(tally) }
    let isSame =
      tally.read == observed.read && tally.bad == observed.bad && tally.excludedTotal == observed.excludedTotal
      && applied.records == plan.contents.recordsOfClass && applied.suppressed == summary.suppressedRecords
    if !isSame {
      throw RunError(
        .inputOutput, "the second pass over the input did not meet the same records as the first; nothing was published"
      )
    }
  }
}
