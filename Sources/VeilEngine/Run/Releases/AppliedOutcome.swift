import VeilConfig

/// What a plan from a file came to on the records that it was applied to: measured on what is published, as `RecodingDecision`
/// measures what it has decided.
struct AppliedOutcome {
  /// To whom the promise holds.
  enum Reach {
    /// The very records, by number, class and sensitive value, that the plan was made for.
    case whole
    /// No more of any class, nor of any sensitive value in it, than the plan was made for, and less than is promised by
    /// itself: all parts together have it.
    case part
    /// Other records, but all that is promised holds here.
    case other(smallestClass: Int)
    /// Other records, and it does not: people of the smallest class, and the models that are broken.
    case unmet(people: Int, broken: [AuditFinding])
  }

  let reach: Reach
  /// What every model besides k came to; nothing for a part, which promises nothing by itself.
  let findings: [AuditFinding]
  let kept: KeptSuppressed?

  /// How many people of a class are told apart: where k alone is promised, more than k do not matter.
  static func most(_ anonymity: AnonymityConfig) -> Int {
    anonymity.hasModels || anonymity.suppressed == .keep ? .max : anonymity.k
  }

  init(
    _ applied: AppliedClasses, _ contents: PlanContents, _ anonymity: AnonymityConfig, _ config: PipelineConfig
  ) throws(RunError) {
    let records = applied.records
    let people = applied.people(upTo: Self.most(anonymity))
    let sensitive = applied.sensitive
    let release = ReleaseAudit(contents, people: people, sensitive)
    let audit = try ModelAudit(config, anonymity)
    let wholes = anonymity.suppressed == .keep ? [release.judged] : [release.judged, release.published]
    let findings =
      anonymity.hasModels ? try audit.findings(release.classes, wholes: wholes, outside: release.outside) : []
    let broken = findings.filter { !$0.holds }
    kept = try KeptSuppressed(
      release.suppressed, records: applied.suppressed, judged: release.judged, anonymity, audit)

    let smallest = zip(people, records).filter { $0.1 > 0 }.map(\.0).min() ?? anonymity.k
    let values = sensitive.map { column in
      ClassValues(column, classOf: (0...contents.classCount).map { Int32($0) }, classCount: contents.classCount)
    }
    let foreseen = contents.recordsOfClass
    let suppressed = contents.summary.suppressedRecords
    let isAll = records == foreseen && applied.suppressed == suppressed && applied.unseen == 0
    let isPart =
      !isAll && applied.unseen == 0 && applied.suppressed <= suppressed
      && zip(records, foreseen).allSatisfy { $0 <= $1 }
      && zip(values, contents.sensitive).allSatisfy { $0.isPart(of: $1) }
    let holds = smallest >= anonymity.k && broken.isEmpty
    self.findings = holds ? findings : []
    if holds {
      reach = isAll && values == contents.sensitive ? .whole : .other(smallestClass: smallest)
    } else {
      reach = isPart ? .part : .unmet(people: smallest, broken: broken)
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
