/// The re-identification risk of a table's quasi-identifiers, before any protection.
///
/// Prosecutor, journalist and marketer are the three attackers of El Emam (2013), "Guide to the De-Identification of
/// Personal Health Information": the first knows that a person is in the data; the second links any person of the
/// population; the third wants to link as many people as possible. Without a sampling fraction the data counts as the
/// whole population, which is the strictest view.
public struct RiskMeasures: Sendable {
  let sizes: ClassSizes
  /// Whether every class was counted.
  let isExact: Bool
  /// The number of records, or of people if they are told apart.
  let count: Int
  let countsPeople: Bool
  /// How many records or people are in classes of each size. A person in several classes counts for the smallest one,
  /// where the risk is highest.
  private let alike: [(size: Int, count: Double)]
  /// The share of the population that is in the data; nil if the data counts as the whole population.
  let fraction: Double?
  let population: PopulationUniqueness?

  struct PopulationUniqueness: Sendable {
    let people: Double
    let zayatz: Double?
    let pitman: Double?
    let slideNegativeBinomial: Double?
    let decided: (model: PopulationModels.Model, uniques: Double)?
    /// The chance that a unique match is right.
    let dataIntrusion: Double?
  }

  init(_ survey: CombinationSurvey, fraction: Double?) {
    let sizes = ClassSizes(survey.whole.sizes)
    self.sizes = sizes
    isExact = survey.whole.isExact
    count = survey.people ?? survey.records
    countsPeople = survey.people != nil
    alike =
      countsPeople
      ? survey.smallestOfPeople.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value)) }
      : sizes.counts.map { ($0.size, Double($0.size) * $0.classes) }
    self.fraction = fraction
    let people = survey.people.map(Double.init) ?? sizes.records
    population = fraction.map { fraction in
      let zayatz = PopulationModels.zayatz(sizes, fraction: fraction)
      let pitman = PopulationModels.pitman(sizes, fraction: fraction)
      let slide = PopulationModels.slideNegativeBinomial(sizes, fraction: fraction)
      return PopulationUniqueness(
        people: people / fraction, zayatz: zayatz, pitman: pitman, slideNegativeBinomial: slide,
        decided: PopulationModels.decide(
          pitman: pitman, slideNegativeBinomial: slide, zayatz: zayatz, fraction: fraction),
        dataIntrusion: PopulationModels.dataIntrusion(sizes, fraction: fraction))
    }
  }

  /// The number of records, or people, that are alone in a class.
  var unique: Double { alike.first { $0.size == 1 }?.count ?? 0 }
  var uniqueShare: Double { shareBelow(2) }
  var averageClass: Double { sizes.classes > 0 ? sizes.records / sizes.classes : 0 }

  /// Returns the share of records, or people, in classes smaller than `size`.
  func shareBelow(_ size: Int) -> Double { mean { $0 < size ? 1 : 0 } }

  /// Returns the mean, over all records or people, of a figure that depends on the size of their class.
  private func mean(_ figure: (Int) -> Double) -> Double {
    let all = alike.reduce(0) { $0 + $1.count }
    return all > 0 ? alike.reduce(0) { $0 + figure($1.size) * $1.count } / all : 0
  }

  /// 1 / (the size of the smallest class).
  var prosecutorHighest: Double { sizes.smallest > 0 ? 1 / Double(sizes.smallest) : 0 }
  /// The mean of 1 / f over records, which is classes / records.
  var prosecutorAverage: Double {
    countsPeople ? mean { 1 / Double($0) } : sizes.records > 0 ? sizes.classes / sizes.records : 0
  }

  /// The highest expected 1 / F of any record's class.
  var journalistHighest: Double {
    guard let fraction, sizes.smallest > 0 else { return prosecutorHighest }
    return PopulationModels.expectedInverse(size: sizes.smallest, fraction: fraction)
  }

  /// The expected share of records, or people, that are linked correctly if all are linked: the mean of E(1 / F).
  var marketer: Double {
    guard let fraction else { return prosecutorAverage }
    return mean { PopulationModels.expectedInverse(size: $0, fraction: fraction) }
  }
}
