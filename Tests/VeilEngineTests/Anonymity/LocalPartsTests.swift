import Testing

@testable import VeilAnonymity
@testable import VeilEngine

/// The parts of local recoding, each against plain arithmetic.
@Suite("Anonymity: parts of local recoding")
struct AnonymityLocalPartsTests {
  private func tables(_ seeds: Range<UInt64>) -> [LocalModel] {
    seeds.map { LocalModel(RandomTable(seed: $0, columns: 5, rows: 80).table) }.filter { $0.count > 1 }
  }

  /// Lowest and highest place give the lowest common ancestor of a whole set.
  @Test func placesKeepGroupsTogether() {
    for seed in 0..<60 as Range<UInt64> {
      let table = RandomTable(seed: seed).table
      let model = LocalModel(table)
      for (column, hierarchy) in zip(model.columns.indices, table.hierarchies) where model.count > 0 {
        let place = model.columns[column].placeOfLeaf
        for a in 0..<hierarchy.leafCount {
          for b in 0..<hierarchy.leafCount {
            let (low, high) = (min(place[a], place[b]), max(place[a], place[b]))
            let level = model.columns[column].levels[model.step(column, low: low, high: high)]
            #expect(hierarchy.group(level: level, leaf: a) == hierarchy.group(level: level, leaf: b))
            // All between are below the same ancestor, and no lower level joins the two.
            for leaf in 0..<hierarchy.leafCount where (low...high).contains(place[leaf]) {
              #expect(hierarchy.group(level: level, leaf: leaf) == hierarchy.group(level: level, leaf: a))
            }
            if level > 0 {
              #expect(hierarchy.group(level: level - 1, leaf: a) != hierarchy.group(level: level - 1, leaf: b))
            }
            // A value as it was costs nothing here, not even the `*` of those that the hierarchy does not cover.
            let exact =
              level == 0
              ? 0
              : Double(
                hierarchy.leavesBelow(level: level, group: Int(hierarchy.group(level: level, leaf: a))) - 1)
            let loss = Double(model.loss(column, low: low, high: high)) / Double(model.full)
            #expect(abs(loss * Double(max(1, hierarchy.leafCount - 1)) - exact) < 1e-2)
          }
        }
      }
    }
  }

  /// What a class set keeps count of is what counting anew gives, whatever was done to it.
  @Test func classSetKeepsCount() {
    for (seed, model) in tables(100..<130).enumerated() {
      var random = Random(seed: UInt64(seed))
      let half = Int32(model.count / 2)
      var set = ClassSet(model, k: 1, classes: [Array(0..<half), Array(half..<Int32(model.count))])
      for _ in 0..<20 {
        let combination = Int32.random(in: 0..<Int32(model.count), using: &random)
        let own = Int(set.classOf[Int(combination)])
        let other = 1 - own
        let (with, without) = (set.unit(other, adding: combination), set.unit(own, without: combination))
        let increase = set.cost(other) + set.increase(other, adding: combination)
        set.move(combination, to: other)
        #expect(set.unit[other] == with && set.cost(other) == increase)
        if !set.members[own].isEmpty { #expect(set.unit[own] == without) }
      }
      let fresh = ClassSet(model, k: 1, classes: set.members)
      #expect(fresh.unit == set.unit && fresh.people == set.people && fresh.records == set.records)
      if set.members.allSatisfy({ !$0.isEmpty }) {
        let joined = ClassSet(model, k: 1, classes: [set.members[0] + set.members[1]])
        #expect(joined.unit[0] == set.unit(0, joining: 1))
      }
    }
  }

  /// Builder and refiner keep every combination in one class of at least k people, and never lose by it.
  @Test func everyStepKeepsThePromise() {
    var gained = 0
    for (number, model) in tables(200..<260).enumerated() {
      let k = 2 + number % 4
      guard model.people.reduce(0, +) >= k else { continue }
      func holds(_ set: ClassSet) -> Bool {
        set.members.joined().sorted() == Array(0..<Int32(model.count))
          && set.members.indices.allSatisfy { set.members[$0].isEmpty || set.people[$0] >= k }
          && set.members.indices.allSatisfy { number in
            set.members[number].allSatisfy { set.classOf[Int($0)] == number }
          }
      }
      var builder = ClassBuilder(model, k: k)
      let built = builder.build(Array(0..<Int32(model.count)), .init(price: 0.02, factor: 1.3))
      #expect(built.rest.reduce(0) { $0 + model.people[Int($1)] } < k)
      var set = ClassSet(model, k: k, classes: built.classes)
      for combination in built.rest { set.insert(combination, into: 0) }
      #expect(holds(set))
      var refiner = Refiner(set, near: Neighbours(model))
      for round in 0..<12 {
        let before = refiner.classes.total
        let living = refiner.classes.members.indices.filter { !refiner.classes.members[$0].isEmpty }
        let target = living[round % living.count]
        let gain =
          round % 3 == 0
          ? refiner.improveAll()
          : refiner.rebuild(
            around: target, nearest: 4, atMost: 60, builder: &builder, options: .init(price: 0.05, factor: 1.5))
        #expect(gain >= 0 && refiner.classes.total == before - gain)
        #expect(holds(refiner.classes))
        gained += gain
      }
    }
    #expect(gained > 0)
  }

  /// Whom `sift` leaves out is in no class large enough after any step down, so the sums do not change.
  @Test func siftedAndAllCountAlike() {
    var random = SplitMix64(state: 7)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    var (left, found) = (0, 0)
    for _ in 0..<300 {
      // Fine groups within coarse ones, each with its loss in a key's low bits.
      let fine = (0..<24).map { _ in random.next() << LocalModel.lossBits | UInt64(below(200)) }
      let coarse = (0..<24).map { fine[$0 / 4 * 4] &+ 150 }
      let places = (0..<150).map { _ in UInt32(below(24)) }
      let others = (0..<150).map { _ in UInt32(below(3)) }
      let otherWords = (0..<3).map { _ in random.next() << LocalModel.lossBits | UInt64(below(100)) }
      let people = places.map { _ in Int32(1 + below(3)) }
      let keys = zip(places, others).map { (1 << 63) &+ coarse[Int($0)] &+ otherWords[Int($1)] }
      let up = KeyTally.Change(places: others, added: otherWords.map { 300 &- $0 })
      let down = KeyTally.Change(places: places, added: zip(fine, coarse).map { $0 &- $1 })
      let (limit, enough) = (UInt64(100 + below(500)), Int32(3 + below(30)))
      let gain = zip(fine, coarse).map { Int($1 & LocalModel.lossMask) - Int($0 & LocalModel.lossMask) }.max() ?? 0
      for change in [nil, up] {
        var tally = KeyTally()
        tally.reserve(keys.count)
        var chosen: [Int32] = []
        tally.sift(
          keys, people: people, below: limit + UInt64(max(0, gain)), change: change, enough: enough, into: &chosen)
        tally.count(chosen, of: keys, people: people, below: limit, first: down, second: change)
        let sifted = tally.settle(limit: limit, enough: enough)
        tally.count(keys.indices.map { Int32($0) }, of: keys, people: people, below: limit, first: down, second: change)
        #expect(tally.settle(limit: limit, enough: enough) == sifted)
        left += keys.count - chosen.count
        if sifted != nil { found += 1 }
      }
    }
    #expect(left > 1000 && found > 50)
  }

  @Test func neighboursAreNearAndOthers() {
    for model in tables(300..<310) {
      let near = Neighbours(model)
      for combination in 0..<Int32(model.count) {
        let own = Array(near.of(combination))
        #expect(!own.contains(combination) && Set(own).count == own.count)
      }
    }
  }

  @Test func combinationsAreFound() {
    for seed in 400..<420 as Range<UInt64> {
      let table = RandomTable(seed: seed, columns: 5, rows: 90).table
      let index = CombinationIndex(
        layout: table.layout, codeCounts: table.hierarchies.map(\.leafCount), keys: table.keys)
      for number in table.records.indices {
        let codes = table.hierarchies.indices.map {
          table.layout.code($0, in: table.keys, at: number * table.layout.words)
        }
        #expect(index.find { UInt32(codes[$0]) } == number)
        for column in codes.indices {
          #expect(index.find { $0 == column ? UInt32(table.hierarchies[column].leafCount) : UInt32(codes[$0]) } == nil)
        }
      }
    }
  }
}
