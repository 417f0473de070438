import Foundation
import Testing

@testable import VeilAnonymity
@testable import VeilEngine

@Suite("Anonymity: global recoding")
struct AnonymityGlobalSearchTests {
  @Test(arguments: Adult.expected)
  func adult(_ expected: Adult.Expected) throws {
    #expect(Adult.table.recordCount == 30162)
    let start = ContinuousClock.now
    var search = GlobalSearch(Adult.table, k: expected.k, suppress: expected.suppress)
    guard case .plan(let plan) = search.run() else {
      Issue.record("no plan")
      return
    }
    if ProcessInfo.processInfo.environment["VEIL_TIMES"] != nil {
      print(
        "k \(expected.k), suppress \(expected.suppress): \(ContinuousClock.now - start),",
        "\(plan.groupingsCounted) groupings, \(search.keysJoined) keys joined")
    }
    #expect(abs(plan.loss - expected.loss) <= 1e-9)
    #expect(plan.levels == expected.levels)
    #expect(plan.suppressedRecords == expected.suppressed)
    #expect(plan.smallestClass >= expected.k)
  }

  @Test func optimumEqualsExhaustiveSearch() throws {
    var plans = 0
    var withSubjects = 0
    for seed in Sweep.seeds(0..<200, sample: 50) {
      let data = RandomTable(seed: seed)
      var random = Random(seed: seed ^ 0xABCD)
      let k = Int.random(in: 1...6, using: &random)
      let share = [0, 0.05, 0.3, 1].randomElement(using: &random)!
      let table = data.table
      var search = GlobalSearch(table, k: k, suppress: share)
      let expected = ExhaustiveSearch.run(data, table, k: k, limit: search.limit)
      switch search.run() {
      case .unmet(let hint):
        #expect(expected == nil, "seed \(seed)")
        #expect(hint.people == Set(data.countsSubjects ? data.subjects : data.rows.indices.map { UInt64($0) }).count)
        #expect(hint.people < k && hint.largestK == hint.people && hint.smallestSuppression == nil)
      case .plan(let plan):
        plans += 1
        withSubjects += data.countsSubjects ? 1 : 0
        #expect(plan.levels == expected?.levels, "seed \(seed)")
        #expect(abs(plan.loss - (expected?.loss ?? -1)) < 1e-9, "seed \(seed)")
        #expect(plan.suppressedRecords == expected?.suppressed, "seed \(seed)")
        #expect(abs(plan.columnLosses.reduce(0, +) / Double(plan.columnLosses.count) - plan.loss) < 1e-9)
        try apply(RecodingPlan(table: table, plan: plan, k: k), to: data, table, k: k)
      }
    }
    #expect(plans > Sweep.count(120, sample: 30) && withSubjects > Sweep.count(50, sample: 12))
  }

  /// Recodes every row as pass two does, and checks the outcome on text alone.
  private func apply(_ plan: RecodingPlan, to data: RandomTable, _ table: QuasiTable, k: Int) throws {
    var published: [[[UInt8]]: Set<UInt64>] = [:]
    var classes = Set<Int>()
    var suppressed = 0
    let expected = ExhaustiveSearch.labels(data, table, levels: plan.summary.columns.compactMap(\.level))
    for (index, row) in data.rows.enumerated() {
      let codes = row.enumerated().map { column, value in
        value.withUnsafeBufferPointer { plan.code(column: column, $0)! }
      }
      guard let number = codes.withUnsafeBufferPointer({ plan.classIndex($0.baseAddress!) }) else {
        suppressed += 1
        continue
      }
      classes.insert(number)
      let labels = codes.indices.map { Array(plan.label(column: $0, class: number)) }
      #expect(labels == expected[index])
      published[labels, default: []].insert(data.subject(index) ?? UInt64(index))
    }
    #expect(suppressed == plan.summary.suppressedRecords)
    #expect(published.count == plan.summary.classes && classes.count == plan.summary.classes)
    #expect(published.values.map(\.count).min() == plan.summary.smallestClass)
    #expect(plan.summary.smallestClass >= k)
  }

  @Test func anySplitGivesTheSamePlan() throws {
    for seed in 1000..<1040 as Range<UInt64> {
      let data = RandomTable(seed: seed, columns: 5, rows: 200)
      var random = Random(seed: seed)
      let table = data.table
      var parts = [[Int]](repeating: [], count: Int.random(in: 1...5, using: &random))
      for index in data.rows.indices.shuffled(using: &random) {
        parts[Int.random(in: parts.indices, using: &random)].append(index)
      }
      var observer = data.observer(of: parts[0])
      for part in parts.dropFirst() { observer.merge(data.observer(of: part)) }
      let merged = observer.finish()
      #expect(merged.keys == table.keys && merged.records == table.records)
      #expect(merged.subjects?.people == table.subjects?.people)
      #expect(merged.peopleCount == table.peopleCount)
      var first = GlobalSearch(table, k: 3, suppress: 0.1)
      var second = GlobalSearch(merged, k: 3, suppress: 0.1)
      switch (first.run(), second.run()) {
      case (.plan(let a), .plan(let b)):
        #expect(a.levels == b.levels && a.loss == b.loss && a.suppressedRecords == b.suppressedRecords)
        #expect(a.groupingsCounted == b.groupingsCounted && a.classes == b.classes)
      case (.unmet(let a), .unmet(let b)): #expect(a == b)
      default: Issue.record("seed \(seed): one has a plan, the other has none")
      }
    }
  }

  /// Twelve columns of 200 values need 96 bits, two words a key.
  @Test func wideKeys() throws {
    for countsSubjects in [false, true] {
      var data = RandomTable(seed: 5)
      var random = Random(seed: 7)
      data.countsSubjects = countsSubjects
      data.coders = Array(repeating: QuasiCoder(rule: .none), count: 12)
      data.rows = (0..<200).map { row in
        (0..<12).map { column in
          Array("\(column < 9 ? row : Int.random(in: 0..<2, using: &random))".utf8)
        }
      }
      data.subjects = (0..<200).map { UInt64($0 / 2) }
      let table = data.table
      #expect(table.layout.words == 2)
      var search = GlobalSearch(table, k: 12, suppress: 0.2)
      guard case .plan(let plan) = search.run() else {
        Issue.record("no plan")
        continue
      }
      // Only the last three columns can stay; which of them, exhaustive search over those says.
      #expect(plan.levels.prefix(9).allSatisfy { $0 == 1 })
      var narrow = data
      narrow.coders = Array(data.coders.suffix(3))
      narrow.rows = data.rows.map { Array($0.suffix(3)) }
      let expected = ExhaustiveSearch.run(narrow, narrow.table, k: 12, limit: search.limit)
      #expect(Array(plan.levels.suffix(3)) == expected?.levels)
      #expect(plan.suppressedRecords == expected?.suppressed)
      try apply(RecodingPlan(table: table, plan: plan, k: 12), to: data, table, k: 12)
    }
  }

  /// One person with many records must not pass for a crowd.
  @Test func onePersonIsNoCrowd() throws {
    var data = RandomTable(seed: 1)
    data.coders = [QuasiCoder(rule: .none)]
    data.rows = Array(repeating: [Array("a".utf8)], count: 50) + (0..<3).map { _ in [Array("b".utf8)] }
    data.subjects = Array(repeating: 9, count: 50) + [1, 2, 3]
    data.countsSubjects = true
    var search = GlobalSearch(data.table, k: 3, suppress: 0)
    guard case .plan(let plan) = search.run() else {
      Issue.record("no plan")
      return
    }
    #expect(plan.levels == [1] && plan.suppressedRecords == 0 && plan.smallestClass == 4)
    data.countsSubjects = false
    var records = GlobalSearch(data.table, k: 3, suppress: 0)
    guard case .plan(let exact) = records.run() else {
      Issue.record("no plan")
      return
    }
    #expect(exact.levels == [0])
    // In subject mode a record of nobody counts as nobody.
    var observer = QuasiObserver(coders: data.coders, countsSubjects: true)
    for row in data.rows { _ = observer.observe(row, subject: nil) }
    var nobody = GlobalSearch(observer.finish(), k: 1, suppress: 1)
    guard case .unmet(let hint) = nobody.run() else {
      Issue.record("a plan for nobody")
      return
    }
    #expect(hint == UnmetHint(people: 0, records: 53, k: 1))
  }

  @Test func whatWasNotSeenIsSuppressed() throws {
    var data = RandomTable(seed: 1)
    data.countsSubjects = false
    data.coders = [QuasiCoder(rule: .none), QuasiCoder(rule: .none)]
    data.rows = [("a", "x"), ("a", "x"), ("b", "y"), ("b", "y"), ("c", "x")].map { [Array($0.utf8), Array($1.utf8)] }
    let table = data.table
    var search = GlobalSearch(table, k: 2, suppress: 0.2)
    guard case .plan(let result) = search.run() else {
      Issue.record("no plan")
      return
    }
    let plan = RecodingPlan(table: table, plan: result, k: 2)
    #expect(result.levels == [0, 0] && result.suppressedRecords == 1)
    func isSuppressed(_ codes: [UInt32]) -> Bool {
      codes.withUnsafeBufferPointer { plan.isSuppressed($0.baseAddress!) }
    }
    #expect(!isSuppressed([0, 0]) && !isSuppressed([1, 1]))
    #expect(isSuppressed([2, 0]) && isSuppressed([0, 1]))
    #expect(isSuppressed([3, 0]) && isSuppressed([0, .max]))
    #expect(Array(plan.label(column: 0, class: nil)) == [UInt8(ascii: "*")])
    #expect(Array("d".utf8).withUnsafeBufferPointer { plan.code(column: 0, $0) } == nil)
  }

  /// Without the tables of worst losses bounds are looser; the optimum must be the same.
  @Test func looserBoundsFindTheSame() {
    for seed in 2000..<2060 as Range<UInt64> {
      let table = RandomTable(seed: seed, columns: 5, rows: 120).table
      var tight = GlobalSearch(table, k: 4, suppress: 0.3)
      var loose = GlobalSearch(table, k: 4, suppress: 0.3, model: LossModel(table, tableLimit: 0))
      guard case .plan(let a) = tight.run(), case .plan(let b) = loose.run() else {
        #expect(table.peopleCount < 4)
        continue
      }
      #expect(a.levels == b.levels && a.loss == b.loss && a.suppressedRecords == b.suppressedRecords)
    }
  }

  @Test func limits() {
    #expect(GlobalSearch.limit(share: 0.29, records: 100) == 29)
    #expect(GlobalSearch.limit(share: 0.02, records: 30162) == 603)
    #expect(GlobalSearch.limit(share: 0, records: 10) == 0)
    #expect(GlobalSearch.limit(share: -1, records: 10) == 0)
    #expect(GlobalSearch.limit(share: .nan, records: 10) == 0)
    #expect(GlobalSearch.limit(share: 7, records: 10) == 10)
  }
}
