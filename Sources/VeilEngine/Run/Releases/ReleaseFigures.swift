import VeilConfig

/// What a manifest says of a release's classes besides k and loss.
extension Recoding {
  var figures: [(String, JSONValue)] {
    let contents = plan.contents
    let utility = Utility(records: applied.records, suppressed: applied.suppressed, k: anonymity.k)
    // What was counted and measured when the plan was decided holds for the whole only.
    let isWhole: Bool = if case .whole? = reach { true } else { reach == nil }
    let risk = isWhole ? ReidentificationRisk(people: contents.peopleOfClass, kept: kept?.people) : nil
    return [
      ("utility", Self.value(utility, entropies: isWhole ? contents.entropies : [])),
      ("reidentification_risk", risk.map(Self.value) ?? .null),
      (
        "plan",
        applies.map { .object([("applies_to", .text($0)), ("unseen_records", .integer(applied.unseen))]) } ?? .null
      ),
      ("previous_release", contents.intersection.map { value($0) } ?? .null),
    ]
  }

  /// What this run published, which may be another part of the data than the plan was made for. There, people in a class
  /// are counted up to k.
  var published: (people: Int?, classes: Int, smallestClass: Int) {
    switch reach {
    case nil, .whole?: return (summary.people, summary.classes, summary.smallestClass)
    case .part?, .other?, .unmet?:
      let people = zip(applied.people(upTo: AppliedOutcome.most(anonymity)), applied.records).filter { $0.1 > 0 }.map(
        \.0)
      return (nil, people.count, people.min() ?? 0)
    }
  }

  /// To which records a plan from a file was applied, and so what may be said of this export alone.
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
      ("allowed", anonymity.release.intersectionLimit.map { .integer($0) } ?? .null),
    ])
  }
}
