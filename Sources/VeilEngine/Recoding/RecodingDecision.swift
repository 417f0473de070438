import VeilAnonymity
import VeilConfig
import VeilGround

/// Decides the recoding of a table so that it keeps every promise; otherwise throws an error that says which promise it
/// cannot keep.
///
/// Models that compare classes with the whole table must hold in two views: for a reader who takes all judged records
/// as the whole, and for a reader who sees only the published ones. The search knows the first view. If the second one
/// fails, the search is asked again for a little more, and at last without suppression, when both views are the same.
struct RecodingDecision {
  let config: PipelineConfig
  let anonymity: AnonymityConfig
  /// The previous release, with which this release keeps in step.
  var previous: PreviousRelease?
  let threads: Int
  /// Whether all records of a person can be put together by what leaves.
  let showsPeople: Bool

  /// The decided plan, and what was measured on it.
  struct Decided {
    var plan: RecodingPlan
    var findings: [ModelFinding]
    var kept: KeptSuppressed?
    /// The mean over people of 1 / the people of their class.
    var averageRisk: Double
    var candidates: PersonCandidates?
    var inference: WorstInference?
  }

  func decide(_ table: QuasiTable) throws(RunError) -> Decided {
    var k = CriteriaBuilder.k(anonymity)
    guard table.peopleCount >= k else {
      throw Self.unmet(UnmetHint(people: table.peopleCount, records: table.recordCount, k: k), anonymity)
    }
    let builder = try CriteriaBuilder(config, anonymity)
    if previous != nil, anonymity.labels == .sets {
      throw RunError(
        .invalid,
        "'previous' does not go with 'labels: sets': a set names the values of those who are in a class, so it changes "
          + "as soon as one of them does\n  use 'labels: hierarchy' in all releases")
    }
    let measure = try ModelMeasure(config, anonymity)
    var tightening = 1.0
    var suppress = anonymity.suppress.fraction
    var last: [ModelFinding] = []
    for attempt in 0..<12 {
      if attempt == 8 { (suppress, tightening) = (0, 1) }
      let criteria = try builder.criteria(table, tightening: tightening)
      guard let plan = search(table, k: k, suppress: suppress, criteria: criteria) else {
        if attempt == 0 { throw try unmet(table, measure) }
        (suppress, tightening) = (0, 1)
        continue
      }
      let release = ReleaseMeasure(table, plan)
      let wholes = anonymity.suppressed == .keep ? [release.judged] : [release.judged, release.published]
      last = try measure.findings(release.classes, wholes: wholes, outside: release.outside, several: release.several)
      let broken = last.filter { !$0.holds }
      if broken.isEmpty, (release.classes.map(\.people).min() ?? 0) >= k {
        let kept = try KeptSuppressed(
          release.suppressed, records: plan.summary.suppressedRecords, judged: release.judged, anonymity: anonymity,
          measure: measure)
        var plan = plan
        if anonymity.suppressed == .keep { plan.keepSuppressed() }
        return Decided(
          plan: plan, findings: last, kept: kept, averageRisk: release.averageRisk,
          candidates: showsPeople ? release.candidates(anonymity) : nil,
          inference: release.inference(anonymity))
      }
      for finding in broken {
        if finding.field == nil {
          k = max(k + 1, k + k / 4)
        } else {
          tightening *= min(0.99, max(0.5, 0.995 * finding.demanded / max(finding.measured, 1e-9)))
        }
      }
      if k > table.peopleCount { break }
    }
    throw Self.broken(last.filter { !$0.holds })
  }

  private func search(
    _ table: QuasiTable, k: Int, suppress: Double, criteria: ClassCriteria
  ) -> RecodingPlan? {
    switch anonymity.recoding {
    case .local where !table.population.isEmpty:
      return StrictSearch(table, k: k, suppress: suppress, criteria: criteria).run(keeping: previous?.contents).map {
        RecodingPlan(table: table, plan: $0, k: k)
      }
    case .local:
      let kept = previous?.classes(table, size: k, k: anonymity.k, criteria: criteria)
      guard !criteria.items.isEmpty || kept?.broken.isEmpty == false else {
        return LocalSearch(table, k: k, suppress: suppress, effort: anonymity.effort, labels: anonymity.labels)
          .run(threads: threads, keeping: kept).map { RecodingPlan(table: table, plan: $0, k: k) }
      }
      // Tries first to keep in step with the previous release. A search that may suppress many records ends where much
      // is lost, so it is first limited to few.
      for keeping in kept == nil ? [nil] : [kept, nil] {
        for share in Set([min(suppress, 0.05), suppress]).sorted() {
          let guarded = LocalGuard(
            table, k: k, suppress: share, criteria: criteria, effort: anonymity.effort, labels: anonymity.labels)
          if let plan = guarded.run(threads: threads, keeping: keeping) {
            return RecodingPlan(table: table, plan: plan, k: k)
          }
        }
      }
      return nil
    case .global:
      var search = GlobalSearch(table, k: k, suppress: suppress, criteria: criteria)
      if let previous { search.floor = previous.levels(table) }
      guard case .plan(let plan) = search.run() else { return nil }
      return RecodingPlan(table: table, plan: plan, k: k)
    }
  }

  // MARK: Unmet

  private static func unmet(_ hint: UnmetHint, _ anonymity: AnonymityConfig) -> RunError {
    let unit = anonymity.count == .subjects ? "people" : "records"
    return RunError(
      .check,
      "k-anonymity cannot be met, nothing was published: k is \(hint.k), and only \(hint.people) \(unit) are left "
        + "after the filters, so that even one class of all would be too small"
        + "\n  what would meet it: k of at most \(hint.largestK), or more data")
  }

  /// One class with all records is the last result that recoding can reach. What does not hold there cannot be met
  /// within the limit.
  private func unmet(_ table: QuasiTable, _ measure: ModelMeasure) throws(RunError) -> RunError {
    var all = MeasuredClass(fields: table.sensitive.count)
    all.people = table.peopleCount
    if !table.population.isEmpty { all.population = table.population.reduce(0, +) }
    for (field, column) in table.sensitive.enumerated() {
      for (value, count) in zip(column.values, column.totals) { all.values[field][value] = count }
      all.several[field] = column.cells.cellsOfPeople.map { cells in
        Set(cells.map { column.values[Int(column.cells.values[Int($0)])] })
      }.filter { $0.count > 1 }
    }
    let findings = try measure.findings([all], wholes: [all.values], outside: 0, several: []).filter { !$0.holds }
    let share = anonymity.suppress.fraction
    return RunError(
      .check,
      "the privacy models cannot be met, nothing was published"
        + findings.map { "\n  even for one class of all, \($0.text); what would meet it: \($0.advice)" }.joined()
        + (share < 1 ? "\n  or try a larger 'suppress' than \(ModelFinding.short(share * 100))%" : ""))
  }

  private static func broken(_ findings: [ModelFinding]) -> RunError {
    RunError(
      .check,
      "the privacy models are not met, nothing was published"
        + findings.map { "\n  \($0.text); what would meet it: \($0.advice)" }.joined())
  }
}
