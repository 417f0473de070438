import Foundation
import Testing

/// `anonymity: {control: FILE}`: a run measures the three risks of its export against people who were held out, and only
/// so an export can earn the word 'anonymous'.
@Suite("A release that is attacked before it is published") struct ControlTests {
  private struct Chance: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 31)
    }
  }

  /// Three values that half or fewer have, and eighty: in a class of 150 many of these are alone.
  private static let common =
    Array(repeating: "none", count: 44) + Array(repeating: "flu", count: 29) + Array(repeating: "cold", count: 27)
  private static let rare = (0..<80).map { "dx\($0)" }

  private static func people(_ values: [String], seed: UInt64, from first: Int, count: Int = 3000) -> [[String]] {
    var chance = Chance(state: seed)
    return (0..<count).map { number in
      [
        "\(first + number)", "\(Int.random(in: 20..<80, using: &chance))",
        "10\(Int.random(in: 0..<4, using: &chance))\(Int.random(in: 0..<10, using: &chance))",
        values.randomElement(using: &chance) ?? "",
      ]
    }
  }

  private static let names = ["id", "age", "zip", "dx"]
  private static func csv(_ rows: [[String]]) -> String {
    ([names] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }
  private static func ndjson(_ rows: [[String]]) -> String {
    rows.map { row in "{" + zip(names, row).map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}\n" }.joined()
  }

  private static func pipeline(
    source: String = "in.csv", sink: String = "out.csv", control: String? = "control.csv", more: String = ""
  ) -> String {
    """
    version: 1
    name: t
    source: {path: \(source), subject: id}
    fields:
      id: drop
      age: {class: quasi, hierarchy: {interval: {width: 10, levels: 3}}}
      zip: {class: quasi, hierarchy: {prefix: 4}}
      dx: {class: sensitive, stages: [keep]}
    anonymity:
      {k: 100, l: {dx: 3}, t: {dx: 0.3}, alpha: {dx: 0.5}, recoding: global\(control.map { ", control: \($0)" } ?? "")}
    sink: {path: \(sink)}
    \(more)
    """
  }

  private func scratch(_ values: [String]) throws -> Scratch {
    let scratch = try Scratch()
    // The intervals of fewer people are too wide for the word.
    let count = values == Self.common ? 4000 : 3000
    try scratch.write("in.csv", Self.csv(Self.people(values, seed: 11, from: 100_000, count: count)))
    try scratch.write("control.csv", Self.csv(Self.people(values, seed: 12, from: 500_000, count: count)))
    try scratch.write("p.yaml", Self.pipeline())
    return scratch
  }

  private func run(_ scratch: Scratch, _ arguments: [String] = [], stdin: Data? = nil) throws -> (
    Outcome, [String: Any]
  ) {
    let outcome = try Veil.run(
      ["run", "p.yaml", "--report", "r.json", "--manifest", "m.json"] + arguments, stdin: stdin, directory: scratch.root
    )
    let report = try JSONSerialization.jsonObject(with: scratch.data("r.json")) as? [String: Any]
    return (outcome, try #require(report))
  }

  private func conditions(_ report: [String: Any]) throws -> [String: Bool?] {
    let label = try #require((report["labels"] as? [[String: Any]])?.first)
    let list = try #require(label["conditions"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: list.map { ($0["condition"] as? String ?? "", $0["met"] as? Bool) })
  }

  @Test("Every condition is met: the word is earned, in the run and as far as a file shows in verify")
  func anonymous() throws {
    let scratch = try scratch(Self.common)
    let (outcome, report) = try run(scratch)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("; anonymous -> out.csv"), "\(outcome.stderr)")
    #expect(try conditions(report).values.allSatisfy { $0 == true })
    let manifest = try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any]
    #expect(manifest?["label"] as? String == "anonymous")

    let verify = try Veil.run(
      ["verify", "out.csv", "--pipeline", "p.yaml", "--original", "in.csv"], directory: scratch.root)
    #expect(verify.status == 0, "\(verify.stderr)")
    #expect(
      verify.text.contains(
        "may be called: anonymous, if the run's manifest says the same of what the file does not show (people, order, layout)"
      ),
      "\(verify.text)")
    // Without the original nobody measured the risks.
    let alone = try Veil.run(["verify", "out.csv", "--pipeline", "p.yaml"], directory: scratch.root)
    #expect(alone.text.contains("may be called: k-anonymous (k=100)"), "\(alone.text)")
    // In the input's order all else is the same, and the word is not earned.
    try scratch.write("p.yaml", Self.pipeline(more: "order: input\n"))
    #expect(try run(scratch).0.stderr.contains("; k-anonymous (k=100)"))
  }

  @Test("Singling out above the floor: k-anonymous, and the condition says why")
  func singlingOut() throws {
    let scratch = try scratch(Self.rare)
    let (outcome, report) = try run(scratch)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("; k-anonymous (k=100)"), "\(outcome.stderr)")
    let met = try conditions(report)
    #expect(met["singling_out"] == false)
    #expect(met.filter { $0.key != "singling_out" }.values.allSatisfy { $0 == true }, "\(met)")
    let verify = try Veil.run(
      ["verify", "out.csv", "--pipeline", "p.yaml", "--original", "in.csv"], directory: scratch.root)
    #expect(verify.status == 0 && verify.text.contains("may be called: k-anonymous (k=100)"))
    #expect(verify.text.contains("singling_out: the risk, measured against a control group, is at most 0.09: NOT MET"))
    #expect(!verify.text.contains("dx1"))
  }

  @Test("Without a control the risks are not measured, and the label says so")
  func unmeasured() throws {
    let scratch = try scratch(Self.common)
    try scratch.write("p.yaml", Self.pipeline(control: nil))
    let (outcome, report) = try run(scratch)
    #expect(outcome.status == 0 && outcome.stderr.contains("; k-anonymous (k=100)"))
    let met = try conditions(report)
    for name in ["singling_out", "linkability", "inference"] { #expect(met[name] == .some(nil), "\(name)") }
    #expect((report["risks"] as? [Any])?.isEmpty == true)
  }

  /// The run, verify and risk attack alike, whatever way the data takes and however many threads there are.
  @Test(
    "The same figures from every command, at any number of threads, for every form of input and output",
    arguments: ["out.csv", "out.csv.gz", "out.ndjson", "out.json"])
  func sameFigures(_ sink: String) throws {
    let scratch = try scratch(Self.rare)
    // Chance decides by the release's order, which is another in each run unless it is the input's.
    try scratch.write("p.yaml", Self.pipeline(sink: sink, more: "order: input\n"))
    let arguments = ["risk", "--attack", sink, "in.csv", "--control", "control.csv", "--pipeline", "p.yaml", "--json"]
    var first: NSArray?
    for threads in sink == "out.csv" ? ["1", "3"] : ["2"] {
      let (outcome, report) = try run(scratch, ["--threads", threads])
      try #require(outcome.status == 0, "\(outcome.stderr)")
      let risks = try #require((report["risks"] as? [[String: Any]])?.first)
      let risk = try Veil.run(arguments + ["--threads", threads], directory: scratch.root)
      let found = try #require(try JSONSerialization.jsonObject(with: risk.stdout) as? [String: Any], "\(risk.stderr)")
      let kinds = ["singling_out", "linkability", "inference"]
      #expect(kinds.map { risks[$0] as? NSArray } == kinds.map { found[$0] as? NSArray })
      let all = kinds.compactMap { risks[$0] as? NSArray } as NSArray
      #expect(first == nil || first == all)
      first = all
    }
    if sink == "out.csv" {
      // From standard input, which is read three times, and from JSON.
      let text = Self.ndjson(Self.people(Self.rare, seed: 11, from: 100_000))
      try scratch.write("control.ndjson", Self.ndjson(Self.people(Self.rare, seed: 12, from: 500_000)))
      try scratch.write(
        "p.yaml",
        Self.pipeline(control: "control.ndjson", more: "order: input\n").replacingOccurrences(
          of: "path: in.csv", with: "format: ndjson, path: in"))
      let (outcome, report) = try run(scratch, ["--input", "-"], stdin: Data(text.utf8))
      try #require(outcome.status == 0, "\(outcome.stderr)")
      let risks = try #require((report["risks"] as? [[String: Any]])?.first)
      #expect(["singling_out", "linkability", "inference"].compactMap { risks[$0] as? NSArray } as NSArray == first)
    }
  }

  @Test("Who is filtered out is not attacked, and stages come before hierarchies there, too")
  func filtersAndStages() throws {
    let scratch = try scratch(Self.rare)
    let text = Self.pipeline().replacingOccurrences(
      of: "age: {class: quasi, ", with: "age: {class: quasi, stages: [trim], ")
    try scratch.write("p.yaml", text)
    func figures(_ original: String, _ pipeline: String) throws -> String {
      try scratch.write("p.yaml", pipeline)
      try scratch.write("in.csv", original)
      try #require(try run(scratch).0.status == 0)
      let outcome = try Veil.run(
        ["verify", "out.csv", "--pipeline", "p.yaml", "--original", "in.csv"], directory: scratch.root)
      let lines = outcome.text.split(separator: "\n")
      return lines.filter { $0.contains("singling out") || $0.contains("inference: dx") }.joined(separator: "\n")
    }
    let people = Self.people(Self.rare, seed: 11, from: 100_000)
    let plain = try figures(Self.csv(people), text + "order: input\n")
    let others = Self.people(Self.rare, seed: 13, from: 900_000).map { [$0[0], $0[1], "2\($0[2].dropFirst())", $0[3]] }
    let spaced = people.map { [$0[0], " \($0[1]) ", $0[2], $0[3]] }
    let filter =
      "records: {where: {field: zip, not_in: [\(Set(others.map { $0[2] }).sorted().joined(separator: ", "))]}}\n"
    #expect(try figures(Self.csv(spaced + others), text + "order: input\n" + filter) == plain, "\(plain)")
  }

  @Test("A control that is missing, empty or overwritten ends the run, and nothing is published")
  func mistakes() throws {
    let scratch = try scratch(Self.common)
    for (control, text, status) in [
      ("none.csv", nil, 3), ("empty.csv", "id,age,zip,dx\n", 2), ("bad.csv", "id,age,zip,dx\n1,2\n", 3),
      ("out.csv", "id,age,zip,dx\n", 2),
    ] as [(String, String?, Int32)] {
      if let text { try scratch.write(control, text) }
      try scratch.write("p.yaml", Self.pipeline(control: control))
      let outcome = try Veil.run(["run", "p.yaml"], directory: scratch.root)
      #expect(outcome.status == status, "\(control): \(outcome.status) \(outcome.stderr)")
      #expect(outcome.stderr.contains(control))
      #expect(control == "out.csv" || !FileManager.default.fileExists(atPath: scratch.path("out.csv")))
      let check = try Veil.run(["check", "p.yaml", "--input", "in.csv"], directory: scratch.root)
      #expect(check.status == status, "\(control): \(check.stderr)")
    }
    try scratch.write("p.yaml", Self.pipeline(control: nil))
    let verify = ["verify", "in.csv", "--pipeline", "p.yaml"]
    #expect(try Veil.run(verify + ["--original", "in.csv"], directory: scratch.root).status == 2)
    #expect(try Veil.run(verify + ["--control", "control.csv"], directory: scratch.root).status == 2)
  }
}
