/// Gathers the combinations of numbers that records have, and whose they are. One for each thread; they merge.
package struct MicroSurvey {
  let dimensions: Int
  /// Records of each combination.
  private var records: [[Int64]: Int] = [:]
  /// The combination at which a person counts: the least of theirs, so that it does not depend on any order.
  private var homes: [UInt64: [Int64]] = [:]
  private(set) var recordsWithoutValue = 0

  package init(dimensions: Int) { self.dimensions = dimensions }

  /// - Parameter person: whose record it is; nil where records count as people.
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

  /// The combinations in ascending order, with people and records of each.
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
