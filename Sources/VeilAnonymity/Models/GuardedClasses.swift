/// The classes of local recoding with models other than k, and their sensitive values.
///
/// If people count, a person with several combinations counts in only one of them, so the counts are estimates. Before
/// publication, `LocalGuard` must count exactly.
struct GuardedClasses {
  private(set) var core: ClassSet
  let criteria: ClassCriteria
  /// The values by class, then by sensitive column.
  private(set) var values: [[ValueCounts]] = []
  private let columns: [SensitiveCells]
  private let credits: [[Int]]

  var k: Int { core.k }
  var model: LocalModel { core.model }

  init(_ core: ClassSet, criteria: ClassCriteria, columns: [SensitiveCells]) {
    self.core = core
    self.criteria = criteria
    self.columns = columns
    credits = columns.map { cells in cells.pairs?.credits ?? cells.counts }
    values = core.members.map { _ in columns.map { _ in ValueCounts() } }
    for number in core.members.indices {
      for member in core.members[number] { add(member, 1, to: number) }
    }
  }

  private mutating func add(_ combination: Int32, _ sign: Int, to number: Int) {
    for (index, cells) in columns.enumerated() {
      for cell in cells.starts[Int(combination)]..<cells.starts[Int(combination) + 1] {
        values[number][index].add(cells.values[cell], sign * credits[index][cell])
      }
    }
  }

  func holds(_ number: Int) -> Bool { holds(values[number], people: core.people[number]) }

  func holds(_ values: [ValueCounts], people: Int) -> Bool {
    people >= k
      && criteria.items.allSatisfy {
        $0.criterion.holds(values[$0.column].view(people: people, choices: nil, isEstimate: true))
      }
  }

  /// Returns whether two classes would hold if they were joined.
  func hold(_ a: Int, _ b: Int) -> Bool {
    var joined = values[a]
    for index in joined.indices { joined[index].add(values[b][index]) }
    return holds(joined, people: core.people[a] + core.people[b])
  }

  /// Returns the increase of the total loss if two classes are joined.
  func increase(joining a: Int, _ b: Int) -> Int {
    core.unit(a, joining: b) * (core.records[a] + core.records[b]) - core.cost(a) - core.cost(b)
  }

  /// Joins two classes; the second is empty afterwards.
  mutating func join(_ a: Int, _ b: Int) {
    let gone = core.members[b]
    for index in columns.indices { values[a][index].add(values[b][index]) }
    values[b] = columns.map { _ in ValueCounts() }
    core.replace(b, with: [])
    core.replace(a, with: core.members[a] + gone)
  }

  /// Removes a class; its members are then in no class.
  mutating func remove(_ number: Int) -> [Int32] {
    let gone = core.members[number]
    core.replace(number, with: [])
    values[number] = columns.map { _ in ValueCounts() }
    return gone
  }

  mutating func take(_ combination: Int32, from number: Int) {
    core.replace(number, with: core.members[number].filter { $0 != combination })
    add(combination, -1, to: number)
  }

  mutating func put(_ combination: Int32, into number: Int) {
    core.insert(combination, into: number)
    add(combination, 1, to: number)
  }

  mutating func append(_ combinations: [Int32]) {
    values.append(columns.map { _ in ValueCounts() })
    let number = core.append(combinations)
    for combination in combinations { add(combination, 1, to: number) }
  }

  /// Returns whether a class would hold with one combination added and another one removed.
  func holds(_ number: Int, without gone: Int32?, with new: Int32?) -> Bool {
    var people = core.people[number]
    var own = values[number]
    for (combination, sign) in [(gone, -1), (new, 1)] {
      guard let combination else { continue }
      people += sign * model.people[Int(combination)]
      for (index, cells) in columns.enumerated() {
        for cell in cells.starts[Int(combination)]..<cells.starts[Int(combination) + 1] {
          own[index].add(cells.values[cell], sign * credits[index][cell])
        }
      }
    }
    return holds(own, people: people)
  }
}
