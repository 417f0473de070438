import VeilGround

/// Which people have which combinations, so that the size of a class is a number of people and not of records.
///
/// It keeps only hashes, once for each different pair of person and combination: 8 bytes for each quasi-identifier, for
/// the person and for the combination. So its memory grows with the data, unlike that of `CombinationSurvey`.
struct PeopleSurvey: Sendable {
  private let columns: Int
  /// `columns` hashes for each pair; and below, the person of each pair.
  private var rows: [UInt64] = []
  private var people: [UInt64] = []
  private var seen: Set<UInt64> = []

  init(columns: Int) { self.columns = columns }

  /// Adds the records of a batch: a hash for each column and record, and one of the person for each record. All records
  /// without a person count as those of one unknown person.
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

  /// Returns the pairs, sorted by person.
  func byPerson() -> PeopleRows {
    let order = people.indices.sorted { people[$0] < people[$1] }
    var starts: [Int] = []
    for (place, index) in order.enumerated() where place == 0 || people[index] != people[order[place - 1]] {
      starts.append(place)
    }
    return PeopleRows(
      columns: (0..<columns).map { column in order.map { rows[$0 * columns + column] } }, starts: starts + [order.count]
    )
  }
}

/// The combinations of people; those of one person are next to each other.
struct PeopleRows {
  /// By column, a hash for each row.
  fileprivate let columns: [[UInt64]]
  /// The start of each person's rows, and at last the end.
  fileprivate let starts: [Int]

  /// The number of different people.
  var count: Int { starts.count - 1 }

  /// Counts the different people of each combination of some columns.
  /// - Returns: for each size of the smallest class that a person is in, how many people there are.
  func count(_ set: [Int], into sample: inout HashSample) -> [Int: Int] {
    var combinations = [UInt64](repeating: 0, count: starts.last ?? 0)
    for column in set {
      let own = columns[column]
      for row in combinations.indices { combinations[row] &+= own[row] }
    }
    for row in combinations.indices { combinations[row] = ValueHash.mixed(combinations[row]) }
    for person in 0..<count {
      let (first, end) = (starts[person], starts[person + 1])
      if end == first + 1 {
        sample.add(combinations[first])
      } else {
        for combination in Set(combinations[first..<end]) { sample.add(combination) }
      }
    }
    var alone = 0
    var worst: [Int: Int] = [:]
    for person in 0..<count {
      var least = Int.max
      for row in starts[person]..<starts[person + 1] {
        if let size = sample.count(of: combinations[row]) { least = min(least, size) }
      }
      // Most people are in a class of one, or not in the sample.
      if least == 1 { alone += 1 } else if least < .max { worst[least, default: 0] += 1 }
    }
    if alone > 0 { worst[1] = alone }
    return worst
  }
}
