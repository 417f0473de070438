/// Collects the combinations of numbers in the records, and whose records they are. Each thread has its own; they are
/// merged.
package struct MicroSurvey {
  let dimensions: Int
  /// The number of records with each combination.
  private var records: [[Int64]: Int] = [:]
  /// The combination where a person counts: the least of the person's combinations, so that it does not depend on any
  /// order.
  private var homes: [UInt64: [Int64]] = [:]
  private(set) var recordsWithoutValue = 0

  package init(dimensions: Int) { self.dimensions = dimensions }

  /// Adds one record.
  ///
  /// - Parameter person: the person whose record it is; nil if records count as people.
  package mutating func add(_ point: [Int64], person: UInt64?) {
    records[point, default: 0] += 1
    if let person { settle(person, point) }
  }

  package mutating func addRecordWithoutValue() { recordsWithoutValue += 1 }

  package mutating func merge(_ other: MicroSurvey) {
    records.merge(other.records, uniquingKeysWith: +)
    for (person, point) in other.homes { settle(person, point) }
    recordsWithoutValue += other.recordsWithoutValue
  }

  private mutating func settle(_ person: UInt64, _ point: [Int64]) {
    if let home = homes[person], !point.lexicographicallyPrecedes(home) { return }
    homes[person] = point
  }

  /// Returns the combinations in ascending order, with the people and records of each.
  func finish(countsPeople: Bool) -> (points: WeightedPoints, records: [Int]) {
    var people: [[Int64]: Int] = [:]
    for home in homes.values { people[home, default: 0] += 1 }
    var points = WeightedPoints(dimensions: dimensions)
    var counts: [Int] = []
    for (point, count) in records.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      points.append(point, weight: countsPeople ? people[point] ?? 0 : count)
      counts.append(count)
    }
    return (points, counts)
  }
}
