import VeilAnonymity
import VeilConfig
import VeilGround

/// What a plan from a file came to on the records that it was applied to: measured on what is published, as `RecodingDecision`
/// measures what it has decided.
struct AppliedOutcome {
  /// To whom the promise holds.
  enum Reach {
    /// The very records, by number, people, class and sensitive value, that the plan was made for.
    case whole
    /// No more of any class, nor of any sensitive value in it, than the plan was made for, and less than is promised by
    /// itself: all parts together have it.
    case part
    /// Other records, but all that is promised holds here. Nil where none of them is in a class.
    case other(smallestClass: Int?)
    /// Other records, and it does not: people of the smallest class, and the models that are broken.
    case unmet(people: Int, broken: [ModelFinding])
  }

  let reach: Reach
  /// People in each class, and last among the suppressed; records where no people are told apart.
  let people: [Int]
  /// Whether no class has more than the plan was made for: what holds of all classes together, or of them and another
  /// release, is said of these records, too.
  let isCovered: Bool
  /// Whether no more is suppressed either, and nothing was unseen: these may be a part of the plan's records.
  let isPart: Bool
  /// What every model besides k came to; nothing for a part, which promises nothing by itself.
  let findings: [ModelFinding]
  let kept: KeptSuppressed?

  init(
    _ applied: AppliedClasses, _ contents: PlanContents, anonymity: AnonymityConfig, config: PipelineConfig
  ) throws(RunError) {
    let records = applied.records
    people = applied.people
    let sensitive = applied.sensitive
    let release = ReleaseMeasure(contents, people: people, sensitive: sensitive)
    let measure = try ModelMeasure(config, anonymity)
    let wholes = anonymity.suppressed == .keep ? [release.judged] : [release.judged, release.published]
    let findings =
      anonymity.hasModels ? try measure.findings(release.classes, wholes: wholes, outside: release.outside) : []
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

  /// Whether the plan's own records can have left these of each class: a record that is not here takes one person at most
  /// with it.
  private static func isCovered(_ records: [Int], people: [Int], contents: PlanContents) -> Bool {
    let foreseen = contents.recordsOfClass
    return foreseen.indices.allSatisfy { number in
      let missing = foreseen[number] - records[number]
      return missing >= 0 && (0...missing).contains(contents.peopleOfClass[number] - people[number])
    }
  }
}

extension ClassValues {
  /// Whether no class has a value more often than in the other.
  fileprivate func isPart(of whole: ClassValues) -> Bool {
    classes.indices.allSatisfy { number in
      let most = whole.counts(number)
      return counts(number).allSatisfy { $0.value <= most[$0.key, default: 0] }
    }
  }
}
