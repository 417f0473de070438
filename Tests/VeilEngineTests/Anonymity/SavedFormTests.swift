import Testing

@testable import VeilAnonymity
@testable import VeilEngine
@testable import VeilGround

/// Histograms and plans as bytes: the same for any split, and never a crash.
@Suite struct SavedFormTests {
  private func histogram(_ data: RandomTable, _ indices: [Int]) -> Histogram {
    let facts = data.coders.indices.map { Basis.Fact(name: "the hierarchy of '\($0)'", value: "x") }
    return Histogram(
      data.observer(of: indices), basis: Basis(facts: facts), subjectKey: data.countsSubjects ? [1] : nil, id: [7])
  }

  private func plans(_ table: QuasiTable, k: Int) -> [PlanContents] {
    var plans: [PlanContents] = []
    if let local = LocalSearch(table, k: k, suppress: 0.1).run() { plans.append(PlanContents(table, local, k: k)) }
    var search = GlobalSearch(table, k: k, suppress: 0.1)
    if case .plan(let global) = search.run() { plans.append(PlanContents(table, global, k: k)) }
    return plans
  }

  @Test func anySplitAndOrderGivesTheSameBytes() throws {
    for seed in Sweep.seeds(700..<780, sample: 20) {
      let data = RandomTable(seed: seed)
      var random = Random(seed: seed)
      let all = Array(data.rows.indices)
      let whole = histogram(data, all)
      let expected = plans(data.table, k: 2).map(\.bytes)
      for _ in 0..<3 {
        let count = Int.random(in: 1...4, using: &random)
        var parts = [[Int]](repeating: [], count: count)
        for index in all.shuffled(using: &random) { parts[Int.random(in: 0..<count, using: &random)].append(index) }
        var joined = Histogram(
          basis: whole.basis, subjectKey: whole.subjectKey, columns: whole.values.count)
        for part in parts { joined.merge(try Histogram(bytes: histogram(data, part).bytes)) }
        #expect(joined.bytes == whole.bytes)
        let table = try #require(joined.observer(data.coders)).finish()
        #expect(plans(table, k: 2).map(\.bytes) == expected)
      }
    }
  }

  @Test func whatIsReadIsWhatWasWritten() throws {
    for seed in Sweep.seeds(800..<840, sample: 20) {
      let data = RandomTable(seed: seed)
      for plan in plans(data.table, k: 2) {
        let written = plan.bytes
        var body = BodyReader(written)
        let again = try PlanContents(from: &body)
        #expect(again.bytes == written)
        // And it says the same of every record.
        let (made, loaded) = (RecodingPlan(plan, table: data.table), RecodingPlan(again, coders: data.coders))
        for row in data.rows {
          let classes = [made, loaded].map { plan in
            let codes = row.indices.map { column in
              row[column].withUnsafeBufferPointer { plan.code(column: column, $0) ?? .max }
            }
            return codes.withUnsafeBufferPointer { plan.classIndex($0.baseAddress!) }
          }
          #expect(classes[0] == classes[1])
        }
      }
    }
  }

  /// The digest in a file finds damage; this is about files that were made to be wrong.
  @Test func wrongBodiesNeverCrash() {
    var random = Random(seed: 9)
    var refused = 0
    var tried = 0
    for seed in 900..<930 as Range<UInt64> {
      let data = RandomTable(seed: seed)
      let bodies = plans(data.table, k: 2).map { ($0, $0.bytes) }
      let whole = histogram(data, Array(data.rows.indices)).bytes
      for _ in 0..<150 {
        for original in bodies.map(\.1) + [whole] {
          var changed = original
          for _ in 0..<Int.random(in: 1...3, using: &random) where !changed.isEmpty {
            let place = Int.random(in: changed.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: changed[place] = UInt8.random(in: 0...255, using: &random)
            case 1: changed.removeSubrange(place...)
            case 2: changed.insert(0xFF, at: place)
            default: changed[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
          }
          tried += 1
          if original == whole {
            do {
              let found = try Histogram(bytes: changed)
              _ = found.observer(data.coders)?.finish()
            } catch { refused += 1 }
          } else {
            var body = BodyReader(changed)
            do {
              let plan = try PlanContents(from: &body)
              _ = RecodingPlan(plan, coders: data.coders)
              // What passes still keeps its own promise.
              #expect(
                zip(plan.recordsOfClass, plan.peopleOfClass).allSatisfy { $0 >= $1 && $1 >= plan.summary.smallestClass }
              )
            } catch { refused += 1 }
          }
        }
      }
    }
    #expect(refused > tried / 3, "\(refused) of \(tried)")
  }

  /// A plan that was made with more levels than a table has, or to be wrong, is in step with the top.
  @Test func levelsThatAreNotThereAreTheTop() throws {
    for seed in 1060..<1075 as Range<UInt64> {
      let data = RandomTable(seed: seed)
      let table = data.table
      for var previous in plans(table, k: 2) {
        for column in previous.columns.indices {
          previous.columns[column].levelOfClass = previous.columns[column].levelOfClass.map { _ in 255 }
        }
        let tops = table.hierarchies.map(\.height)
        #expect(previous.present(table).allSatisfy { $0.levels.map { Int($0) } == tops })
        let kept = PreviousClasses(table, previous: previous, k: 2)
        let local = try #require(LocalSearch(table, k: 2, suppress: 0.1).run(keeping: kept))
        // Labels of classes that stay do not get finer than they were.
        #expect(!kept.classes.isEmpty && zip(local.cells, tops).allSatisfy { $0[0].level == $1 })
        var search = GlobalSearch(table, k: 2, suppress: 0.1)
        search.floor = PreviousRelease(path: "", contents: previous, digest: "").levels(table)
        guard case .plan(let global) = search.run() else { continue }
        #expect(global.levels == tops)
      }
    }
  }

  /// A plan that does not say what it and the release before tell together is refused where that is limited.
  @Test func anIntersectionThatWasNotMeasuredIsRefused() throws {
    let (pipeline, text) = try RunRig().compile(
      "source: {path: in.csv}\nfields: {q: {class: quasi}}\nsink: {path: out.csv}\n"
        + "anonymity: {k: 2, previous: old.plan, intersection: {max: 1}}\n")
    let anonymity = try #require(pipeline?.config.anonymity, "\(text)")
    let previous = PreviousRelease(
      path: "old.plan", contents: try #require(plans(RandomTable(seed: 3).table, k: 2).first), digest: "")
    func kind(_ planned: Intersection?) -> RunError.Kind? {
      do throws(RunError) {
        try previous.check(planned: planned, anonymity, plan: "new.plan")
        return nil
      } catch { return error.kind }
    }
    #expect(kind(nil) == .mismatch)
    #expect(kind(Intersection(inBoth: 4, singledOut: 1, k: 2, oneOnly: nil)) == nil)
    #expect(kind(Intersection(inBoth: 4, singledOut: 2, k: 2, oneOnly: nil)) == .check)
  }

  /// Previous classes stay as they were where they still have k people, and nobody in them is singled out.
  @Test func previousClassesStay() throws {
    for seed in Sweep.seeds(1000..<1060, sample: 30) {
      let data = RandomTable(seed: seed)
      guard data.rows.count > 8 else { continue }
      let first = data.observer(of: Array(data.rows.indices.dropLast(data.rows.count / 4))).finish()
      guard let old = LocalSearch(first, k: 2, suppress: 0).run() else { continue }
      let previous = PlanContents(first, old, k: 2)
      let table = data.table
      let kept = PreviousClasses(table, previous: previous, k: 2)
      let found = try #require(LocalSearch(table, k: 2, suppress: 0).run(keeping: kept))
      let now = PlanContents(table, found, k: 2)
      #expect(now.peopleOfClass.allSatisfy { $0 >= 2 })
      // Everybody who was there is there: all classes of before stay whole, so nobody is singled out.
      let both = Intersection(table, now: now.classOf, previous: previous, k: 2)
      #expect(kept.classes.count == previous.classCount && both.singledOut == 0, "\(seed): \(both)")
    }
  }
}
