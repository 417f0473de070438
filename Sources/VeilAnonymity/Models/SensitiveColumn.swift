/// The values of one sensitive field, and the values that each combination of quasi-identifiers has.
package struct SensitiveColumn: Sendable {
  /// The values in byte order. The first byte of each says what kind of value it is; a missing value is empty.
  package let values: [[UInt8]]
  /// The cells by combination of the table.
  package let cells: SensitiveCells

  /// The number of the missing value, if there is one.
  package var missing: UInt32? { values.first?.isEmpty == true ? 0 : nil }

  /// How often each value occurs in the whole table: the number of records, or of different pairs of person and value.
  package var totals: [Int] {
    let all = cells.joined(Array(repeating: 0, count: cells.classCount), classCount: 1)
    var totals = [Int](repeating: 0, count: values.count)
    for (value, count) in zip(all.values, all.counts) { totals[Int(value)] += count }
    return totals
  }
}

/// The sensitive values of classes: each class has one cell for each different value in it.
package struct SensitiveCells: Sendable {
  /// The number of different values in the whole table.
  let valueCount: Int
  /// The cells of class c are `starts[c] ..< starts[c + 1]`.
  package let starts: [Int]
  package let values: [UInt32]
  /// The records of each cell, or its people: a person counts once for each different value they have in a class.
  package let counts: [Int]
  /// The people of each cell, if people count.
  package let pairs: SubjectCounts?
  /// The people and their cells; nil if records count, or if nobody has several cells.
  let owners: PeopleOfCells?

  init(
    valueCount: Int, starts: [Int], values: [UInt32], counts: [Int], pairs: SubjectCounts?, owners: SubjectCounts?
  ) {
    (self.valueCount, self.starts, self.values, self.counts) = (valueCount, starts, values, counts)
    self.pairs = pairs
    self.owners = owners.map { PeopleOfCells($0, starts: starts, values: values) }
  }

  /// The cells of each person who has several.
  package var cellsOfPeople: [ArraySlice<UInt32>] {
    guard let counts = owners?.counts else { return [] }
    return (0..<counts.starts.count - 1).map { counts.classes[counts.starts[$0]..<counts.starts[$0 + 1]] }
  }

  var classCount: Int { starts.count - 1 }

  /// Returns the view of a class that a model needs. `people` is the number of people in the class.
  func view(_ index: Int, people: Int) -> ClassView {
    let range = starts[index]..<starts[index + 1]
    return ClassView(
      values: values[range], counts: counts[range], people: people, choices: owners?.choices(index, range),
      isEstimate: false)
  }

  /// Returns these cells after classes were joined: class c is now `classOf[c]`. A class at or above `classCount` is
  /// left out.
  func joined(_ classOf: [UInt32], classCount: Int) -> SensitiveCells {
    // The old classes of each new one, sorted by counting.
    var ends = [Int](repeating: 0, count: classCount + 2)
    for new in classOf { ends[min(Int(new), classCount) + 1] += 1 }
    for index in 1..<ends.count { ends[index] += ends[index - 1] }
    var members = [Int32](repeating: 0, count: classOf.count)
    var next = ends
    for (old, new) in classOf.enumerated() {
      let place = min(Int(new), classCount)
      members[next[place]] = Int32(old)
      next[place] += 1
    }
    var cellOf = [UInt32](repeating: .max, count: pairs?.single.count ?? 0)
    var slot = [Int](repeating: -1, count: valueCount)
    var starts = [0]
    starts.reserveCapacity(classCount + 1)
    var joinedValues: [UInt32] = []
    var joinedCounts: [Int] = []
    for new in 0..<classCount {
      let first = joinedValues.count
      for member in members[ends[new]..<ends[new + 1]] {
        for cell in self.starts[Int(member)]..<self.starts[Int(member) + 1] {
          let value = Int(values[cell])
          if slot[value] < first {
            slot[value] = joinedValues.count
            joinedValues.append(values[cell])
            joinedCounts.append(0)
          }
          joinedCounts[slot[value]] += counts[cell]
          if !cellOf.isEmpty { cellOf[cell] = UInt32(slot[value]) }
        }
      }
      starts.append(joinedValues.count)
    }
    guard let pairs else {
      return SensitiveCells(
        valueCount: valueCount, starts: starts, values: joinedValues, counts: joinedCounts, pairs: nil, owners: nil)
    }
    // All cells that are left out share one extra cell that is never used.
    let outside = UInt32(joinedValues.count)
    let cellOrOutside = cellOf.map { min($0, outside) }
    let people = pairs.joined(cellOrOutside, classCount: joinedValues.count + 1)
    let owners = owners?.counts.joined(cellOrOutside, classCount: joinedValues.count + 1)
    return SensitiveCells(
      valueCount: valueCount, starts: starts, values: joinedValues,
      counts: Array(people.people.prefix(joinedValues.count)), pairs: people, owners: owners)
  }
}

/// One class, in the form that a model of its sensitive values needs.
package struct ClassView {
  let values: ArraySlice<UInt32>
  /// The number of records, or of people, with each value.
  let counts: ArraySlice<Int>
  /// The number of records, or of different people, in the class. A person with several values counts once here.
  let people: Int
  /// What people with several values can be known by; nil if nobody has several, or if only the counts are known.
  let choices: ValueChoices?
  /// Whether the counts are an estimate, which an exact count will follow.
  let isEstimate: Bool

  var total: Int { counts.reduce(0, +) }
}
