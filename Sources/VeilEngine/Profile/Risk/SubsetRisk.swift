/// How much a set of columns singles out by itself.
struct SubsetRisk: Sendable {
  /// Places among the quasi-identifiers.
  let columns: [Int]
  /// Different combinations.
  let classes: Double
  /// The share of records that no other record looks like.
  let uniqueShare: Double

  /// All sets that were counted.
  static func all(_ survey: CombinationSurvey) -> [SubsetRisk] {
    zip(survey.subsets, survey.parts).map { columns, sample in
      let sizes = ClassSizes(sample.sizes)
      let share = survey.records > 0 ? min(1, sizes.classes(of: 1) / Double(survey.records)) : 0
      return SubsetRisk(columns: columns, classes: min(sizes.classes, Double(survey.records)), uniqueShare: share)
    }
  }

  /// Most identifying first.
  static func precedes(_ a: SubsetRisk, _ b: SubsetRisk) -> Bool {
    if a.uniqueShare != b.uniqueShare { return a.uniqueShare > b.uniqueShare }
    if a.classes != b.classes { return a.classes > b.classes }
    return a.columns.lexicographicallyPrecedes(b.columns)
  }
}
