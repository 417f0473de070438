import Foundation
import Testing
import VeilConfig

@testable import VeilAnonymity
@testable import VeilEngine

@Suite("Anonymity: local recoding")
struct AnonymityLocalSearchTests {
  /// What pass two would write: the labels of every row, nil where it is suppressed.
  private func apply(_ plan: RecodingPlan, _ rows: [[[UInt8]]]) throws -> [[[UInt8]]?] {
    try rows.map { row in
      let codes = try row.enumerated().map { column, value in
        try #require(value.withUnsafeBufferPointer { plan.code(column: column, $0) })
      }
      guard let number = codes.withUnsafeBufferPointer({ plan.classIndex($0.baseAddress!) }) else { return nil }
      return codes.indices.map { Array(plan.label(column: $0, class: number)) }
    }
  }

  /// Loss from text alone, as the scorer has it: leaves that share the label at the lowest level that has it.
  private func loss(_ data: RandomTable, _ table: QuasiTable, _ published: [[[UInt8]]?]) -> (loss: Double, untrue: Int)
  {
    var sum = 0.0
    var untrue = 0
    for (row, labels) in zip(data.rows, published) {
      for column in row.indices {
        let hierarchy = table.hierarchies[column]
        guard hierarchy.leafCount > 1 else { continue }
        guard let label = labels?[column] else {
          sum += 1
          continue
        }
        let leaf = row[column].withUnsafeBufferPointer { Int(table.lookups[column].code($0)!) }
        func text(_ level: Int, _ leaf: Int) -> [UInt8] {
          hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf)))
        }
        guard let level = (0...hierarchy.height).first(where: { text($0, leaf) == label }) else {
          untrue += 1
          continue
        }
        let group = hierarchy.group(level: level, leaf: leaf)
        sum += Double(hierarchy.leavesBelow(level: level, group: Int(group)) - 1) / Double(hierarchy.leafCount - 1)
      }
    }
    return (sum / Double(max(1, data.rows.count * (data.rows.first?.count ?? 1))), untrue)
  }

  @Test func everyClassHoldsAndEveryLabelIsTrue() throws {
    var plans = 0
    var withSubjects = 0
    var suppressing = 0
    for seed in Sweep.seeds(0..<300, sample: 50) {
      let data = RandomTable(seed: seed, columns: 5, rows: 120)
      var random = Random(seed: seed ^ 0xBEEF)
      let k = Int.random(in: 1...9, using: &random)
      let share = [0, 0.05, 1].randomElement(using: &random)!
      let table = data.table
      let search = LocalSearch(table, k: k, suppress: share, effort: AnonymityConfig.Effort.allCases[Int(seed % 2)])
      guard let found = search.run() else {
        #expect(Set(data.countsSubjects ? data.subjects : data.rows.indices.map { UInt64($0) }).count < k)
        continue
      }
      plans += 1
      withSubjects += data.countsSubjects ? 1 : 0
      let plan = RecodingPlan(table: table, plan: found, k: k)
      let published = try apply(plan, data.rows)
      var people: [[[UInt8]]: Set<UInt64>] = [:]
      for (index, labels) in published.enumerated() {
        if let labels { people[labels, default: []].insert(data.subject(index) ?? UInt64(index)) }
      }
      #expect(people.values.allSatisfy { $0.count >= k }, "seed \(seed)")
      #expect(people.count == plan.summary.classes, "seed \(seed)")
      #expect(people.values.map(\.count).min() ?? 0 == plan.summary.smallestClass, "seed \(seed)")
      let suppressed = published.count { $0 == nil }
      #expect(suppressed == plan.summary.suppressedRecords && suppressed <= search.limit)
      suppressing += suppressed > 0 ? 1 : 0
      let measured = loss(data, table, published)
      #expect(measured.untrue == 0, "seed \(seed)")
      // A label may read the same one level below, where it covers less: the plan's figure is never too low.
      #expect(measured.loss <= plan.summary.loss + 1e-9, "seed \(seed)")
      // Equal values are recoded alike.
      var labelsOf: [[[UInt8]]: [[UInt8]]?] = [:]
      for (row, labels) in zip(data.rows, published) {
        if let known = labelsOf.updateValue(labels, forKey: row) { #expect(known == labels) }
      }
    }
    #expect(plans > Sweep.count(200, sample: 33) && withSubjects > Sweep.count(80, sample: 13) && suppressing > 0)
  }

  /// On tiny tables every partition of the combinations can be tried.
  @Test func isCloseToTheBestPartition() throws {
    var found = 0.0
    var best = 0.0
    for seed in 0..<60 as Range<UInt64> {
      let data = RandomTable(seed: seed, columns: 3, rows: 9)
      let table = data.table
      let model = LocalModel(table)
      guard model.count <= 7, !data.countsSubjects,
        let plan = LocalSearch(table, k: 2, suppress: 0).run()
      else { continue }
      var least = Int.max
      func assign(_ next: Int, _ groups: [[Int32]]) {
        if next == model.count {
          let set = ClassSet(model, k: 2, classes: groups)
          if set.people.allSatisfy({ $0 >= 2 }) { least = min(least, set.total) }
          return
        }
        for group in groups.indices {
          var joined = groups
          joined[group].append(Int32(next))
          assign(next + 1, joined)
        }
        assign(next + 1, groups + [[Int32(next)]])
      }
      assign(0, [])
      let units = Double(least) / Double(model.full * table.recordCount * model.width)
      #expect(plan.loss >= units - 1e-4, "seed \(seed)")
      found += plan.loss
      best += units
    }
    #expect(best > 0 && found <= best * 1.1)
  }

  @Test func splitsThreadsAndOrderDoNotMatter() throws {
    for seed in 3000..<3020 as Range<UInt64> {
      let data = RandomTable(seed: seed, columns: 5, rows: 300)
      var random = Random(seed: seed)
      var parts = [[Int]](repeating: [], count: Int.random(in: 1...5, using: &random))
      for index in data.rows.indices.shuffled(using: &random) {
        parts[Int.random(in: parts.indices, using: &random)].append(index)
      }
      var observer = data.observer(of: parts[0])
      for part in parts.dropFirst() { observer.merge(data.observer(of: part)) }
      let merged = observer.finish()
      let one = LocalSearch(data.table, k: 3, suppress: 0).run(threads: 1)
      let three = LocalSearch(merged, k: 3, suppress: 0).run(threads: 3)
      #expect(one?.classOf == three?.classOf && one?.loss == three?.loss)
    }
  }

  /// Blocks are made of whole combinations, lose none, and are large enough.
  @Test func blocks() throws {
    let model = LocalModel(Adult.table)
    let blocks = LocalBlocks.split(model, k: 5, target: 500)
    #expect(blocks.count > 10)
    #expect(blocks.joined().sorted() == (0..<Int32(model.count)).map { $0 })
    for block in blocks { #expect(block.reduce(0) { $0 + model.people[Int($1)] } >= 5) }
    // Nothing to cut by: one block, whatever its size.
    #expect(LocalBlocks.split(model, k: 20_000, target: 500).count == 1)
  }

  /// A part of Adult that a debug build recodes quickly; `make bench-anonymity` does the whole.
  @Test(arguments: [(2, 0.070), (10, 0.240)])
  func adultInPart(k: Int, most: Double) throws {
    var observer = QuasiObserver(coders: try Adult.coders(), countsSubjects: false)
    let rows = Adult.rows.prefix(1500)
    for row in rows { _ = observer.observe(row) }
    let table = observer.finish()
    let found = try #require(LocalSearch(table, k: k, suppress: 0, effort: .fast).run(threads: 2))
    #expect(found.loss <= most)
    var people: [[[UInt8]]: Int] = [:]
    for labels in try apply(RecodingPlan(table: table, plan: found, k: k), Array(rows)) {
      people[try #require(labels), default: 0] += 1
    }
    #expect(people.values.allSatisfy { $0 >= k })
    // One level a column for all loses far more.
    var global = GlobalSearch(table, k: k, suppress: 0.05)
    guard case .plan(let coarse) = global.run() else {
      Issue.record("no plan")
      return
    }
    #expect(found.loss < coarse.loss * 0.7)
  }

  /// A person with many combinations counts once, in whatever class they come together.
  @Test func onePersonIsNoCrowd() throws {
    var data = RandomTable(seed: 1)
    data.coders = [QuasiCoder(rule: .none)]
    data.rows = (0..<8).map { [Array("v\($0)".utf8)] } + [[Array("w".utf8)], [Array("x".utf8)]]
    data.subjects = Array(repeating: 7, count: 8) + [8, 9]
    data.countsSubjects = true
    #expect(LocalModel(data.table).people.reduce(0, +) == 3)
    let plan = try #require(LocalSearch(data.table, k: 3, suppress: 0).run())
    #expect(plan.classes == 1 && plan.smallestClass == 3)
    #expect(LocalSearch(data.table, k: 4, suppress: 1).run() == nil)
  }

  @Test func whatWasNotSeenIsSuppressed() throws {
    var data = RandomTable(seed: 1)
    data.countsSubjects = false
    data.coders = [QuasiCoder(rule: .none), QuasiCoder(rule: .none)]
    data.rows = [("a", "x"), ("a", "x"), ("b", "y"), ("b", "y"), ("c", "x")].map { [Array($0.utf8), Array($1.utf8)] }
    let table = data.table
    let plan = RecodingPlan(table: table, plan: try #require(LocalSearch(table, k: 2, suppress: 0).run()), k: 2)
    func isSuppressed(_ codes: [UInt32]) -> Bool {
      codes.withUnsafeBufferPointer { plan.isSuppressed($0.baseAddress!) }
    }
    #expect(!isSuppressed([0, 0]) && !isSuppressed([1, 1]) && !isSuppressed([2, 0]))
    #expect(isSuppressed([0, 1]) && isSuppressed([2, 1]))
    #expect(isSuppressed([3, 0]) && isSuppressed([0, .max]))
    #expect(Array(plan.label(column: 0, class: nil)) == [UInt8(ascii: "*")])
    #expect(Array(plan.label(column: 1, class: 99)) == [UInt8(ascii: "*")])
    #expect(Array("d".utf8).withUnsafeBufferPointer { plan.code(column: 0, $0) } == nil)
  }

  /// An outlier goes when it is allowed to and costs the others more than itself.
  @Test func suppressesOnlyWhatPays() throws {
    var data = RandomTable(seed: 1)
    data.countsSubjects = false
    data.coders = [QuasiCoder(rule: .none), QuasiCoder(rule: .none)]
    func row(_ text: String) -> [[UInt8]] { [Array(text.utf8), Array(text.utf8)] }
    data.rows = Array(repeating: row("a"), count: 20) + [row("b")]
    let kept = try #require(LocalSearch(data.table, k: 2, suppress: 0).run())
    #expect(kept.suppressedRecords == 0 && kept.loss == 1)
    let without = try #require(LocalSearch(data.table, k: 2, suppress: 0.05).run())
    #expect(without.suppressedRecords == 1 && abs(without.loss - 1.0 / 21) < 1e-9)
    #expect(without.smallestClass == 20)
    // Where two can hide together, nobody is suppressed.
    data.rows.append(row("b"))
    let both = try #require(LocalSearch(data.table, k: 2, suppress: 1).run())
    #expect(both.suppressedRecords == 0 && both.loss == 0)
  }

  /// Twelve columns of 200 values need two words a key; a column of 300 values has no table of losses.
  @Test func wideKeysAndLargeDomains() throws {
    var data = RandomTable(seed: 5)
    var random = Random(seed: 7)
    data.countsSubjects = false
    data.coders = Array(repeating: QuasiCoder(rule: .none), count: 11) + [QuasiCoder(rule: .prefix(3))]
    data.rows = (0..<600).map { row in
      (0..<12).map { column in
        Array("\(column < 3 ? Int.random(in: 0..<2, using: &random) : column == 11 ? row : row % 200)".utf8)
      }
    }
    let table = data.table
    #expect(table.layout.words >= 2)
    let found = try #require(LocalSearch(table, k: 3, suppress: 0).run(threads: 2))
    var people: [[[UInt8]]: Int] = [:]
    let published = try apply(RecodingPlan(table: table, plan: found, k: 3), data.rows)
    for labels in published { people[try #require(labels), default: 0] += 1 }
    #expect(people.values.allSatisfy { $0 >= 3 } && people.count > 20)
    #expect(loss(data, table, published).untrue == 0)
  }
}
