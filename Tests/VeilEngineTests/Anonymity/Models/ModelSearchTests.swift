import Testing

@testable import VeilAnonymity
@testable import VeilEngine

/// Global and local recoding under other models than k, held against definitions and exhaustive search.
@Suite("Privacy models: search")
struct ModelSearchTests {
  /// Members of each class, by the labels that its readers see; nil for records that are suppressed.
  private func classes(_ data: ModelTable, _ plan: RecodingPlan) -> [[[UInt8]]?: [Definitions.Member]] {
    var classes: [[[UInt8]]?: [Definitions.Member]] = [:]
    for (index, row) in data.data.rows.enumerated() {
      let codes = row.enumerated().map { column, value in
        value.withUnsafeBufferPointer { plan.code(column: column, $0)! }
      }
      let number = codes.withUnsafeBufferPointer { plan.classIndex($0.baseAddress!) }
      let labels = number.map { number in
        codes.indices.map { Array(plan.label(column: $0, class: number)) }
      }
      classes[labels, default: []].append(data.member(index))
    }
    return classes
  }

  /// The least loss of any level vector, by trying all on text.
  private func exhaustive(
    _ data: ModelTable, k: Int, limit: Int, _ models: [Definitions.Model]
  ) -> (loss: Double, levels: [Int])? {
    let (table, rows) = (data.table, data.data.rows)
    var best: (loss: Double, levels: [Int])?
    var levels = table.hierarchies.map { _ in 0 }
    while true {
      let labels = ExhaustiveSearch.labels(data.data, table, levels: levels)
      var members: [[[UInt8]]: [Int]] = [:]
      for index in rows.indices { members[labels[index], default: []].append(index) }
      var suppressed = 0
      var loss = 0.0
      for (label, own) in members {
        let people = own.map(data.member)
        let isKept = Set(people.map(\.person)).count >= k && data.holds(models, people)
        if !isKept { suppressed += own.count }
        for (column, text) in label.enumerated() {
          let hierarchy = table.hierarchies[column]
          guard hierarchy.leafCount > 1 else { continue }
          // A `*` below the top stands for values that the hierarchy does not cover, and says as little as the top.
          let isStar = text == [UInt8(ascii: "*")]
          let covered =
            isStar
            ? hierarchy.leafCount
            : (0..<hierarchy.leafCount).count {
              hierarchy.label(level: levels[column], group: Int(hierarchy.group(level: levels[column], leaf: $0)))
                == text
            }
          loss += Double(own.count) * (isKept ? Double(covered - 1) / Double(hierarchy.leafCount - 1) : 1)
        }
      }
      loss /= Double(max(1, rows.count * levels.count))
      if suppressed <= limit, suppressed < rows.count, loss < (best?.loss ?? 2) - 1e-12 { best = (loss, levels) }
      guard let column = levels.indices.last(where: { levels[$0] < table.hierarchies[$0].height }) else { return best }
      levels[column] += 1
      for later in levels.indices where later > column { levels[later] = 0 }
    }
  }

  @Test func globalOptimumEqualsExhaustiveSearch() {
    var plans = 0
    var unmet = 0
    for seed in Sweep.seeds(0..<300, sample: 100) {
      let data = ModelTable(seed: seed)
      var random = Random(seed: seed ^ 0xF00D)
      let k = Int.random(in: 1...4, using: &random)
      let share = [0, 0.1, 0.4, 1].randomElement(using: &random)!
      let models = ModelTable.models(&random)
      var search = GlobalSearch(data.table, k: k, suppress: share, criteria: data.criteria(models))
      let expected = exhaustive(data, k: k, limit: search.limit, models)
      guard case .plan(let plan) = search.run() else {
        #expect(expected == nil, "seed \(seed), \(models)")
        unmet += 1
        continue
      }
      plans += 1
      #expect(plan.levels == expected?.levels, "seed \(seed), k \(k), \(models)")
      #expect(abs(plan.loss - (expected?.loss ?? -1)) < 1e-9, "seed \(seed), k \(k), \(models)")
      let classes = classes(data, RecodingPlan(table: data.table, plan: plan, k: k))
      #expect((classes[nil]?.count ?? 0) == plan.suppressedRecords)
      for (label, members) in classes where label != nil {
        #expect(Set(members.map(\.person)).count >= k && data.holds(models, members), "seed \(seed), \(models)")
      }
    }
    #expect(plans > Sweep.count(120, sample: 40) && unmet > Sweep.count(20, sample: 6))
  }

  @Test func localClassesHoldByDefinition() {
    var plans = 0
    for seed in Sweep.seeds(1000..<1400, sample: 120) {
      let data = ModelTable(seed: seed, rows: 80)
      var random = Random(seed: seed ^ 0xF00D)
      let k = Int.random(in: 1...4, using: &random)
      let share = [0, 0.1, 0.4].randomElement(using: &random)!
      let models = ModelTable.models(&random)
      let search = LocalGuard(
        data.table, k: k, suppress: share, criteria: data.criteria(models), effort: .fast)
      guard let plan = search.run() else {
        // One class of all must then be out of the question, unless some could have been suppressed.
        if share == 0, Set(data.whole.map(\.person)).count >= k {
          #expect(!data.holds(models, data.whole), "seed \(seed), \(models)")
        }
        continue
      }
      plans += 1
      #expect(plan.suppressedRecords <= search.limit)
      let classes = classes(data, RecodingPlan(table: data.table, plan: plan, k: k))
      #expect((classes[nil]?.count ?? 0) == plan.suppressedRecords, "seed \(seed)")
      for (label, members) in classes where label != nil {
        #expect(Set(members.map(\.person)).count >= k && data.holds(models, members), "seed \(seed), k \(k), \(models)")
      }
    }
    #expect(plans > Sweep.count(150, sample: 45))
  }

  /// After a release before: classes hold by definition, and no class of before that still has k people is divided, so
  /// that nobody in one is singled out.
  @Test func classesOfBeforeStayTogether() throws {
    var (plans, stayed, broken, joined) = (0, 0, 0, 0)
    for seed in Sweep.seeds(2000..<2500, sample: 150) {
      let data = ModelTable(seed: seed, rows: 80)
      var random = Random(seed: seed ^ 0xF00D)
      let k = Int.random(in: 1...4, using: &random)
      let share = [0, 0.1].randomElement(using: &random)!
      let models = ModelTable.models(&random)
      let first = data.table(of: data.data.rows.indices.filter { $0 % 5 > 0 })
      guard let old = LocalSearch(first, k: k, suppress: 0, effort: .fast).run() else { continue }
      let previous = PlanContents(first, old, k: k)
      let criteria = data.criteria(models)
      let kept = PreviousClasses(data.table, previous: previous, k: k, criteria: criteria)
      let search = LocalGuard(data.table, k: k, suppress: share, criteria: criteria, effort: .fast)
      guard let plan = search.run(keeping: kept) else {
        if share == 0, Set(data.whole.map(\.person)).count >= k, !kept.classes.isEmpty || !kept.broken.isEmpty {
          #expect(!data.holds(models, data.whole), "seed \(seed), \(models)")
        }
        continue
      }
      plans += 1
      stayed += kept.classes.count
      broken += kept.broken.count
      joined += kept.loose.isEmpty ? 0 : 1
      #expect(plan.suppressedRecords <= search.limit)
      let classes = classes(data, RecodingPlan(table: data.table, plan: plan, k: k))
      for (label, members) in classes where label != nil {
        #expect(Set(members.map(\.person)).count >= k && data.holds(models, members), "seed \(seed), k \(k), \(models)")
      }
      let before = previous.classes(of: data.table)
      let people = data.table.people(of: before, count: previous.classCount)
      var now: [Int32: Set<Int32>] = [:]
      for (own, number) in zip(before, plan.classOf) where own >= 0 { now[own, default: []].insert(number) }
      for (own, found) in now where people[Int(own)] >= k { #expect(found.count == 1, "seed \(seed), \(models)") }
    }
    #expect(
      plans > Sweep.count(150, sample: 45) && stayed > Sweep.count(300, sample: 90)
        && broken > Sweep.count(100, sample: 30) && joined > Sweep.count(100, sample: 30),
      "\(plans) \(stayed) \(broken) \(joined)")
  }

  /// A bound that were too low would make the search miss the best vector: no subset of a class that can be divided into
  /// classes that hold is larger than `keepable` says.
  @Test func nothingIsKeepableBeyondTheBound() {
    for seed in Sweep.seeds(0..<200, sample: 80) {
      let data = ModelTable(seed: seed, rows: 9)
      if data.data.countsSubjects || data.values.isEmpty { continue }
      var random = Random(seed: seed)
      for model in ModelTable.models(&random) {
        let criteria = data.criteria([model])
        let whole = data.whole
        let column = data.table.sensitive[0]
        let joined = column.cells.joined(Array(repeating: 0, count: column.cells.classCount), classCount: 1)
        let view = joined.view(0, people: whole.count)
        guard let bound = criteria.items[0].criterion.keepable(view) else { continue }
        // A union of classes that hold, holds; so it is enough to try all subsets as one class.
        var most = 0
        for subset in 1..<1 << whole.count {
          let members = whole.indices.filter { subset >> $0 & 1 == 1 }.map { whole[$0] }
          if members.count > most, data.holds([model], members) { most = members.count }
        }
        #expect(most <= bound, "seed \(seed), \(model)")
      }
    }
  }
}
