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
    let people = grouping.people
    // The figures of published classes; nil for the others.
    var risks = [Double?](repeating: nil, count: people.count)
    var links = risks
    for index in people.indices {
      guard people[index] >= k, holds(index, people: people[index], in: grouping) else {
        // A person of the population who is in no published class is known not to be in the release.
        if let presence, presence.lowerBound > 0, grouping.population[index] > 0 { return false }
        continue
      }
      risks[index] = 1 / Double(people[index])
      if marketerRisk != nil { links[index] = 1 / Double(max(1, grouping.population[index])) }
    }
    for (limit, figures) in [(averageRisk, risks), (marketerRisk, links)] {
      if let limit, !Self.mean(figures, isAtMost: limit, people: people, subjects: grouping.subjects) { return false }
    }
    return true
  }

  /// Returns whether the mean of a figure of classes over people is at most a limit. A person in several classes counts
  /// once, with the highest figure of theirs; classes without a figure are not published.
  private static func mean(
    _ figures: [Double?], isAtMost limit: Double, people: [Int], subjects: SubjectCounts?
  ) -> Bool {
    var sum = 0.0
    var all = 0
    for (count, figure) in zip(subjects?.single ?? people, figures) {
      guard let figure else { continue }
      sum += Double(count) * figure
      all += count
    }
    if let subjects {
      for subject in 0..<subjects.starts.count - 1 {
        let own = subjects.classes[subjects.starts[subject]..<subjects.starts[subject + 1]]
        guard let most = own.compactMap({ figures[Int($0)] }).max() else { continue }
        sum += most
        all += 1
      }
    }
    return sum <= (limit + ModelTolerance.value) * Double(all)
  }
}
