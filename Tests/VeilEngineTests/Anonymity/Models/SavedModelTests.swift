import Testing

@testable import VeilAnonymity
@testable import VeilEngine

/// Histograms and plans with sensitive values, as bytes.
@Suite("Privacy models: saved forms")
struct SavedModelTests {
  private func histogram(_ model: ModelTable, _ indices: [Int]) -> Histogram {
    let data = model.data
    var observer = QuasiObserver(
      coders: data.coders, countsSubjects: data.countsSubjects, sensitiveCount: 1)
    for index in indices {
      let codes = data.rows[index].enumerated().map { column, value in
        value.withUnsafeBufferPointer { observer.coders[column].code($0)! }
      }
      let combination = codes.withUnsafeBufferPointer {
        observer.histogram.observe(codes: $0.baseAddress!, subject: data.subject(index))
      }
      let text = Array(model.values[index].utf8)
      observer.sensitive.observe(
        0, text.isEmpty ? [] : [1] + text, combination: combination, subject: data.subject(index))
    }
    let facts = data.coders.indices.map { Basis.Fact(name: "the hierarchy of '\($0)'", value: "x") }
    return Histogram(observer, basis: Basis(facts: facts), subjectKey: data.countsSubjects ? [1] : nil, id: [7])
  }

  private func plans(_ table: QuasiTable, _ criteria: ClassCriteria) -> [PlanContents] {
    var plans: [PlanContents] = []
    let local = LocalGuard(table, k: 2, suppress: 0.3, criteria: criteria, effort: .fast).run()
    if let local { plans.append(PlanContents(table, local, k: 2)) }
    var search = GlobalSearch(table, k: 2, suppress: 0.3, criteria: criteria)
    if case .plan(let global) = search.run() { plans.append(PlanContents(table, global, k: 2)) }
    return plans
  }

  @Test func anySplitAndOrderGivesTheSamePlan() throws {
    var compared = 0
    for seed in Sweep.seeds(2000..<2080, sample: 20) {
      let model = ModelTable(seed: seed)
      var random = Random(seed: seed)
      let criteria = model.criteria(ModelTable.models(&random))
      let all = Array(model.data.rows.indices)
      let whole = histogram(model, all)
      let made = plans(model.table, criteria)
      let expected = made.map(\.bytes)
      compared += expected.count
      for _ in 0..<3 {
        let count = Int.random(in: 1...4, using: &random)
        var parts = [[Int]](repeating: [], count: count)
        for index in all.shuffled(using: &random) { parts[Int.random(in: 0..<count, using: &random)].append(index) }
        var joined = Histogram(
          basis: whole.basis, subjectKey: whole.subjectKey, columns: whole.values.count, sensitive: 1)
        for part in parts { joined.merge(try Histogram(bytes: histogram(model, part).bytes)) }
        #expect(joined.bytes == whole.bytes, "seed \(seed)")
        let table = try #require(joined.observer(model.data.coders)).finish()
        #expect(plans(table, criteria).map(\.bytes) == expected, "seed \(seed)")
      }
      // A plan says of every class what its records say.
      for plan in made {
        var body = BodyReader(plan.bytes)
        let again = try PlanContents(from: &body)
        #expect(again.bytes == plan.bytes)
        let labels = RecodingPlan(again, coders: model.data.coders)
        var found: [Int: [Definitions.Member]] = [:]
        for (index, row) in model.data.rows.enumerated() {
          let codes = row.indices.map { column in
            row[column].withUnsafeBufferPointer { labels.code(column: column, $0) ?? .max }
          }
          let number = codes.withUnsafeBufferPointer { labels.classIndex($0.baseAddress!) }
          found[number ?? plan.classCount, default: []].append(model.member(index))
        }
        for number in 0...plan.classCount {
          let pairs =
            model.data.countsSubjects
            ? Definitions.pairs(found[number] ?? []) : (found[number] ?? []).map(\.value)
          let counts = Dictionary(pairs.map { (Array($0.utf8), 1) }, uniquingKeysWith: +)
          let own = again.sensitive[0].counts(number)
          #expect(Dictionary(uniqueKeysWithValues: own.map { (Array($0.key.dropFirst()), $0.value) }) == counts)
        }
      }
    }
    #expect(compared > Sweep.count(80, sample: 20))
  }

  /// The digest in a file finds damage; this is about files that were made to be wrong.
  @Test func wrongBodiesNeverCrash() {
    var random = Random(seed: 11)
    var (refused, tried) = (0, 0)
    for seed in 2100..<2120 as Range<UInt64> {
      let model = ModelTable(seed: seed)
      let criteria = model.criteria([.distinct(2)])
      let whole = histogram(model, Array(model.data.rows.indices)).bytes
      for original in plans(model.table, criteria).map(\.bytes) + [whole] {
        for _ in 0..<150 {
          var changed = original
          let place = Int.random(in: changed.indices, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: changed[place] = UInt8.random(in: 0...255, using: &random)
          case 1: changed.removeSubrange(place...)
          case 2: changed.insert(0xFF, at: place)
          default: changed[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
          }
          tried += 1
          do {
            if original == whole {
              _ = try Histogram(bytes: changed).observer(model.data.coders)?.finish()
            } else {
              var body = BodyReader(changed)
              _ = RecodingPlan(try PlanContents(from: &body), coders: model.data.coders)
            }
          } catch { refused += 1 }
        }
      }
    }
    #expect(refused > tried / 3, "\(refused) of \(tried)")
  }
}
