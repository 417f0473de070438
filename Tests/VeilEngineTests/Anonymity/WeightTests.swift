import Testing
import VeilConfig

@testable import VeilAnonymity
@testable import VeilEngine

/// What a weight changes: which column gives way. k holds all the same.
@Suite("Anonymity: weights")
struct AnonymityWeightTests {
  /// Two columns of the same shape: one of them must be given up to make pairs.
  private func table(_ weights: [Double]) -> QuasiTable {
    let coders = [QuasiCoder(rule: .none), QuasiCoder(rule: .none)]
    var observer = QuasiObserver(coders: coders, countsSubjects: false, weights: weights)
    for a in 0..<4 {
      for b in 0..<4 { _ = observer.observe([Array("a\(a)".utf8), Array("b\(b)".utf8)]) }
    }
    return observer.finish()
  }

  @Test(arguments: [([5.0, 1], [0.0, 1]), ([1, 5], [1, 0]), ([0.002, 0.001], [0, 1]), ([10, 1000], [1, 0])])
  func theLighterColumnGivesWay(weights: [Double], losses: [Double]) throws {
    let local = try #require(LocalSearch(table(weights), k: 4, suppress: 0).run())
    #expect(local.columnLosses == losses && local.loss == 0.5 && local.smallestClass == 4)
    var search = GlobalSearch(table(weights), k: 4, suppress: 0)
    guard case .plan(let global) = search.run() else {
      Issue.record("no plan")
      return
    }
    #expect(global.columnLosses == losses && global.loss == 0.5)
  }

  /// A suppressed record loses as much as its columns weigh, no matter how many there are: less here than joining costs.
  @Test func suppressionIsWeighedToo() throws {
    let coders = [QuasiCoder(rule: .none), QuasiCoder(rule: .none)]
    var observer = QuasiObserver(coders: coders, countsSubjects: false, sensitiveCount: 1, weights: [1000, 1])
    for (value, secret) in [("a", "1"), ("a", "2"), ("b", "1"), ("b", "1"), ("b", "1"), ("b", "1")] {
      let codes = [Array(value.utf8), Array("same".utf8)].enumerated().map { column, text in
        text.withUnsafeBufferPointer { observer.coders[column].code($0)! }
      }
      let combination = codes.withUnsafeBufferPointer {
        observer.histogram.observe(codes: $0.baseAddress!, subject: nil)
      }
      observer.sensitive.observe(0, [1] + Array(secret.utf8), combination: combination, subject: nil)
    }
    let table = observer.finish()
    var criteria = ClassCriteria()
    criteria.items.append((0, Diversity(kind: .distinct(2), missing: table.sensitive[0].missing)))
    let plan = try #require(LocalGuard(table, k: 2, suppress: 0.7, criteria: criteria).run())
    #expect(plan.suppressedRecords == 4 && plan.smallestClass == 2)
  }

  /// With all weights the same nothing changes, whatever they are.
  @Test func onlyRatiosCount() throws {
    for seed in Sweep.seeds(7000..<7030, sample: 15) {
      let data = RandomTable(seed: seed, columns: 4, rows: 80)
      var table = data.table
      let plain = LocalSearch(table, k: 3, suppress: 0.05).run()
      var search = GlobalSearch(table, k: 3, suppress: 0.05)
      let coarse = search.run()
      table.weights = data.coders.map { _ in 4 }
      let same = LocalSearch(table, k: 3, suppress: 0.05).run()
      #expect(plain?.classOf == same?.classOf && plain?.loss == same?.loss)
      var second = GlobalSearch(table, k: 3, suppress: 0.05)
      if case .plan(let one) = coarse, case .plan(let two) = second.run() {
        #expect(one.levels == two.levels && one.loss == two.loss)
      }
    }
  }

  /// The best of all level vectors by the weighted loss, by trying them all.
  @Test func globalIsOptimal() throws {
    var tried = 0
    for seed in 7100..<7180 as Range<UInt64> {
      let data = RandomTable(seed: seed, columns: 3, rows: 40)
      guard !data.countsSubjects else { continue }
      var random = Random(seed: seed)
      var table = data.table
      table.weights = data.coders.map { _ in Double(Int.random(in: 1...9, using: &random)) }
      var search = GlobalSearch(table, k: 3, suppress: 0)
      guard case .plan(let found) = search.run() else { continue }
      func weighted(_ losses: [Double]) -> Double { zip(losses, table.weights).reduce(0) { $0 + $1.0 * $1.1 } }
      var best = Double.infinity
      var levels = table.hierarchies.map { _ in 0 }
      while true {
        let labels = ExhaustiveSearch.labels(data, table, levels: levels)
        if ExhaustiveSearch.people(data, labels).values.allSatisfy({ $0.count >= 3 }) {
          let losses = levels.enumerated().map { column, level in
            let hierarchy = table.hierarchies[column]
            guard hierarchy.leafCount > 1 else { return 0.0 }
            let sum = data.rows.reduce(0) { sum, row in
              let leaf = row[column].withUnsafeBufferPointer { Int(table.lookups[column].code($0)!) }
              let group = Int(hierarchy.group(level: level, leaf: leaf))
              return sum + hierarchy.leavesBelow(level: level, group: group) - 1
            }
            return Double(sum) / Double((hierarchy.leafCount - 1) * data.rows.count)
          }
          best = min(best, weighted(losses))
        }
        guard let column = levels.indices.last(where: { levels[$0] < table.hierarchies[$0].height }) else { break }
        levels[column] += 1
        for later in levels.indices where later > column { levels[later] = 0 }
      }
      #expect(abs(weighted(found.columnLosses) - best) < 1e-9, "seed \(seed)")
      tried += 1
    }
    #expect(tried > 10)
  }
}
