import Foundation
import Testing

/// People with several records: what all of them tell together, and what a mean over people is.
@Suite struct PersonRecordTests {
  /// Each of 15 people has records in two of six towns, and each pair of towns has one person.
  private static let towns: String = {
    let names = ["Bonn", "Ulm", "Trier", "Jena", "Kiel", "Hof"]
    var text = "id,town\n"
    var person = 10
    for first in 0..<6 {
      for second in first + 1..<6 {
        text += "p\(person),\(names[first])\np\(person),\(names[second])\n"
        person += 1
      }
    }
    return text
  }()

  private func run(
    _ data: String, id: String = "{pseudonym: {key: test}}", anonymity: String = "k: 5, recoding: global",
    more: [String] = [],
    arguments: [String] = []
  ) throws -> (outcome: Outcome, scratch: Scratch) {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}", fields: ["id: \(id)", "town: {class: quasi}"], unlisted: "error",
      more: ["anonymity: {\(anonymity)}"] + more)
    let outcome = try scratch.run(
      pipeline, on: Data(data.utf8), arguments: ["--manifest", "m.json"] + arguments)
    return (outcome, scratch)
  }

  private func anonymity(_ scratch: Scratch) throws -> [String: Any] {
    let manifest = try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any]
    return try #require(manifest?["anonymity"] as? [String: Any])
  }

  private func verify(_ scratch: Scratch) throws -> Outcome {
    try Veil.run(
      ["verify", "out.csv", "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
  }

  private static let found = "1 candidates at least (prosecutor risk 1); 15 of 15 people have fewer than 5"

  @Test(arguments: ["1", "2"])
  func twoTownsTellWhoSomebodyIs(_ threads: String) throws {
    let (outcome, scratch) = try run(Self.towns, arguments: ["--threads", threads])
    #expect(outcome.status == 0 && outcome.stderr.contains(Self.found), "\(outcome.stderr)")
    let figures = try anonymity(scratch)
    let record = try #require(figures["reidentification_risk"] as? [String: Any])
    #expect((record["prosecutor_maximum"] as? NSNumber)?.doubleValue == 0.2)
    let all = try #require(figures["all_records_of_a_person"] as? [String: Any])
    #expect((all["prosecutor_maximum"] as? NSNumber)?.doubleValue == 1)
    #expect(all["people_below_k"] as? Int == 15 && all["people"] as? Int == 15 && all["fewest_candidates"] as? Int == 1)
    let verified = try verify(scratch)
    #expect(verified.status == 0 && verified.text.contains(Self.found), "\(verified.text)")
  }

  /// Without the token nobody can put two records together.
  @Test func withoutATokenNobodyIsTold() throws {
    let (outcome, scratch) = try run(Self.towns, id: "drop", more: ["checks: [{candidates: 5}]"])
    #expect(outcome.status == 0 && !outcome.stderr.contains("candidates at least"), "\(outcome.stderr)")
    #expect(try anonymity(scratch)["all_records_of_a_person"] is NSNull)
  }

  @Test func aCheckHoldsItToANumber() throws {
    let stopped = try run(Self.towns, more: ["checks: [{candidates: 2}]"])
    #expect(stopped.outcome.status == 1 && !stopped.scratch.exists("out.csv"), "\(stopped.outcome.stderr)")
    #expect(stopped.outcome.stderr.contains("somebody has 1 of 15 people"), "\(stopped.outcome.stderr)")
    let warned = try run(Self.towns, more: ["checks: [{candidates: 2, severity: warn}]"])
    #expect(warned.outcome.status == 0 && warned.outcome.stderr.contains("check 'candidates: 2' failed"))
    // Three times the same people: each has two others like them.
    let thrice =
      Self.towns
      + Self.towns.replacing("p", with: "q").split(separator: "\n").dropFirst()
      .joined(separator: "\n") + "\n"
    let met = try run(thrice, more: ["checks: [{candidates: 2}]"])
    #expect(met.outcome.status == 0 && met.outcome.stderr.contains("2 candidates at least"), "\(met.outcome.stderr)")
    #expect(try verify(met.scratch).text.contains("the check 'candidates: 2': met"))
    // The file alone shows it, too.
    let other = TestPipeline(
      source: "{path: in.csv, subject: id}", fields: ["id: {pseudonym: {key: test}}", "town: {class: quasi}"],
      unlisted: "error", more: ["anonymity: {k: 5, recoding: global}", "checks: [{candidates: 3}]"])
    try met.scratch.write("pipeline.yaml", other.text)
    let broken = try verify(met.scratch)
    #expect(broken.status == 1 && broken.text.contains("the check 'candidates: 3': NOT MET"), "\(broken.text)")
  }

  @Test func aCheckWithoutPeopleIsRefused() throws {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      TestPipeline(fields: ["town: {class: quasi}"], more: ["anonymity: {k: 2}", "checks: [{candidates: 2}]"]).text)
    let outcome = try Veil.run(["check", scratch.path("p.yaml")], environment: TestKey.environment)
    #expect(outcome.status == 2 && outcome.stderr.contains("needs 'source.subject'"), "\(outcome.stderr)")
  }

  /// Random people by brute force: the candidates are those whose classes contain all of the person's.
  @Test(arguments: 1...4, ["drop", "keep"])
  func candidatesAreWhatBruteForceFinds(_ seed: Int, _ suppressed: String) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var data = "id,town\n"
    for person in 0..<60 { for _ in 0...next(4) { data += "p\(person),t\(next(9))\n" } }
    let (outcome, scratch) = try run(data, anonymity: "k: 6, suppress: 20%, suppressed: \(suppressed)")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    var classes: [Substring: Set<Substring>] = [:]
    for row in try scratch.text("out.csv").split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      classes[fields[0], default: []].insert(fields[1])
    }
    let candidates = classes.values.map { own in classes.values.count { own.isSubset(of: $0) } }
    let all = try #require(try anonymity(scratch)["all_records_of_a_person"] as? [String: Any])
    #expect(all["fewest_candidates"] as? Int == candidates.min())
    #expect(all["people_below_k"] as? Int == candidates.count { $0 < 6 })
    #expect(all["people"] as? Int == classes.count)
  }

  /// A mean over people divides by people: who is in two classes counts once, with the smaller one.
  @Test func aMeanRiskIsOverPeople() throws {
    let data = "id,town\n" + (1...4).map { "p\($0),Bonn\n" }.joined() + "p1,Ulm\np2,Ulm\n"
    let (outcome, scratch) = try run(data, anonymity: "k: 2, recoding: global, risk: {average: 40%}")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let risk = try #require(try anonymity(scratch)["reidentification_risk"] as? [String: Any])
    #expect((risk["prosecutor_average"] as? NSNumber)?.doubleValue == 0.375)
    let verified = try verify(scratch)
    #expect(verified.text.contains("average risk: 0.375; at most 0.4 is promised: met"), "\(verified.text)")
    // Two classes of six pairs would be a third.
    let strict = try run(data, anonymity: "k: 2, recoding: global, risk: {average: 35%}")
    #expect(strict.outcome.status == 0, "\(strict.outcome.stderr)")
    #expect(try verify(strict.scratch).text.contains("average risk: 0.25; at most 0.35 is promised: met"))
    #expect(try run(data, anonymity: "k: 2, recoding: global, risk: {average: 20%}").outcome.status == 1)
  }
}
