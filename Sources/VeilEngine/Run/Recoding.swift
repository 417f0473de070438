import VeilConfig
import VeilCrypto

/// Between the passes: from what was observed to what each class of records becomes.
struct Recoding {
  let plan: RecodingPlan
  /// What the audit measured of every model besides k.
  let findings: [AuditFinding]
  private let anonymity: AnonymityConfig
  private let observed: Tally

  var summary: RecodingSummary { plan.summary }

  // MARK: Observing

  static func observers(
    _ lanes: [Stations], config: PipelineConfig, threads: Int, state: PassState
  ) throws -> [ObserveStation] {
    let layout = lanes[0].layout
    let countsSubjects = config.anonymity?.count == .subjects && config.source.subject != nil
    var coders: [QuasiCoder] = []
    for index in layout.quasiFields {
      let rule = config.fields.first { $0.path == layout.fields[index].path }
      do {
        var coder = try HierarchySpec(rule?.hierarchy, config).makeCoder()
        coder.takesUnknown = rule?.missing == .top
        coders.append(coder)
      } catch {
        throw RunError(.invalid, "the hierarchy of field '\(layout.fields[index].name)': \(error)")
      }
    }
    // A bad record must be bad in both passes. Where one ends the run, the second pass need not be foreseen.
    let foresees = config.badRecords.action == .skip
    let key = SecretBytes.random(count: 32)
    let subject = countsSubjects ? config.source.subject.flatMap { layout.column(of: $0) } : nil
    if countsSubjects && subject == nil { throw RunError(.mismatch, "the subject's field is not there") }
    let fields = CriteriaBuilder.fields(config.anonymity)
    let sensitive = fields.compactMap { layout.column(of: $0) }
    if sensitive.count < fields.count { throw RunError(.mismatch, "a sensitive field of a model is not there") }
    return try (0..<threads).map { _ in
      ObserveStation(
        try foresees ? Stations.group(lanes) : lanes[0].observing(), rehearses: foresees, layout: layout,
        observer: QuasiObserver(coders: coders, countsSubjects: countsSubjects, sensitiveCount: fields.count),
        subjects: subject.map { SubjectReader(column: $0, key: key) },
        sensitive: SensitiveReader(columns: sensitive), state: state,
        gaps: foresees ? nil : HierarchyGaps(columns: coders.count))
    }
  }

  /// Throws where values were met that a hierarchy does not cover.
  static func observer(merging stations: [ObserveStation]) throws(RunError) -> QuasiObserver {
    try HierarchyGaps.refuse(stations)
    var observer = stations[0].observer
    for station in stations.dropFirst() { observer.merge(station.observer) }
    return observer
  }

  // MARK: Deciding

  static func decide(
    _ table: QuasiTable, _ config: PipelineConfig, _ anonymity: AnonymityConfig, observedTally: Tally, threads: Int
  ) throws -> Recoding {
    let decision = RecodingDecision(config: config, anonymity: anonymity, threads: threads)
    let (plan, findings) = try decision.decide(table)
    return Recoding(plan: plan, findings: findings, anonymity: anonymity, observed: observedTally)
  }

  // MARK: Applying

  func applier(_ layout: Layout) -> QuasiApplier {
    QuasiApplier(plan, layout: layout, keepsSuppressed: anonymity.suppressed == .keep)
  }

  /// What the second pass did must be what the first foresaw, or the classes may be smaller than decided.
  func check(_ tally: Tally) throws {
    let isSame =
      tally.read == observed.read && tally.bad == observed.bad && tally.excludedTotal == observed.excludedTotal
      && (anonymity.suppressed == .keep || tally.suppressed == summary.suppressedRecords)
    if !isSame {
      throw RunError(
        .inputOutput, "the second pass over the input did not meet the same records as the first; nothing was published"
      )
    }
  }
}
