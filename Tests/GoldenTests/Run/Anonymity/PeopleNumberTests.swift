import Foundation
import Testing

/// No label of a number is somebody's number.
@Suite struct PeopleNumberTests {
  private func run(_ rule: String, _ data: String, anonymity: String = "k: 5", subject: Bool = false) throws -> [String]
  {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: subject ? "{path: in.csv, subject: id}" : "{path: in.csv}",
      fields: ["id: drop", "income: {class: quasi, hierarchy: \(rule)}"], unlisted: "error",
      more: ["anonymity: {\(anonymity)}"])
    let outcome = try scratch.run(pipeline, on: Data(("id,income\n" + data).utf8))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return try scratch.text("out.csv").split(separator: "\n").dropFirst().map {
      String($0).replacing("\"", with: "")
    }
  }

  private func ends(_ labels: [String]) -> Set<Double> {
    Set(
      labels.filter { $0 != "*" }.flatMap {
        $0.split { !"0123456789.-".contains($0) }.compactMap { Double($0) }
      })
  }

  /// 90 people without an income and 10 with one: the step of the ends comes from the ten.
  @Test(arguments: ["auto", "{auto: range}", "{auto: equal-frequency, levels: 2}"])
  func endsAreNobodysNumber(_ kind: String) throws {
    let incomes = (0..<10).map { 1476.86 + 211.37 * Double($0) }
    let data =
      (0..<90).map { "z\($0),0\n" }.joined()
      + incomes.enumerated().map { "p\($0.offset),\(String(format: "%.2f", $0.element))\n" }.joined()
    let labels = try run("{interval: \(kind)}", data, anonymity: "k: 5, recoding: global")
    let found = ends(labels.filter { $0 != "0" })
    #expect(found.allSatisfy { end in !incomes.contains { abs($0 - end) < 0.005 } }, "\(found)")
    #expect(found.allSatisfy { $0 == ($0 / 10).rounded() * 10 }, "\(found)")
  }

  /// Random tables: an end is a value of at least k people, or of nobody. One person's many records are one person.
  @Test(arguments: 1...6, [true, false])
  func randomEndsAreNobodysNumber(_ seed: Int, subject: Bool) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var people: [Double: Set<UInt64>] = [:]
    var data = ""
    let scale = [1, 7, 40, 1000][seed % 4]
    for row in 0..<150 {
      let person = subject ? next(50) : UInt64(row)
      let value = next(3) == 0 ? Double(scale) : Double(next(UInt64(40 * scale))) / Double([1, 2, 4][seed % 3])
      people[value, default: []].insert(person)
      data += "p\(person),\(value == value.rounded() ? "\(Int(value))" : "\(value)")\n"
    }
    for kind in ["auto", "{auto: range}"] {
      let labels = try run("{interval: \(kind)}", data, subject: subject)
      for end in ends(labels.filter { "[<>".contains($0.prefix(1)) }) {
        #expect((people[end]?.count ?? 5) >= 5, "seed \(seed) \(kind): \(end)")
      }
    }
  }

  /// Sets list no numbers: an unusual one is somebody's.
  @Test(arguments: ["{interval: auto}", "{interval: {width: 1000, levels: 3}}", "{prefix: 3}"])
  func setsListNoNumbers(_ rule: String) throws {
    let data = (0..<60).map { "p\($0),\(36_997 + $0 * 419)\n" }.joined() + "p60,9876543\n"
    let labels = try run(rule, data, anonymity: "k: 3, labels: sets")
    #expect(labels.allSatisfy { !$0.hasPrefix("{") && !$0.contains("9876543") && !$0.contains("36997") }, "\(labels)")
    let own = Set((0..<60).map { Double(36_997 + $0 * 419) })
    #expect(rule.contains("prefix") || ends(labels).isDisjoint(with: own), "\(labels)")
  }

  private func average(_ data: String, k: Int = 3, clamp: String = "keep") throws -> (Outcome, Scratch) {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}", fields: ["id: drop", "income: \(clamp)"], unlisted: "error",
      more: ["microaggregation: {k: \(k), fields: [income], decimals: 0}"])
    return (try scratch.run(pipeline, on: Data(("id,income\n" + data).utf8)), scratch)
  }

  /// The mean of 0, 0 and 1,000,000 tells the million: such a group joins the next one, until nobody makes up three
  /// quarters of the sum.
  @Test func aMeanTellsNobody() throws {
    let small = (0..<6).map { "a\($0),\(100 + $0)\n" }.joined()
    let (outcome, scratch) = try average(small + "b1,200\nb2,210\nb3,2000\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let means = try scratch.text("out.csv").split(separator: "\n").dropFirst().compactMap { Double($0) }
    #expect(means.count == 9)
    // 2000 is 83 percent of its own group's sum, and 74 percent of that with the next group.
    #expect(!means.contains(803) && Set(means).count == 2, "\(means)")
    for mean in Set(means) { #expect(2000 <= 0.75 * mean * Double(means.count { $0 == mean }) || mean < 200) }
  }

  @Test func whatNoGroupHidesIsRefused() throws {
    let data = (0..<8).map { "a\($0),0\n" }.joined() + "b,1000000\n"
    let (outcome, scratch) = try average(data)
    #expect(outcome.status == 1 && outcome.stderr.contains("three quarters of the sum"), "\(outcome.stderr)")
    #expect(!outcome.stderr.contains("1000000") && !scratch.exists("out.csv"))
    // Cut to what others have, it hides.
    let others = (0..<8).map { "a\($0),\(10 + $0)\n" }.joined() + "b,1000000\n"
    #expect(try average(others, clamp: "{clamp: {max: 20}}").0.status == 0)
  }

  /// One person with many records of one large number is one person.
  @Test func manyRecordsOfOnePersonAreOne() throws {
    let data = (0..<8).map { "a\($0),10\n" }.joined() + (0..<5).map { _ in "b,5000\n" }.joined()
    #expect(try average(data).0.status == 1)
  }
}
