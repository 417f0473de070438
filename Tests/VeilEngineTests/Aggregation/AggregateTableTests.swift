import Testing
import VeilConfig

@testable import VeilEngine

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

@Suite("Aggregates: what one person can change")
struct AggregateTableTests {
  private struct Record {
    var person: UInt64
    var group: Int
    var amount: Int
  }

  private func table(_ records: [Record], groups: Int, perPerson: (groups: Int, records: Int)) -> AggregateTable {
    var table = AggregateTable(measures: 3, groupsPerPerson: perPerson.groups, recordsPerGroup: perPerson.records)
    for _ in 0..<groups { _ = table.addGroup() }
    for record in records {
      table.add(
        person: record.person, group: record.group, amounts: [1, 1, record.amount], perPerson: [true, false, false])
    }
    return table
  }

  @Test("Taking any one person out changes no more than the noise is made for", arguments: 0..<60)
  func sensitivity(seed: Int) {
    var bits = SeededBits(state: UInt64(seed))
    let bounds = (groups: 1 + Int(bits.next() % 3), records: 1 + Int(bits.next() % 3))
    let most = 5
    let records = (0..<60).map { _ in
      Record(person: bits.next() % 8, group: Int(bits.next() % 6), amount: Int(bits.next() % UInt64(most + 1)))
    }
    let all = table(records, groups: 6, perPerson: bounds)
    for person in 0..<8 as Range<UInt64> {
      let without = table(records.filter { $0.person != person }, groups: 6, perPerson: bounds)
      var changes = [Int128](repeating: 0, count: 3)
      var groupsChanged = 0
      for (row, other) in zip(all.rows, without.rows) {
        for measure in 0..<3 { changes[measure] += abs(row.figures[measure] - other.figures[measure]) }
        if row.figures != other.figures || row.people != other.people { groupsChanged += 1 }
        #expect(row.figures[0] == Int128(row.people))
      }
      #expect(groupsChanged <= bounds.groups)
      #expect(changes[0] <= Int128(bounds.groups))
      #expect(changes[1] <= Int128(bounds.groups * bounds.records))
      #expect(changes[2] <= Int128(bounds.groups * bounds.records * most))
    }
  }

  @Test("Records beyond a person's bounds are counted, and no others")
  func overBounds() {
    let records = [(1, 0), (1, 0), (1, 0), (1, 1), (2, 1)].map {
      Record(person: UInt64($0.0), group: $0.1, amount: 2)
    }
    let table = table(records, groups: 2, perPerson: (groups: 1, records: 2))
    #expect(table.recordsOverBounds == 2)
    #expect(table.rows[0].figures == [1, 2, 4])
    #expect(table.rows[1].figures == [1, 1, 2])
  }

  private func config(
    _ noise: AggregateConfig.Noise, epsilon: String, delta: String, known: Bool, people: Bool, groups: Int = 1
  ) throws -> AggregateConfig {
    let text = """
      version: 1
      name: t
      source: {subject: id}
      fields: {c: keep}
      sink:
        aggregate:
          by: \(known ? "{c: [a]}" : "[c]")
          measures: {n: {count: \(people ? "people" : "records")}}
          noise: \(noise.rawValue)
          epsilon: \(epsilon)
          delta: \(delta)
          per_person: {groups: \(groups)}
          budget: b.yaml

      """
    let (config, diagnostics) = PipelineParser.parse(text: text, path: "p.yaml", stageNames: Catalog.names)
    return try #require(config?.sinks[0].aggregate, "\(diagnostics.render())")
  }

  /// P(1 + noise >= threshold), summed term by term.
  private func chanceOfOne(_ noise: NoisePlan.Noise, threshold: Int) -> Double {
    func weight(_ y: Int) -> Double {
      switch noise {
      case .laplace(let noise): exp(-Double(abs(y)) / noise.scale)
      case .gaussian(let noise): exp(-Double(y * y) / (2 * noise.deviation * noise.deviation))
      }
    }
    let range = -20_000...20_000
    return range.reduce(0) { $0 + ($1 >= threshold - 1 ? weight($1) : 0) } / range.reduce(0) { $0 + weight($1) }
  }

  @Test("A group of one person is shown with a chance of at most delta", arguments: AggregateConfig.Noise.allCases)
  func threshold(noise: AggregateConfig.Noise) throws {
    for (epsilon, delta, groups) in [("1", "0.000001", 1), ("0.1", "0.001", 3), ("3", "1e-9", 2)] {
      for people in [true, false] {
        let config = try config(noise, epsilon: epsilon, delta: delta, known: false, people: people, groups: groups)
        let plan = try #require(NoisePlan(config, reaches: [1]))
        #expect((plan.selection == nil) == people)
        let used = plan.selection ?? plan.measures[0]
        let threshold = try #require(plan.threshold)
        let share = noise == .gaussian ? 0.5 : 1
        let allowed = try #require(Double(delta)) * share / Double(groups)
        #expect(chanceOfOne(used, threshold: threshold) <= allowed * 1.000001)
        // Not needlessly high either: with Gaussian noise the bound on its tail costs up to a few.
        if noise == .laplace { #expect(chanceOfOne(used, threshold: threshold - 1) > allowed) }
      }
    }
  }

  @Test("Known groups need no threshold, and all of epsilon is for the figures")
  func known() throws {
    let config = try config(.laplace, epsilon: "0.5", delta: "0", known: true, people: false, groups: 2)
    let plan = try #require(NoisePlan(config, reaches: [1]))
    #expect(plan.threshold == nil && plan.selection == nil)
    #expect(plan.measures == [.laplace(DiscreteLaplace(numerator: 4, denominator: 1))])
  }

  @Test("Gaussian noise keeps to epsilon and delta")
  func gaussian() throws {
    let config = try config(.gaussian, epsilon: "1", delta: "0.00001", known: true, people: true, groups: 4)
    let plan = try #require(NoisePlan(config, reaches: [1]))
    let deviation = plan.measures[0].deviation
    // One person changes 4 rows by 1: the Euclidean norm is 2 (Balle, Wang 2018, theorem 8).
    func delta(_ deviation: Double) -> Double {
      func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
      return normal(1 / deviation - deviation / 2) - exp(1) * normal(-1 / deviation - deviation / 2)
    }
    #expect(delta(deviation) <= 0.00001 && delta(deviation * 0.99) > 0.00001, "\(deviation)")
  }
}
