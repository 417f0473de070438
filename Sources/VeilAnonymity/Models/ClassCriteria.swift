/// What classes must satisfy besides k.
///
/// Against a population: k-map (Sweeney 2001) asks that each class be shared by at least k of everybody who might be in the
/// release. It promises that nobody is singled out by somebody who does not know who is in the release, and nothing to those
/// whose presence is known. delta-presence (Nergiz, Atzori, Clifton 2007) asks that for everybody of the population the
/// probability to be in the release lies within limits; it promises that presence itself is not learnt, as far as the
/// population file is what the adversary knows.
///
/// Risks (El Emam 2013): a mean of 1 / class size over all people published (average), or of 1 / people of the population
/// alike (marketer). A mean promises nothing to any one person.
package struct ClassCriteria: Sendable {
  /// The sensitive column of the table, and what is asked of it.
  package var items: [(column: Int, criterion: any SensitiveCriterion)] = []
  /// Classes published for each person published, at most: the mean of 1 / class size.
  package var averageRisk: Double?
  /// The least people of the population in a class, and the shares of them that may be published.
  package var populationSize = 0
  package var presence: ClosedRange<Double>?
  /// The mean of 1 / people of the population in the class, at most.
  package var marketerRisk: Double?

  package init() {}

  var isEmpty: Bool {
    items.isEmpty && averageRisk == nil && populationSize == 0 && presence == nil && marketerRisk == nil
  }

  func holds(_ index: Int, people: Int, in grouping: Grouping) -> Bool {
    if !grouping.population.isEmpty, !fits(people, of: grouping.population[index]) { return false }
    return holds(index, people: people, in: grouping.sensitive)
  }

  func holds(_ index: Int, people: Int, in cells: [SensitiveCells]) -> Bool {
    items.allSatisfy { $0.criterion.holds(cells[$0.column].view(index, people: people)) }
  }

  /// Whether a class of so many people, out of so many of the population alike, keeps what is asked of both.
  func fits(_ people: Int, of population: Int) -> Bool {
    if population < populationSize { return false }
    guard let presence else { return true }
    let all = Double(population)
    return Double(people) <= all * presence.upperBound + ModelTolerance.value
      && Double(people) >= all * presence.lowerBound - ModelTolerance.value
  }

  /// The least records of a class that must be suppressed at any level below it.
  func unavoidable(_ index: Int, people: Int, in grouping: Grouping) -> Int {
    let records = grouping.records[index]
    var lost = 0
    if !grouping.population.isEmpty {
      let population = grouping.population[index]
      if population < populationSize { return records }
      if let presence, grouping.subjects == nil {
        lost = max(0, records - Int(Double(population) * presence.upperBound + ModelTolerance.value))
      }
    }
    for item in items where lost < records {
      let cells = grouping.sensitive[item.column]
      let view = cells.view(index, people: people)
      if cells.pairs != nil {
        if item.criterion.isHopeless(view) { lost = records }
      } else if let kept = item.criterion.keepable(view) {
        lost = max(lost, records - kept)
      }
    }
    return lost
  }

  /// What all classes together must satisfy.
  func accepts(_ grouping: Grouping, k: Int) -> Bool {
    if averageRisk == nil && marketerRisk == nil && presence == nil { return true }
    var classes = 0
    var all = 0
    var alike = 0.0
    let people = grouping.people
    for index in people.indices {
      guard people[index] >= k, holds(index, people: people[index], in: grouping) else {
        // Whoever is in no class published is known not to be in the release.
        if let presence, presence.lowerBound > 0, grouping.population[index] > 0 { return false }
        continue
      }
      classes += 1
      all += people[index]
      if marketerRisk != nil { alike += Double(people[index]) / Double(max(1, grouping.population[index])) }
    }
    if let averageRisk, Double(classes) > (averageRisk + ModelTolerance.value) * Double(all) { return false }
    if let marketerRisk, alike > (marketerRisk + ModelTolerance.value) * Double(all) { return false }
    return true
  }
}
