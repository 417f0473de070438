/// Which people were seen with which combinations, so that classes are counted by people and not by records.
///
/// Kept are hashes alone, for each different pair of person and combination once: 8 bytes for each quasi-identifier, the
/// person and the combination. Memory therefore grows with the data, unlike that of `CombinationSurvey`.
struct PeopleSurvey: Sendable {
  private let columns: Int
  /// `columns` hashes a pair, and the person of each.
  private var rows: [UInt64] = []
  private var people: [UInt64] = []
  private var seen: Set<UInt64> = []

  init(columns: Int) { self.columns = columns }

  /// Notes a batch's records: a hash for each column and record, and for each record one of the person. Records without
  /// a person are all taken to be one and the same unknown person's.
  mutating func add(_ hashes: [[UInt64]], people owners: [UInt64]) {
    for (record, person) in owners.enumerated() {
      var sum: UInt64 = 0
      for column in hashes { sum &+= column[record] }
      guard seen.insert(ValueHash.mixed(sum ^ ValueHash.mixed(person))).inserted else { continue }
      people.append(person)
      for column in hashes { rows.append(column[record]) }
    }
  }

  mutating func merge(_ other: PeopleSurvey) {
    for (index, person) in other.people.enumerated() {
      let own = other.rows[index * columns..<(index + 1) * columns]
      guard seen.insert(ValueHash.mixed(own.reduce(0, &+) ^ ValueHash.mixed(person))).inserted else { continue }
      people.append(person)
      rows.append(contentsOf: own)
    }
  }

  /// Places of `people` person by person, and where each person's begin.
  func byPerson() -> (order: [Int], starts: [Int]) {
    let order = people.indices.sorted { people[$0] < people[$1] }
    var starts: [Int] = []
    for (place, index) in order.enumerated() where place == 0 || people[index] != people[order[place - 1]] {
      starts.append(place)
    }
    return (order, starts + [order.count])
  }

  /// Counts the different people of each combination of some columns.
  /// - Returns: by size of the smallest class that a person is in, how many people there are.
  func count(_ set: [Int], _ grouped: (order: [Int], starts: [Int]), into sample: inout HashSample) -> [Int: Int] {
    let combinations = people.indices.map { index in
      ValueHash.mixed(set.reduce(0) { $0 &+ rows[index * columns + $1] })
    }
    for person in grouped.starts.indices.dropLast() {
      let own = grouped.order[grouped.starts[person]..<grouped.starts[person + 1]]
      if own.count == 1, let only = own.first {
        sample.add(combinations[only])
      } else {
        for combination in Set(own.map { combinations[$0] }) { sample.add(combination) }
      }
    }
    var worst: [Int: Int] = [:]
    for person in grouped.starts.indices.dropLast() {
      let own = grouped.order[grouped.starts[person]..<grouped.starts[person + 1]]
      guard let least = own.compactMap({ sample.count(of: combinations[$0]) }).min() else { continue }
      worst[least, default: 0] += 1
    }
    return worst
  }
}
