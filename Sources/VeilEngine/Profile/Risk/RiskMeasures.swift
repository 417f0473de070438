/// Re-identification risk of a table's quasi-identifiers, before anything is done to it.
///
/// Prosecutor, journalist and marketer are the three attackers of El Emam (2013), "Guide to the De-Identification of
/// Personal Health Information": one knows that a person is in the data; one links any person of the population; one wants
/// to link as many as possible. Without a sampling fraction the data is taken to be the population, the strictest view.
public struct RiskMeasures: Sendable {
  let sizes: ClassSizes
  /// Whether no class was left uncounted.
  let isExact: Bool
  let records: Int
  /// The share of the population that is in the data; nil where the data is taken for all of it.
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

  init(_ sample: HashSample, records: Int, fraction: Double?) {
    let sizes = ClassSizes(sample.sizes)
    self.sizes = sizes
    isExact = sample.isExact
    self.records = records
    self.fraction = fraction
    population = fraction.map { fraction in
      let zayatz = PopulationModels.zayatz(sizes, fraction: fraction)
      let pitman = PopulationModels.pitman(sizes, fraction: fraction)
      let slide = PopulationModels.slideNegativeBinomial(sizes, fraction: fraction)
      return PopulationUniqueness(
        people: sizes.records / fraction, zayatz: zayatz, pitman: pitman, slideNegativeBinomial: slide,
        decided: PopulationModels.decide(
          pitman: pitman, slideNegativeBinomial: slide, zayatz: zayatz, fraction: fraction),
        dataIntrusion: PopulationModels.dataIntrusion(sizes, fraction: fraction))
    }
  }

  var uniqueRecords: Double { sizes.classes(of: 1) }
  var uniqueShare: Double { sizes.shareBelow(2) }
  var averageClass: Double { sizes.classes > 0 ? sizes.records / sizes.classes : 0 }

  /// 1 / the smallest class.
  var prosecutorHighest: Double { sizes.smallest > 0 ? 1 / Double(sizes.smallest) : 0 }
  /// The mean of 1 / f over records: classes / records.
  var prosecutorAverage: Double { sizes.records > 0 ? sizes.classes / sizes.records : 0 }

  /// The highest expected 1 / F of any record's class.
  var journalistHighest: Double {
    guard let fraction, sizes.smallest > 0 else { return prosecutorHighest }
    return PopulationModels.expectedInverse(size: sizes.smallest, fraction: fraction)
  }

  /// The expected share of records that linking all of them gets right: the mean of f * E(1 / F) over classes, by record.
  var marketer: Double {
    guard let fraction, sizes.records > 0 else { return prosecutorAverage }
    let right = sizes.counts.reduce(0) { sum, entry in
      sum + entry.classes * Double(entry.size) * PopulationModels.expectedInverse(size: entry.size, fraction: fraction)
    }
    return right / sizes.records
  }
}
