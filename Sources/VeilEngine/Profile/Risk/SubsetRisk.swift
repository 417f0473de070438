/// How many people or records a set of columns identifies by itself.
struct SubsetRisk: Sendable {
  /// The indices of the columns among the quasi-identifiers.
  let columns: [Int]
  /// The number of different combinations.
  let classes: Double
  /// The share of records, or people, whose combination nobody else has.
  let uniqueShare: Double

  /// Returns the risk of every counted set.
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

  /// Returns the order of two sets: the one that identifies more comes first.
  static func precedes(_ a: SubsetRisk, _ b: SubsetRisk) -> Bool {
    if a.uniqueShare != b.uniqueShare { return a.uniqueShare > b.uniqueShare }
    if a.classes != b.classes { return a.classes > b.classes }
    return a.columns.lexicographicallyPrecedes(b.columns)
  }
}
