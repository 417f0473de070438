import VeilConfig
import VeilCrypto

/// Between the passes: from what was observed to what each class of records becomes.
struct Recoding {
  let plan: RecodingPlan
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
    return try (0..<threads).map { _ in
      ObserveStation(
        try foresees ? Stations.group(lanes) : lanes[0].observing(), rehearses: foresees, layout: layout,
        observer: QuasiObserver(coders: coders, countsSubjects: countsSubjects),
        subjects: subject.map { SubjectReader(column: $0, key: key) }, state: state,
        gaps: foresees ? nil : HierarchyGaps(columns: coders.count))
    }
  }

  /// Throws where values were met that a hierarchy does not cover.
  static func table(merging stations: [ObserveStation]) throws(RunError) -> QuasiTable {
    try HierarchyGaps.refuse(stations)
    var observer = stations[0].observer
    for station in stations.dropFirst() { observer.merge(station.observer) }
    return observer.finish()
  }

  // MARK: Deciding

  static func decide(
    _ table: QuasiTable, _ anonymity: AnonymityConfig, observedTally: Tally, threads: Int
  ) throws -> Recoding {
    let plan: RecodingPlan
    switch anonymity.recoding {
    case .local:
      let search = LocalSearch(
        table, k: anonymity.k, suppress: anonymity.suppress.fraction, effort: anonymity.effort)
      guard let found = search.run(threads: threads) else {
        throw unmet(UnmetHint(people: table.peopleCount, records: table.recordCount, k: anonymity.k), anonymity)
      }
      plan = RecodingPlan(table: table, plan: found, k: anonymity.k)
    case .global:
      var search = GlobalSearch(table, k: anonymity.k, suppress: anonymity.suppress.fraction)
      switch search.run() {
      case .plan(let found): plan = RecodingPlan(table: table, plan: found, k: anonymity.k)
      case .unmet(let hint): throw unmet(hint, anonymity)
      }
    }
    return Recoding(plan: plan, anonymity: anonymity, observed: observedTally)
  }

  private static func unmet(_ hint: UnmetHint, _ anonymity: AnonymityConfig) -> RunError {
    let unit = anonymity.count == .subjects ? "people" : "records"
    return RunError(
      .check,
      "k-anonymity cannot be met, nothing was published: k is \(anonymity.k), and only \(hint.people) \(unit) are left "
        + "after the filters, so that even one class of all would be too small"
        + "\n  what would meet it: k of at most \(hint.largestK), or more data")
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
