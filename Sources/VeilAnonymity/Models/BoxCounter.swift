/// Counts the people, the population and the sensitive values of any set of combinations, exactly: a person with
/// several of the combinations counts once.
struct BoxCounter {
  private let table: QuasiTable
  private var subjects: Tracked?
  private var pairs: [Tracked?]
  private let owners: [Tracked?]

  init(_ table: QuasiTable) {
    self.table = table
    subjects = table.subjects.map { Tracked($0) }
    pairs = table.sensitive.map { $0.cells.pairs.map { Tracked($0) } }
    owners = table.sensitive.map { $0.cells.owners.map { Tracked($0.counts) } }
  }

  /// The people by place: those in a single place are only counted, those in several places are listed.
  private struct Tracked {
    let single: [Int]
    private let starts: [Int]
    private let owners: [Int32]
    private var seen: [Int32]
    private var turn: Int32 = 0

    init(_ counts: SubjectCounts) {
      single = counts.single
      var starts = [Int](repeating: 0, count: counts.single.count + 1)
      for place in counts.classes { starts[Int(place) + 1] += 1 }
      for index in 1..<starts.count { starts[index] += starts[index - 1] }
      var next = starts
      var owners = [Int32](repeating: 0, count: counts.classes.count)
      for owner in 0..<counts.starts.count - 1 {
        for place in counts.classes[counts.starts[owner]..<counts.starts[owner + 1]] {
          owners[next[Int(place)]] = Int32(owner)
          next[Int(place)] += 1
        }
      }
      (self.starts, self.owners) = (starts, owners)
      seen = Array(repeating: -1, count: counts.starts.count - 1)
    }

    /// Starts a new set of places, in which nobody was counted yet.
    mutating func begin() { turn += 1 }

    /// The people at a place who are in several.
    func people(at place: Int) -> ArraySlice<Int32> { owners[starts[place]..<starts[place + 1]] }

    /// Returns the number of people at a place who were not counted in this set before.
    mutating func meet(_ place: Int) -> Int {
      var new = single[place]
      for owner in owners[starts[place]..<starts[place + 1]] where seen[Int(owner)] != turn {
        seen[Int(owner)] = turn
        new += 1
      }
      return new
    }
  }

  struct Counts {
    var people = 0
    var population = 0
    var records = 0
    /// The values by sensitive column.
    var values: [ValueCounts] = []
    /// What people with several values can be known by, by sensitive column; nil where nobody has several.
    var choices: [ValueChoices?] = []

    func view(_ column: Int) -> ClassView {
      values[column].view(people: people, choices: choices[column], isEstimate: false)
    }
  }

  mutating func counts(_ members: [Int32]) -> Counts {
    var counts = Counts()
    subjects?.begin()
    for member in members {
      counts.records += table.records[Int(member)]
      if !table.population.isEmpty { counts.population += table.population[Int(member)] }
      counts.people += subjects?.meet(Int(member)) ?? table.records[Int(member)]
    }
    for (column, own) in table.sensitive.enumerated() {
      pairs[column]?.begin()
      var sums: [UInt32: Int] = [:]
      for member in members {
        for cell in own.cells.starts[Int(member)]..<own.cells.starts[Int(member) + 1] {
          sums[own.cells.values[cell], default: 0] += pairs[column]?.meet(cell) ?? own.cells.counts[cell]
        }
      }
      var values = ValueCounts()
      for (value, count) in sums.sorted(by: { $0.key < $1.key }) { values.add(value, count) }
      counts.values.append(values)
      counts.choices.append(owners[column].map { choices(members, own.cells, $0, values.values) })
    }
    return counts
  }

  private func choices(
    _ members: [Int32], _ cells: SensitiveCells, _ owners: Tracked, _ values: [UInt32]
  ) -> ValueChoices {
    var forced = Set<UInt32>()
    var ofPerson: [Int32: Set<UInt32>] = [:]
    for member in members {
      for cell in cells.starts[Int(member)]..<cells.starts[Int(member) + 1] {
        if owners.single[cell] > 0 { forced.insert(cells.values[cell]) }
        for person in owners.people(at: cell) { ofPerson[person, default: []].insert(cells.values[cell]) }
      }
    }
    var several = Set<Set<UInt32>>()
    for own in ofPerson.values {
      if own.count == 1 { forced.formUnion(own) } else { several.insert(own) }
    }
    return ValueChoices(isForced: values.map { forced.contains($0) }[...], several: several.map { $0.sorted() })
  }
}
