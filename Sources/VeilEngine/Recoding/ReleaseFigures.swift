import VeilAnonymity
import VeilConfig
import VeilGround

/// The figures of a release's classes for the manifest, besides k and loss.
extension Recoding {
  var figures: [(String, JSONValue)] {
    let contents = plan.contents
    let utility = Utility(records: applied.records, suppressed: applied.suppressed, k: anonymity.k)
    let risk =
      isWhole
      ? averageRisk.flatMap { ReidentificationRisk(people: contents.peopleOfClass, kept: kept?.people, average: $0) }
      : nil
    return [
      ("utility", Self.value(utility, entropies: isWhole ? contents.entropies : [])),
      ("reidentification_risk", risk.map(Self.value) ?? .null),
      ("all_records_of_a_person", candidates?.manifest ?? .null),
      (
        "plan",
        applies.map { .object([("applies_to", .text($0)), ("unseen_records", .integer(applied.unseen))]) } ?? .null
      ),
      ("previous_release", intersection.map { value($0) } ?? .null),
    ]
  }

  /// Whether the records are those for which the plan was decided: what was counted and measured then holds only for
  /// these.
  var isWhole: Bool { if case .whole? = reach { true } else { reach == nil } }

  /// The share of information that was lost by recoding; nil if it was not measured on these records.
  var loss: Double? { isWhole ? summary.loss : nil }

  /// The intersection of the previous release and this one; nil if it was measured on other records.
  var intersection: Intersection? {
    if let outcome = applied.outcome, !outcome.isCovered { return nil }
    return plan.contents.intersection
  }

  /// The figures of what this run published, which may be another part of the data than the plan was made for.
  var published: (people: Int?, classes: Int, smallestClass: Int) {
    if isWhole { return (summary.people, summary.classes, summary.smallestClass) }
    let all = applied.outcome?.people ?? applied.people
    let people = zip(all, applied.records).filter { $0.1 > 0 }.map(\.0)
    return (nil, people.count, people.min() ?? 0)
  }

  /// What an export says if it is only a part of what its plan was made for; nil for any other export.
  var partOnly: String? { if case .part? = reach { applies } else { nil } }

  /// The records to which a plan from a file was applied, and so what may be said of this export alone.
  private var applies: String? {
    switch reach {
    case nil: nil
    case .whole?: "the records it was made for"
    case .part?:
      "a part of the records it was made for; k \(anonymity.hasModels ? "and every model hold" : "holds") for all parts together"
    case .other?, .unmet?: "other records than it was made for"
    }
  }

  private static func value(_ utility: Utility, entropies: [ColumnEntropy]) -> JSONValue {
    let bits = entropies.reduce(0) { $0 + $1.bits }
    let most = entropies.reduce(0) { $0 + $1.most }
    return .object([
      ("discernibility", .integer(utility.discernibility)),
      ("average_class_size", .number(utility.averageClassSize)),
      ("non_uniform_entropy", entropies.isEmpty ? .null : .number(most > 0 ? bits / most : 0)),
      ("non_uniform_entropy_by_field", .array(entropies.map { .number($0.share) })),
      (
        "class_sizes",
        .array(
          utility.sizes.map { .object([("records", .integer($0.records)), ("classes", .integer($0.classes))]) })
      ),
    ])
  }

  private static func value(_ risk: ReidentificationRisk) -> JSONValue {
    .object([
      ("prosecutor_maximum", .number(risk.prosecutorMaximum)), ("prosecutor_average", .number(risk.prosecutorAverage)),
      ("marketer", .number(risk.marketer)),
    ])
  }

  private func value(_ intersection: Intersection) -> JSONValue {
    .object([
      ("people_in_both", .integer(intersection.inBoth)), ("singled_out", .integer(intersection.singledOut)),
      ("below", .integer(intersection.k)),
      ("in_this_one_only", intersection.oneOnly.map { .integer($0.came) } ?? .null),
      ("in_the_previous_one_only", intersection.oneOnly.map { .integer($0.left) } ?? .null),
      ("allowed", anonymity.release.intersectionLimit.map { .integer($0) } ?? .null),
    ])
  }
}
