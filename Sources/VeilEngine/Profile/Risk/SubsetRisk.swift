/// How much a set of columns singles out by itself.
struct SubsetRisk: Sendable {
  /// Places among the quasi-identifiers.
  let columns: [Int]
  /// Different combinations.
  let classes: Double
  /// The share of records, or people, that no other looks like.
  let uniqueShare: Double

  /// All sets that were counted.
  static func all(_ survey: CombinationSurvey) -> [SubsetRisk] {
    let all = survey.people ?? survey.records
    return zip(survey.subsets, survey.parts).enumerated().map { index, part in
      let sizes = ClassSizes(part.1.sizes)
      let alone = survey.people == nil ? sizes.classes(of: 1) : survey.aloneInParts[index]
      return SubsetRisk(
        columns: part.0, classes: min(sizes.classes, Double(survey.records)),
        uniqueShare: all > 0 ? min(1, alone / Double(all)) : 0)
    }
  }

  /// Most identifying first.
  static func precedes(_ a: SubsetRisk, _ b: SubsetRisk) -> Bool {
    if a.uniqueShare != b.uniqueShare { return a.uniqueShare > b.uniqueShare }
    if a.classes != b.classes { return a.classes > b.classes }
    return a.columns.lexicographicallyPrecedes(b.columns)
  }
}
