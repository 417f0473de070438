/// The classes of the release before, as far as they still have k people: whoever intersects the two releases learns
/// nothing about the people in them.
///
/// A class keeps its labels even where its people of today could do with finer ones, since the difference is what an
/// intersection would tell.
struct FormerClasses: Sendable {
  struct Class: Sendable {
    var members: [Int32]
    /// The level of each column's label.
    var levels: [UInt8]
  }
  /// Those that stay.
  let classes: [Class]
  /// The former class of each combination of the table; -1 where the release before did not have it, or suppressed it.
  let classOf: [Int32]

  init(_ table: QuasiTable, former: PlanContents, k: Int) {
    let classOf = former.classes(of: table)
    var members: [Int32: [Int32]] = [:]
    for (combination, number) in classOf.enumerated() where number >= 0 {
      members[number, default: []].append(Int32(combination))
    }
    let people = table.people(of: classOf, count: former.classCount)
    classes = members.keys.sorted().filter { people[Int($0)] >= k }.map { number in
      Class(
        members: members[number] ?? [], levels: former.columns.map { $0.levelOfClass[Int(number)] })
    }
    self.classOf = classOf
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
    var isKept = [Bool](repeating: false, count: model.count)
    for kept in former.classes {
      for member in kept.members { isKept[Int(member)] = true }
    }
    let rest = (0..<Int32(model.count)).filter { !isKept[Int($0)] }
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
