/// The conditions for classes besides k.
///
/// Against a population: k-map (Sweeney 2001) requires that at least k people of the population, who might all be in
/// the release, share each class. It promises that nobody is singled out by a person who does not know who is in the
/// release. It promises nothing to people whose presence is known. delta-presence (Nergiz, Atzori, Clifton 2007)
/// requires that for everybody in the population the probability to be in the release lies within limits. It promises
/// that presence itself is not learnt, if the adversary knows no more than the population file.
///
/// Risks (El Emam 2013): the mean over all published people of 1 / class size (average), or of 1 / people of the
/// population in the class (marketer). A mean promises nothing to any single person.
package struct ClassCriteria: Sendable {
  /// The sensitive column of the table, and the condition for it.
  package var items: [(column: Int, criterion: any SensitiveCriterion)] = []
  /// The largest number of published classes per published person: the mean of 1 / class size.
  package var averageRisk: Double?
  /// The least number of people of the population in a class, and the share of them that may be published.
  package var populationSize = 0
  package var presence: ClosedRange<Double>?
  /// The largest mean of 1 / people of the population in the class.
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

  /// Returns whether a class with so many people, out of so many of the population in it, meets the conditions for
  /// both.
  func fits(_ people: Int, of population: Int) -> Bool {
    if population < populationSize { return false }
    guard let presence else { return true }
    let all = Double(population)
    return Double(people) <= all * presence.upperBound + ModelTolerance.value
      && Double(people) >= all * presence.lowerBound - ModelTolerance.value
  }

  /// Returns the least number of records of a class that must be suppressed at any level below it.
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

  /// Returns whether all classes together meet the conditions.
  func accepts(_ grouping: Grouping, k: Int) -> Bool {
    if averageRisk == nil && marketerRisk == nil && presence == nil { return true }
    var classes = 0
    var all = 0
    var alike = 0.0
    let people = grouping.people
    for index in people.indices {
      guard people[index] >= k, holds(index, people: people[index], in: grouping) else {
        // A person of the population who is in no published class is known not to be in the release.
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
