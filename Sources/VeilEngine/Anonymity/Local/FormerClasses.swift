/// The classes of the release before, and what becomes of them: whoever intersects the two releases learns nothing about
/// the people in those that stay.
///
/// A class keeps its labels even where its people of today could do with finer ones, since the difference is what an
/// intersection would tell. Where it has become too small, or breaks a model, people whom its labels cover and who were
/// in no class before fill it up, if that is enough.
struct FormerClasses: Sendable {
  struct Class: Sendable {
    var members: [Int32]
    /// The level of each column's label.
    var levels: [UInt8]
  }
  /// Those that stay: they have k people, and keep every model.
  let classes: [Class]
  /// Those of k people that break a model. Their people are to stay together, but not by themselves.
  let broken: [Class]
  /// The combinations of neither.
  let loose: [Int32]

  init(_ table: QuasiTable, former: PlanContents, k: Int, criteria: ClassCriteria = ClassCriteria()) {
    var counter = BoxCounter(table)
    func people(_ own: Class) -> Int { counter.counts(own.members).people }
    func holds(_ own: Class) -> Bool {
      let counts = counter.counts(own.members)
      return counts.people >= k
        && criteria.items.allSatisfy { $0.criterion.holds(counts.values[$0.column].view(people: counts.people)) }
    }
    let all = former.present(table)
    var failing = all.filter { !holds($0) }
    var held = all.filter { holds($0) }
    var unmet: [Class] = []
    if !failing.isEmpty {
      let model = LocalModel(table)
      var isFree = [Bool](repeating: true, count: model.count)
      for own in all { for member in own.members { isFree[Int(member)] = false } }
      held += Self.fill(&failing, model, &isFree, holds)
      // Those that are too small come apart, and what they had may help others.
      for own in failing where people(own) < k { for member in own.members { isFree[Int(member)] = true } }
      unmet = failing.filter { people($0) >= k }
      held += Self.fill(&unmet, model, &isFree, holds)
    }
    (classes, broken) = (held, unmet)
    var isLoose = [Bool](repeating: true, count: table.records.count)
    for own in classes + broken { for member in own.members { isLoose[Int(member)] = false } }
    loose = isLoose.indices.filter { isLoose[$0] }.map { Int32($0) }
  }

  /// Gives classes that do not hold the free combinations that their labels cover, and takes out those that then hold.
  private static func fill(
    _ failing: inout [Class], _ model: LocalModel, _ isFree: inout [Bool], _ holds: (Class) -> Bool
  ) -> [Class] {
    var held: [Class] = []
    let index = RegionIndex(model, isFree.indices.filter { isFree[$0] }.map { Int32($0) })
    var left: [Class] = []
    for own in failing {
      let region = Region(model, own)
      let more = index.members(of: region).filter { isFree[Int($0)] }
      var filled = own
      filled.members = (own.members + more).sorted()
      if !more.isEmpty, holds(filled) {
        for member in more { isFree[Int(member)] = false }
        held.append(filled)
      } else {
        left.append(own)
      }
    }
    failing = left
    return held
  }
}

extension PlanContents {
  /// The classes of this plan that a later table has combinations of.
  func present(_ table: QuasiTable) -> [FormerClasses.Class] {
    var members: [Int32: [Int32]] = [:]
    for (combination, number) in classes(of: table).enumerated() where number >= 0 {
      members[number, default: []].append(Int32(combination))
    }
    return members.keys.sorted().map { number in
      FormerClasses.Class(
        members: members[number] ?? [], levels: columns.map { $0.levelOfClass[Int(number)] })
    }
  }
}

extension PlanContents {
  /// The class in this plan of each combination of a table that came later; -1 without one.
  /// - Parameter isVisible: whether suppressed records that stayed count as the class that they are seen in.
  func classes(of table: QuasiTable, isVisible: Bool = false) -> [Int32] {
    let classOf = isVisible ? visibleClassOf : self.classOf
    let codeOfLeaf = table.hierarchies.indices.map { column in
      (0..<table.hierarchies[column].leafCount).map { leaf in
        columns[column].values.find(table.lookups[column].value(of: UInt32(leaf)))
      }
    }
    let index = CombinationIndex(layout: layout, codeCounts: columns.map(\.values.count), keys: keys)
    return table.records.indices.map { combination in
      let start = combination * table.layout.words
      let found = index.find { column in
        codeOfLeaf[column][table.layout.code(column, in: table.keys, at: start)] ?? .max
      }
      return found.map { classOf[$0] } ?? -1
    }
  }
}

extension QuasiTable {
  /// Distinct people in each group of combinations; a negative group is left out.
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
  /// Decides on what the former classes leave over. Where that is fewer than k people they are suppressed, if they may
  /// be, or join the classes where that costs least.
  func run(threads: Int, _ former: FormerClasses) -> LocalPlan? {
    let model = LocalModel(table)
    let rest = former.loose
    var classes = former.classes.map(\.members)
    var suppressed: [Int32] = []
    if rest.reduce(0, { $0 + model.people[Int($1)] }) >= k {
      let found = found(model.restricted(to: rest), limit: limit, threads: threads)
      classes += found.classes.map { $0.map { rest[Int($0)] } }
      suppressed = found.suppressed.map { rest[Int($0)] }
    } else if rest.reduce(0, { $0 + model.records[Int($1)] }) <= limit {
      suppressed = rest
    } else {
      var set = ClassSet(model, k: k, classes: classes)
      for combination in rest {
        let best = set.members.indices.min {
          set.increase($0, adding: combination) < set.increase($1, adding: combination)
        }
        if let best { set.insert(combination, into: best) }
      }
      classes = set.members
    }
    return LocalPlan(
      table, model, classes: classes, suppressed: suppressed, k: k, floors: former.classes.map(\.levels))
  }
}
