/// The values of one sensitive field, and which of them each combination of quasi-identifiers has.
package struct SensitiveColumn: Sendable {
  /// In byte order, each with a first byte that says what kind of value it is; a missing one is empty.
  package let values: [[UInt8]]
  /// By combination of the table.
  package let cells: SensitiveCells

  /// The number of the missing value, where there is one.
  package var missing: UInt32? { values.first?.isEmpty == true ? 0 : nil }

  /// How often each value occurs in the whole table: records, or different pairs of person and value.
  package var totals: [Int] {
    let all = cells.joined(Array(repeating: 0, count: cells.classCount), classCount: 1)
    var totals = [Int](repeating: 0, count: values.count)
    for (value, count) in zip(all.values, all.counts) { totals[Int(value)] += count }
    return totals
  }
}

/// The sensitive values of classes: each class has some cells, one for each different value there.
package struct SensitiveCells: Sendable {
  /// Different values in the whole table.
  let valueCount: Int
  /// The cells of class c are `starts[c] ..< starts[c + 1]`.
  package let starts: [Int]
  package let values: [UInt32]
  /// Records of each cell, or people: everybody counts once for each different value they have in a class.
  package let counts: [Int]
  /// Where people count: those of each cell.
  package let pairs: SubjectCounts?

  var classCount: Int { starts.count - 1 }

  /// What the model of a class looks at. `people` are those of the class.
  func view(_ index: Int, people: Int) -> ClassView {
    let range = starts[index]..<starts[index + 1]
    return ClassView(values: values[range], counts: counts[range], people: people)
  }

  /// These cells after classes were joined: class c is now `classOf[c]`. A class at or above `classCount` is left out.
  func joined(_ classOf: [UInt32], classCount: Int) -> SensitiveCells {
    // The old classes of each new one, by counting.
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
        valueCount: valueCount, starts: starts, values: joinedValues, counts: joinedCounts, pairs: nil)
    }
    // Cells that are left out share one that nobody looks at.
    let outside = UInt32(joinedValues.count)
    let people = pairs.joined(cellOf.map { min($0, outside) }, classCount: joinedValues.count + 1)
    return SensitiveCells(
      valueCount: valueCount, starts: starts, values: joinedValues,
      counts: Array(people.people.prefix(joinedValues.count)), pairs: people)
  }
}

/// One class as a model of its sensitive values sees it.
package struct ClassView {
  let values: ArraySlice<UInt32>
  /// Records, or people, with each of the values.
  let counts: ArraySlice<Int>
  /// Records, or different people, in the class. Somebody with several values counts once here.
  let people: Int

  var total: Int { counts.reduce(0, +) }
}
