import VeilAnonymity
import VeilConfig
import VeilGround

/// The result of applying a plan from a file to these records. It is measured on what is published, as
/// `RecodingDecision` measures what it has decided.
struct AppliedOutcome {
  /// The records for which the plan's promise holds.
  enum Reach {
    /// The records are exactly those for which the plan was made, by number, people, class and sensitive value.
    case whole
    /// The records are a part of those for which the plan was made: no class, and no sensitive value in it, has more.
    /// By itself this part has less than is promised; all parts together keep the promise.
    case part
    /// These are other records, but they keep the whole promise. The size is nil if none of them is in a class.
    case other(smallestClass: Int?)
    /// These are other records, and they do not keep the promise: the people of the smallest class, and the models that
    /// are broken.
    case unmet(people: Int, broken: [ModelFinding])
  }

  let reach: Reach
  /// The number of people in each class, and in the last place among the suppressed; the number of records if people
  /// are not told apart.
  let people: [Int]
  /// Whether no class has more than the plan was made for. Then what holds for all classes together, or for them and
  /// another release, also holds for these records.
  let isCovered: Bool
  /// Whether in addition no more records are suppressed, and the plan knew every combination: these may be a part of
  /// the plan's records.
  let isPart: Bool
  /// The results of every model besides k; empty for a part, which promises nothing by itself.
  let findings: [ModelFinding]
  let kept: KeptSuppressed?
  /// The mean over people of 1 / the people of their class.
  let averageRisk: Double
  /// The candidates of people over all of their records; nil where these cannot be put together.
  let candidates: PersonCandidates?
  let inference: WorstInference?

  init(
    _ applied: AppliedClasses, _ contents: PlanContents, anonymity: AnonymityConfig, config: PipelineConfig,
    showsPeople: Bool
  ) throws(RunError) {
    let records = applied.records
    people = applied.people
    let sensitive = applied.sensitive
    let release = ReleaseMeasure(contents, people: people, several: applied.several, sensitive: sensitive)
    averageRisk = release.averageRisk
    candidates = showsPeople ? release.candidates(anonymity) : nil
    let measure = try ModelMeasure(config, anonymity)
    let wholes = anonymity.suppressed == .keep ? [release.judged] : [release.judged, release.published]
    let findings =
      anonymity.hasModels
      ? try measure.findings(release.classes, wholes: wholes, outside: release.outside, several: release.several) : []
    inference = release.inference(anonymity)
    let broken = findings.filter { !$0.holds }
    kept = try KeptSuppressed(
      release.suppressed, records: applied.suppressed, judged: release.judged, anonymity: anonymity, measure: measure)

    let smallest = zip(people, records).filter { $0.1 > 0 }.map(\.0).min()
    let values = sensitive.map { column in
      ClassValues(column, classOf: (0...contents.classCount).map { Int32($0) }, classCount: contents.classCount)
    }
    let foreseen = contents.recordsOfClass
    let suppressed = contents.summary.suppressedRecords
    let isAll = records == foreseen && applied.suppressed == suppressed && applied.unseen == 0
    isCovered =
      Self.isCovered(records, people: people, contents: contents)
      && zip(values, contents.sensitive).allSatisfy { $0.isPart(of: $1) }
    isPart = isCovered && applied.unseen == 0 && applied.suppressed <= suppressed
    let holds = (smallest ?? anonymity.k) >= anonymity.k && broken.isEmpty
    self.findings = holds ? findings : []
    if holds {
      reach = isAll && isCovered && values == contents.sensitive ? .whole : .other(smallestClass: smallest)
    } else {
      reach = isPart && !isAll ? .part : .unmet(people: smallest ?? anonymity.k, broken: broken)
    }
  }

  /// Returns whether the plan's own records can have left these records in each class: a missing record can remove at
  /// most one person.
  private static func isCovered(_ records: [Int], people: [Int], contents: PlanContents) -> Bool {
    let foreseen = contents.recordsOfClass
    return foreseen.indices.allSatisfy { number in
      let missing = foreseen[number] - records[number]
      return missing >= 0 && (0...missing).contains(contents.peopleOfClass[number] - people[number])
    }
  }
}

extension ClassValues {
  /// Returns whether no class has a value more often than the same class of `whole` has it.
  fileprivate func isPart(of whole: ClassValues) -> Bool {
    classes.indices.allSatisfy { number in
      let most = whole.counts(number)
      return counts(number).allSatisfy { $0.value <= most[$0.key, default: 0] }
    }
  }
}
