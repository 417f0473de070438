import Testing

@testable import VeilAnonymity
@testable import VeilEngine

/// Annealing and what it stands on, each against plain counting.
@Suite("Anonymity: boxes")
struct AnonymityBoxTests {
  private func models(_ seeds: Range<UInt64>, rows: Int) -> [LocalModel] {
    seeds.map { LocalModel(RandomTable(seed: $0, columns: 5, rows: rows).table) }.filter { $0.count > 1 }
  }

  /// Both ways of looking (lists of small groups, bits of large ones) find what comparing every combination finds.
  @Test func indexFindsWhatIsInside() {
    var large = 0
    for (seed, model) in models(0..<40, rows: 900).enumerated() {
      var index = BoxIndex(model)
      var random = Random(seed: UInt64(seed))
      var found: [Int32] = []
      for _ in 0..<40 {
        let anchor = Int32.random(in: 0..<Int32(model.count), using: &random)
        let steps = model.columns.map { UInt8.random(in: 0..<UInt8($0.levels.count), using: &random) }
        index.find(anchor, at: steps, into: &found)
        let expected = (0..<Int32(model.count)).filter { combination in
          model.columns.indices.allSatisfy { column in
            let groups = model.columns[column].groups[Int(steps[column])]
            return groups[Int(model.places[Int(combination) * model.width + column])]
              == groups[Int(model.places[Int(anchor) * model.width + column])]
          }
        }
        #expect(found == expected)
        if found.count > 64 { large += 1 }
      }
    }
    #expect(large > 20)
  }

  /// No class below k, nobody lost or twice, no more loss than before, and the same every time.
  @Test func annealingKeepsWhatMustHold() {
    var improved = 0
    for (seed, model) in models(Sweep.seeds(100..<160, sample: 8), rows: 300).enumerated() {
      let people = model.people.reduce(0, +)
      for k in [2, 5, 17] where people >= 3 * k {
        var builder = ClassBuilder(model, k: k)
        let built = builder.build((0..<Int32(model.count)).map { $0 }, .init(price: 0.02, factor: 1.5))
        guard var classes = built.classes.isEmpty ? nil : built.classes else { continue }
        classes[0] += built.rest
        let before = ClassSet(model, k: k, classes: classes)
        var annealer = BoxAnnealer(before)
        let after = annealer.run(work: 300_000)
        var again = BoxAnnealer(before)
        #expect(again.run(work: 300_000).members == after.members, "seed \(seed)")
        let members = after.members.filter { !$0.isEmpty }
        #expect(members.flatMap { $0 }.sorted() == (0..<Int32(model.count)).map { $0 })
        #expect(members.allSatisfy { $0.reduce(0) { $0 + model.people[Int($1)] } >= k })
        #expect(after.total <= before.total)
        if after.total < before.total { improved += 1 }
      }
    }
    #expect(improved > Sweep.count(30, sample: 3))
  }

  /// A set of boxes knows its total, its members and who could go where.
  @Test func boxesKeepCount() {
    for (seed, model) in models(200..<220, rows: 300).enumerated() {
      var random = Random(seed: UInt64(seed))
      let all = (0..<Int32(model.count)).map { $0 }
      var boxes = BoxSet(model, classes: [all])
      for _ in 0..<60 {
        let anchor = all.randomElement(using: &random) ?? 0
        let steps = model.columns.map { UInt8.random(in: 0..<UInt8($0.levels.count), using: &random) }
        let key = boxes.key(anchor, at: steps)
        if boxes.isOpen(key) { continue }
        let box = boxes.open(anchor, at: steps, key: key)
        for combination in all where boxes.best(for: combination, but: -1) == box { boxes.put(combination, into: box) }
        if boxes.boxes[box].members.isEmpty { boxes.close(box) }
      }
      let losses = all.map { boxes.unit(of: $0) * model.records[Int($0)] }
      #expect(boxes.total == losses.reduce(0, +))
      #expect(boxes.classes.flatMap { $0 }.sorted() == all)
      boxes.tidy(k: 1)
      #expect(boxes.total <= losses.reduce(0, +))
      // The classes themselves lose no more than their boxes.
      #expect(ClassSet(model, k: 1, classes: boxes.classes).total <= boxes.total)
    }
  }
}
