import Foundation
import Testing

/// Figures about groups in place of records, with the noise of differential privacy.
@Suite struct AggregateTests {
  private static let budget = "version: 1\nepsilon: 10\ndelta: 0.001\nspent:\n"

  private func pipeline(
    by: String = "[country]", _ more: String = "delta: 0.000001", epsilon: String = "2", format: String = "csv",
    head: String = ""
  ) -> String {
    """
    version: 1
    name: orders
    source: {path: in.csv, subject: id}
    \(head)
    fields: {id: drop, country: keep, amount: keep, note: drop}
    sink:
      path: out.\(format)
      aggregate:
        by: \(by)
        measures:
          people: {count: people}
          orders: {count: records}
          spend: {sum: amount, lower: 0, upper: 50, unit: 0.5}
        epsilon: \(epsilon)
        \(more)
        per_person: {groups: 1, records: 2}
        budget: budget.yaml

    """
  }

  /// 900 people in two countries with two orders each, and one alone in a third, whose name is like no other.
  private var orders: String {
    var rows = "id,country,amount,note\n"
    for person in 0..<900 {
      let country = person % 3 == 0 ? "FR" : "DE"
      rows += "p\(person),\(country),20.5,n\np\(person),\(country),99.9,n\np\(person),\(country),1,over\n"
    }
    return rows + "p900,Zzcanaryland,3,n\n"
  }

  private func run(
    _ scratch: Scratch, _ pipeline: String, budget: String? = budget, data: String? = nil, _ more: [String] = []
  ) throws -> Outcome {
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", data ?? orders)
    if let budget { try scratch.write("budget.yaml", budget) }
    return try Veil.run(["run", scratch.path("p.yaml"), "--manifest", scratch.path("m.json")] + more)
  }

  @Test(arguments: ["laplace", "gaussian"])
  func figuresAreNearTheTruthAndNeverMuchOff(_ noise: String) throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, pipeline("delta: 0.000001\n    noise: \(noise)"))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let text = try scratch.text("out.csv")
    let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(lines.map { $0[0] } == ["country", "DE", "FR"])
    #expect(lines[0] == ["country", "people", "orders", "spend"])
    // 600 and 300 people; two orders each count; 20.5 and 99.9, which is brought to 50, make 70.5.
    for (line, people) in zip(lines.dropFirst(), [600.0, 300.0]) {
      let figures = try line.dropFirst().map { try #require(Double($0)) }
      for (figure, (truth, scale)) in zip(figures, [(people, 1.0), (people * 2, 2), (people * 70.5, 100)]) {
        #expect(abs(figure - truth) < 60 * scale, "\(line)")
      }
      #expect((figures[2] * 2).rounded() == figures[2] * 2, "whole units of 0.5")
    }
    let everything = text + (try scratch.text("m.json")) + outcome.stderr
    #expect(!everything.contains("canary"), "a group of one person shows nowhere")
    #expect(try scratch.mode("out.csv") == 0o600)
  }

  @Test func noiseIsThereAndNeverTheSame() throws {
    let scratch = try Scratch()
    var seen: Set<String> = []
    for _ in 0..<4 {
      #expect(try run(scratch, pipeline(epsilon: "0.1")).status == 0)
      seen.insert(try scratch.text("out.csv"))
    }
    #expect(seen.count == 4, "four releases of equal figures have a chance below one in a million")
  }

  @Test func knownGroupsHaveARowEach() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, pipeline(by: "{country: [XX, DE]}", "noise: laplace", format: "ndjson"))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let rows = try scratch.text("out.ndjson").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(rows.map { $0["country"] as? String } == ["DE", "XX"])
    #expect(abs(try #require(rows[1]["people"] as? Int)) < 60)
    #expect(rows.allSatisfy { $0["spend"] is Double })
    let manifest = try scratch.text("m.json")
    #expect(manifest.contains("\"records_of_other_groups\": 901"))
    #expect(manifest.contains("\"records_over_bounds\": 600"))
  }

  @Test func jsonRecordsAreCountedToo() throws {
    let scratch = try Scratch()
    var rows = ""
    for person in 0..<300 {
      rows += "{\"id\":\(person),\"country\":\"DE\",\"amount\":\(person % 2 == 0 ? "2.5" : "null")}\n"
    }
    try scratch.write("in.ndjson", rows)
    let text = pipeline(by: "{country: [DE]}", "noise: laplace", epsilon: "10", format: "json")
      .replacingOccurrences(of: "in.csv", with: "in.ndjson").replacingOccurrences(of: ", note: drop", with: "")
    let outcome = try run(scratch, text)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let array = try #require(try JSONSerialization.jsonObject(with: scratch.data("out.json")) as? [[String: Any]])
    #expect(abs(try #require(array[0]["people"] as? Double) - 300) < 60)
    #expect(abs(try #require(array[0]["spend"] as? Double) - 375) < 600)
    let twice = try run(scratch, text, budget: nil)
    #expect(twice.status == 1, "the budget of 10 is spent")
  }

  @Test func aBudgetIsNeverOverspent() throws {
    let scratch = try Scratch()
    #expect(try run(scratch, pipeline(epsilon: "6")).status == 0)
    let before = try scratch.data("out.csv")
    let second = try run(scratch, pipeline(epsilon: "6"), budget: nil)
    #expect(second.status == 1)
    #expect(second.stderr.contains("10 in all, 6 spent, 6 asked for"), "\(second.stderr)")
    #expect(try scratch.data("out.csv") == before)
    #expect(try run(scratch, pipeline(epsilon: "4"), budget: nil).status == 0, "what is left may be spent")
    #expect(try run(scratch, pipeline(epsilon: "0.001"), budget: nil).status == 1)
    #expect(try scratch.text("budget.yaml").components(separatedBy: "pipeline: \"orders\"").count == 3)
    // A tenth ten times is one: amounts are summed exactly.
    try scratch.write("budget.yaml", "version: 1\nepsilon: 1\ndelta: 1\nspent:\n")
    for _ in 0..<10 { #expect(try run(scratch, pipeline(epsilon: "0.1"), budget: nil).status == 0) }
    #expect(try run(scratch, pipeline(epsilon: "0.1"), budget: nil).status == 1)
  }

  @Test func aDryRunCostsNothing() throws {
    let scratch = try Scratch()
    #expect(try run(scratch, pipeline(), ["--dry-run"]).status == 0)
    #expect(try scratch.text("budget.yaml") == Self.budget)
    #expect(!scratch.exists("out.csv"))
  }

  @Test(arguments: [
    ("version: 1\nepsilon: 10\ndelta: 1\nspent:\n  - {epsilon: 1, delta: 0}\n  - {epsil", 2, "budget.yaml"),
    ("version: 1\nepsilon: 10\ndelta: 1\nspent:\n  - {epsilon: 1, delta: 0}", 2, "not complete"),
    ("version: 1\nepsilon: 10\ndelta: 1\n", 2, "spent"),
    ("", 2, "budget.yaml"),
  ])
  func aBudgetThatCannotBeReadAllowsNothing(_ budget: String, _ status: Int, _ message: String) throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, pipeline(), budget: budget)
    #expect(outcome.status == Int32(status), "\(outcome.stderr)")
    #expect(outcome.stderr.contains(message), "\(outcome.stderr)")
    #expect(!scratch.exists("out.csv"))
  }

  @Test func mistakesAreSaid() throws {
    let scratch = try Scratch()
    let cases = [
      (pipeline().replacingOccurrences(of: ", subject: id", with: ""), "source.subject"),
      (pipeline("noise: laplace"), "'delta'"),
      (pipeline().replacingOccurrences(of: "unit: 0.5", with: "unit: 0.3"), "whole number of units"),
      (pipeline(by: "[county]"), "no field 'county'"),
      (pipeline(by: "[note]"), "is dropped"),
      (pipeline(epsilon: "0"), "epsilon"),
      (pipeline().replacingOccurrences(of: "upper: 50", with: "upper: -1"), "below 'lower'"),
      (
        pipeline(head: "anonymity: {k: 2}").replacingOccurrences(of: "country: keep", with: "country: {class: quasi}"),
        "does not go with 'anonymity'"
      ),
    ]
    for (text, message) in cases {
      let outcome = try run(scratch, text)
      #expect(outcome.status == 2, "\(outcome.stderr)")
      #expect(outcome.stderr.contains(message), "\(message) in \(outcome.stderr)")
    }
    #expect(try scratch.text("budget.yaml") == Self.budget)
    try FileManager.default.removeItem(atPath: scratch.path("budget.yaml"))
    let outcome = try run(scratch, pipeline(), budget: nil)
    #expect(outcome.status == 2)
    #expect(outcome.stderr.contains("there is no privacy budget"))
  }
}
