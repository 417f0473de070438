/// The classes of the previous release, and what happens to them. A reader who intersects the two releases learns
/// nothing about the people in the classes that stay.
///
/// A class keeps its labels even if its present people could have finer ones, because an intersection would reveal the
/// difference. If it has become too small, or breaks a model, it is filled with people whom its labels cover and who
/// were in no class before, if that is enough.
package struct PreviousClasses: Sendable {
  package struct Class: Sendable {
    var members: [Int32]
    /// The level of each column's label.
    var levels: [UInt8]
  }
  /// The classes that stay: they have k people and meet every model.
  private(set) var classes: [Class] = []
  /// The classes that do not hold, but have too many people to be separated. Their people stay together, but not as a
  /// class of their own.
  package private(set) var broken: [Class] = []
  /// The combinations of neither.
  private(set) var loose: [Int32] = []
  private let table: QuasiTable
  private let model: LocalModel
  private let k: Int
  private let criteria: ClassCriteria

  /// - Parameter together: if a class has so many people, at most k, they stay together.
  package init(
    _ table: QuasiTable, previous: PlanContents, k: Int, together: Int? = nil,
    criteria: ClassCriteria = ClassCriteria()
  ) {
    (self.table, self.k, self.criteria) = (table, k, criteria)
    model = LocalModel(table)
    var counter = BoxCounter(table)
    let all = previous.present(table)
    var failing: [Class] = []
    for own in all {
      if holds(own, &counter) { classes.append(own) } else { failing.append(own) }
    }
    if !failing.isEmpty {
      var isFree = [Bool](repeating: true, count: model.count)
      for own in all { for member in own.members { isFree[Int(member)] = false } }
      classes += fill(&failing, isFree: &isFree, counter: &counter)
      // Classes that are too small are dissolved, and their members may help others.
      var left: [Class] = []
      for own in failing {
        if counter.counts(own.members).people >= together ?? k {
          left.append(own)
        } else {
          for member in own.members { isFree[Int(member)] = true }
        }
      }
      classes += fill(&left, isFree: &isFree, counter: &counter)
      broken = left
    }
    findLoose()
  }

  private mutating func findLoose() {
    var isLoose = [Bool](repeating: true, count: model.count)
    for own in classes + broken { for member in own.members { isLoose[Int(member)] = false } }
    loose = isLoose.indices.filter { isLoose[$0] }.map { Int32($0) }
  }

  private func holds(_ own: Class, _ counter: inout BoxCounter) -> Bool {
    let counts = counter.counts(own.members)
    return counts.people >= k
      && criteria.items.allSatisfy {
        $0.criterion.holds(counts.view($0.column))
      }
  }

  /// Adds to each failing class the free combinations that its labels cover. Removes and returns the classes that then
  /// hold.
  private func fill(_ failing: inout [Class], isFree: inout [Bool], counter: inout BoxCounter) -> [Class] {
    let index = RegionIndex(model, isFree.indices.filter { isFree[$0] }.map { Int32($0) })
    var held: [Class] = []
    var left: [Class] = []
    for own in failing {
      let more = index.members(of: Region(model, own)).filter { isFree[Int($0)] }
      var filled = own
      filled.members = (own.members + more).sorted()
      if !more.isEmpty, holds(filled, &counter) {
        for member in more { isFree[Int(member)] = false }
        held.append(filled)
      } else {
        left.append(own)
      }
    }
    failing = left
    return held
  }

  /// The number of classes that are checked for each combination.
  private static let asked = 8

  /// Adds loose combinations to classes that stay, if the present labels cover them and they would lose less there.
  /// `units` is the loss elsewhere of a record of each combination of the table.
  private func absorbing(_ units: [Int]) -> PreviousClasses {
    var result = self
    var counter = BoxCounter(table)
    let index = RegionIndex(model, loose)
    var covering: [[(unit: Int, number: Int)]] = Array(repeating: [], count: model.count)
    for (number, own) in classes.enumerated() {
      let region = Region(model, own)
      let unit = region.unit(model)
      for member in index.members(of: region) where unit < units[Int(member)] {
        covering[Int(member)].append((unit, number))
      }
    }
    for member in loose {
      for (_, number) in covering[Int(member)].sorted(by: { $0 < $1 }).prefix(Self.asked) {
        var own = result.classes[number]
        own.members.append(member)
        guard holds(own, &counter) else { continue }
        result.classes[number] = own
        break
      }
    }
    result.findLoose()
    return result
  }

  /// Decides on the combinations that are in no class that stays, either alone or after adding some of them to classes
  /// that stay, whichever loses less.
  /// - Parameters:
  ///   - rest: decides on the other combinations alone; nil if that is not possible.
  ///   - joined: decides on them together with the classes that would have stayed.
  func decide(
    _ rest: (PreviousClasses) -> (plan: LocalPlan, classes: [[Int32]])?, joined: (PreviousClasses) -> LocalPlan?
  ) -> LocalPlan? {
    guard let apart = rest(self) else {
      let absorbed = absorbing(Array(repeating: .max, count: model.count))
      return rest(absorbed)?.plan ?? joined(absorbed)
    }
    let absorbed = absorbing(units(apart.classes))
    guard absorbed.loose.count < loose.count, let less = rest(absorbed)?.plan, less.loss < apart.plan.loss else {
      return apart.plan
    }
    return less
  }

  /// Returns the loss of a record of each combination: in its class, or suppressed.
  private func units(_ found: [[Int32]]) -> [Int] {
    var units = [Int](repeating: model.everything, count: model.count)
    for (number, unit) in ClassSet(model, k: k, classes: found).unit.enumerated() {
      for member in found[number] { units[Int(member)] = unit }
    }
    return units
  }

  /// The levels that the labels of classes may not stay below: those of previous classes in them.
  func floors(_ found: [[Int32]]) -> [[UInt8]] {
    var levels = [[UInt8]](repeating: [], count: model.count)
    for own in classes + broken { for member in own.members { levels[Int(member)] = own.levels } }
    return found.map { members in
      members.reduce(into: [UInt8](repeating: 0, count: model.width)) { floor, member in
        for (column, level) in levels[Int(member)].enumerated() { floor[column] = max(floor[column], level) }
      }
    }
  }
}

extension PlanContents {
  /// Returns the classes of this plan of which a later table has combinations. If the table's hierarchies have fewer
  /// levels than the labels had, the top level is used.
  func present(_ table: QuasiTable) -> [PreviousClasses.Class] {
    var members: [Int32: [Int32]] = [:]
    for (combination, number) in classes(of: table).enumerated() where number >= 0 {
      members[number, default: []].append(Int32(combination))
    }
    let tops = table.hierarchies.map(\.height)
    return members.keys.sorted().map { number in
      PreviousClasses.Class(
        members: members[number] ?? [],
        levels: zip(columns, tops).map { UInt8(min(Int($0.levelOfClass[Int(number)]), $1)) })
    }
  }

  /// Returns the class in this plan of each combination of a later table; -1 if it has none.
  func classes(of table: QuasiTable) -> [Int32] { numbers(of: table).map { $0.map { classOf[$0] } ?? -1 } }

  /// Returns the number in this plan of each combination of a later table; nil if it has none.
  func numbers(of table: QuasiTable) -> [Int?] {
    let codeOfLeaf = table.hierarchies.indices.map { column in
      (0..<table.hierarchies[column].leafCount).map { leaf in
        columns[column].values.find(table.lookups[column].value(of: UInt32(leaf)))
      }
    }
    let index = CombinationIndex(layout: layout, codeCounts: columns.map(\.values.count), keys: keys)
    return table.records.indices.map { combination in
      let start = combination * table.layout.words
      return index.find { column in
        codeOfLeaf[column][table.layout.code(column, in: table.keys, at: start)] ?? .max
      }
    }
  }
}

extension QuasiTable {
  /// Returns the number of distinct people in each group of combinations; a negative group is left out.
  func people(of groups: [Int32], count: Int) -> [Int] {
    if let subjects {
      let numbers = groups.map { $0 < 0 ? UInt32(count) : UInt32($0) }
      return Array(subjects.joined(numbers, classCount: count + 1).people.prefix(count))
    }
    var people = [Int](repeating: 0, count: count)
    for (group, records) in zip(groups, records) where group >= 0 { people[Int(group)] += records }
    return people
  }
}

extension LocalSearch {
  /// Keeps previous classes and decides on what they leave over. What is fewer than k people is suppressed, if it may be, or joins the classes where that costs
  /// least.
  func run(threads: Int, _ previous: PreviousClasses) -> LocalPlan? {
    let model = LocalModel(table)
    return previous.decide({ rest($0, model, threads: threads) }, joined: { joined($0, model) })
  }

  /// Returns nil if the other combinations have fewer than k people.
  private func rest(
    _ previous: PreviousClasses, _ model: LocalModel, threads: Int
  ) -> (plan: LocalPlan, classes: [[Int32]])? {
    let rest = previous.loose
    var found: (classes: [[Int32]], suppressed: [Int32]) = ([], [])
    if !rest.isEmpty {
      guard rest.reduce(0, { $0 + model.people[Int($1)] }) >= k else { return nil }
      found = self.found(model.restricted(to: rest), limit: limit, threads: threads)
    }
    let classes = found.classes.map { $0.map { rest[Int($0)] } }
    let suppressed = found.suppressed.map { rest[Int($0)] }
    return plan(previous, model, classes: previous.classes.map(\.members) + classes, suppressed: suppressed).map {
      ($0, classes)
    }
  }

  private func joined(_ previous: PreviousClasses, _ model: LocalModel) -> LocalPlan? {
    let classes = previous.classes.map(\.members)
    if previous.loose.reduce(0, { $0 + model.records[Int($1)] }) <= limit {
      return plan(previous, model, classes: classes, suppressed: previous.loose)
    }
    var set = ClassSet(model, k: k, classes: classes)
    for combination in previous.loose {
      let best = set.members.indices.min {
        set.increase($0, adding: combination) < set.increase($1, adding: combination)
      }
      if let best { set.insert(combination, into: best) }
    }
    return plan(previous, model, classes: set.members, suppressed: [])
  }

  private func plan(
    _ previous: PreviousClasses, _ model: LocalModel, classes: [[Int32]], suppressed: [Int32]
  ) -> LocalPlan? {
    LocalPlan(table, model, classes: classes, suppressed: suppressed, k: k, floors: previous.floors(classes))
  }
}
