import VeilConfig
import VeilCrypto

/// Between the passes: from what was observed to what each class of records becomes. Or from a plan that was made before.
struct Recoding {
  let plan: RecodingPlan
  let anonymity: AnonymityConfig
  let origin: Origin
  /// What was done to records, by class.
  let applied: AppliedClasses
  /// What was measured of every model besides k, where the plan was decided in this run.
  private let decidedFindings: [ModelFinding]
  private let decidedKept: KeptSuppressed?

  /// What every model besides k came to.
  var findings: [ModelFinding] { applied.outcome?.findings ?? decidedFindings }

  /// What becomes of suppressed records that stay.
  var kept: KeptSuppressed? { applied.outcome?.kept ?? decidedKept }

  /// Where the plan is from.
  enum Origin {
    /// This run's first pass, which counted so.
    case observed(Tally)
    case file(SavedPlan)
  }

  var summary: RecodingSummary { plan.summary }

  /// Decided in this run, by its first pass.
  init(_ decided: RecodingDecision.Decided, _ anonymity: AnonymityConfig, observed: Tally) {
    plan = decided.plan
    self.anonymity = anonymity
    origin = .observed(observed)
    (decidedFindings, decidedKept) = (decided.findings, decided.kept)
    applied = AppliedClasses(classCount: plan.contents.classCount)
  }

  /// From a file.
  init(_ plan: RecodingPlan, _ anonymity: AnonymityConfig, _ saved: SavedPlan) {
    self.plan = plan
    self.anonymity = anonymity
    origin = .file(saved)
    (decidedFindings, decidedKept) = ([], nil)
    applied = AppliedClasses(classCount: plan.contents.classCount)
  }

  // MARK: Observing

  static func observers(
    _ lanes: [Stations], config: PipelineConfig, _ context: RunContext, _ state: PassState
  ) throws -> [ObserveStation] {
    let layout = lanes[0].layout
    let paths = layout.quasiFields.map { layout.fields[$0].path }
    let coders = try coders(of: paths, config)
    let weights = paths.map { path in config.fields.first { $0.path == path }?.weight ?? 1 }
    // A bad record must be bad in both passes. Where one ends the run, the second pass need not be foreseen.
    let foresees = config.badRecords.action == .skip
    let countsSubjects = config.countsSubjects
    let fields = CriteriaBuilder.fields(config.anonymity)
    let sensitive = fields.compactMap { layout.column(of: $0) }
    if sensitive.count < fields.count { throw RunError(.mismatch, "a sensitive field of a model is not there") }
    return try (0..<context.threads).map { _ in
      ObserveStation(
        try foresees ? Stations.group(lanes) : lanes[0].observing(), rehearses: foresees, layout: layout,
        observer: QuasiObserver(
          coders: coders, countsSubjects: countsSubjects, sensitiveCount: fields.count, weights: weights),
        subjects: try countsSubjects ? lanes[0].subjectReader(key: context.subjectKey) : nil,
        sensitive: SensitiveReader(columns: sensitive, form: context.publishedForm), state: state,
        gaps: foresees ? nil : HierarchyGaps(columns: coders.count))
    }
  }

  /// Throws where values were met that a hierarchy does not cover.
  static func merge(_ stations: [ObserveStation]) throws(RunError) -> QuasiObserver {
    try HierarchyGaps.refuse(stations)
    var observer = stations[0].observer
    for station in stations.dropFirst() { observer.merge(station.observer) }
    return observer
  }

  /// What numbers the values of each quasi-identifier, in their order.
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
    _ table: QuasiTable, _ config: PipelineConfig, previous: PreviousRelease?, observedTally: Tally, threads: Int
  ) throws -> Recoding {
    guard let anonymity = config.anonymity else { throw RunError(.invalid, "there is no 'anonymity' to decide on") }
    let decided = try decided(table, config, previous: previous, threads: threads)
    return Recoding(decided, anonymity, observed: observedTally)
  }

  /// The plan for a table, and what was measured on it.
  static func decided(
    _ table: QuasiTable, _ config: PipelineConfig, previous: PreviousRelease?, threads: Int
  ) throws -> RecodingDecision.Decided {
    guard let anonymity = config.anonymity else { throw RunError(.invalid, "there is no 'anonymity' to decide on") }
    let decision = RecodingDecision(config: config, anonymity: anonymity, previous: previous, threads: threads)
    var decided = try decision.decide(table)
    if let previous {
      decided.plan.intersect(table, previous: previous.contents)
      try previous.check(decided.plan.contents.intersection, anonymity)
    }
    return decided
  }

  // MARK: Applying

  /// What one thread applies the plan with.
  func applier(_ lane: Stations, _ context: RunContext) throws -> QuasiApplier {
    let layout = lane.layout
    guard case .file = origin else {
      return QuasiApplier(plan, layout: layout, anonymity: anonymity, counts: applied.add())
    }
    // What a plan from a file is applied to is another matter than what it was decided on: it is judged by itself.
    let subjects = try lane.pipeline.config.countsSubjects ? lane.subjectReader(key: context.subjectKey) : nil
    let fields = CriteriaBuilder.fields(anonymity)
    let columns = fields.compactMap { layout.column(of: $0) }
    if columns.count < fields.count { throw RunError(.mismatch, "a sensitive field of a model is not there") }
    let counts = applied.add(
      sensitive: SensitiveHistogram(columns: columns.count, countsSubjects: subjects != nil))
    return QuasiApplier(
      plan, layout: layout, anonymity: anonymity, counts: counts,
      subjects: subjects, sensitive: SensitiveReader(columns: columns, form: context.publishedForm),
      stopsAtUnseen: anonymity.release.unseen == .error)
  }

  /// What the second pass did must be what the first foresaw, or the classes may be smaller than decided.
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
