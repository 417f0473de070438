import Foundation
import Testing

/// Declared checks: what is broken is said with a place, an error publishes nothing, a warning is reported.
@Suite struct CheckTests {
  private let people = "id,country,email\n1,DE,a@x.org\n2,FR,\n3,DE,c@x.org\n3,IT,\"d\"\"@x.org\"\n"

  private func run(
    _ scratch: Scratch, _ checks: [String], input: String? = nil, fields: [String] = [], more: [String] = [],
    arguments: [String] = []
  ) throws -> Outcome {
    let pipeline = TestPipeline(fields: fields, more: ["checks:"] + checks.map { "  - \($0)" } + more)
    return try scratch.run(
      pipeline, on: Data((input ?? people).utf8), arguments: ["--report", "report.json"] + arguments)
  }

  private func results(_ scratch: Scratch) throws -> [[String: Any]] {
    let report = try JSONSerialization.jsonObject(with: scratch.data("report.json")) as? [String: Any]
    return try #require(report?["checks"] as? [[String: Any]])
  }

  struct Case: Sendable {
    let check: String
    let holds: Bool
    var detail = ""
  }

  static let cases = [
    Case(check: "max_dropped: 0", holds: true, detail: "0 of 4 records"),
    Case(check: "min_records: 4", holds: true), Case(check: "min_records: 5", holds: false, detail: "4 records leave"),
    Case(check: "not_null: id", holds: true), Case(check: "not_null: country", holds: true),
    Case(check: "not_null: email", holds: false, detail: "1 records without a value, the first in in.csv: record 2"),
    Case(
      check: "unique: id", holds: false,
      detail: "1 records with a value that another had before, the first in in.csv: record 4"),
    Case(check: "unique: email", holds: true), Case(check: "unique: country", holds: false, detail: "record 3"),
    Case(check: "accepted_values: {field: country, values: [DE, FR, IT]}", holds: true),
    Case(check: "accepted_values: {field: country, values: [DE, FR]}", holds: false, detail: "record 4"),
    Case(check: "accepted_values: {field: email, values: [a@x.org, c@x.org, 'd\"@x.org']}", holds: true),
  ]

  @Test(arguments: cases)
  func aCheckHoldsOrNot(_ check: Case) throws {
    do {
      let scratch = try Scratch()
      let outcome = try run(scratch, [check.check, "{min_records: 1, severity: warn}"])
      #expect(outcome.status == (check.holds ? 0 : 1), "\(outcome.stderr)")
      let result = try results(scratch)[0]
      #expect(result["passed"] as? Bool == check.holds)
      #expect(check.detail.isEmpty || (result["detail"] as? String)?.contains(check.detail) == true, "\(result)")
      #expect(scratch.exists("out.csv") == check.holds)
      #expect(!outcome.stderr.contains("@x.org"), "a value in a message")
      if !check.holds { #expect(outcome.stderr.contains(check.detail), "\(outcome.stderr)") }
    }
  }

  @Test func aWarningIsReportedAndPublishes() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, ["{not_null: email, severity: warn}", "{unique: [id, email], severity: warn}"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("check 'not_null: email' failed") && outcome.stderr.contains("'unique: id'"))
    #expect(try results(scratch).map { $0["passed"] as? Bool } == [false, false, true])
    let report = try scratch.text("report.json")
    #expect(report.contains("\"warnings\": [\n"))
    #expect(scratch.exists("out.csv"))
  }

  /// Checks see what leaves: after filters and stages, in every format, at any chunk size.
  @Test func checksSeeWhatLeaves() throws {
    let scratch = try Scratch()
    let filter = "records: {where: {field: country, in: [DE]}}"
    #expect(
      try run(scratch, ["not_null: email", "accepted_values: {field: country, values: [DE]}"], more: [filter]).status
        == 0)
    #expect(try run(scratch, ["max_dropped: 49%"], more: [filter]).status == 1)
    #expect(try run(scratch, ["max_dropped: 50%"], more: [filter]).status == 0)
    #expect(try run(scratch, ["max_dropped: 1"], more: [filter]).status == 1)
    let filled = try run(
      scratch, ["not_null: email", "accepted_values: {field: email, values: [none]}"],
      fields: [
        "email: {constant: none}"
      ])
    #expect(filled.status == 1, "an empty cell stays empty")
    let becomes = try run(scratch, ["not_null: email"], fields: ["email: [{null: none}]"])
    #expect(becomes.status == 0, "\(becomes.stderr)")

    let json = try Scratch()
    let lines = #"{"id":1,"tags":["a","b"],"at":{"x":"1"}}"# + "\n" + #"{"id":2,"tags":[],"at":{"x":null}}"# + "\n"
    for (check, status) in [
      ("not_null: id", Int32(0)), ("not_null: at.x", 1), ("unique: id", 0), ("not_null: \"tags[]\"", 0),
      ("not_null: none", 4), ("accepted_values: {field: \"tags[]\", values: [a]}", 1),
      ("accepted_values: {field: \"tags[]\", values: [a, b]}", 0), ("unique: at.x", 0),
    ] {
      var pipeline = TestPipeline.ndjson()
      pipeline.more = ["checks: [{\(check)}]"]
      for size in ["1", "100000"] {
        let outcome = try json.run(
          pipeline, on: Data(lines.utf8), named: "in.ndjson", environment: ["VEIL_CHUNK_BYTES": size])
        #expect(outcome.status == status, "\(check): \(outcome.stderr)")
        if status == 0 { #expect(try json.text("out.ndjson") == lines, "a check changes no byte") }
      }
    }
  }

  /// A check must not change a byte of the export, nor depend on how the input is cut.
  @Test func checksChangeNothing() throws {
    let scratch = try Scratch()
    let rows = (0..<500).map { "\($0 % 499),\"q\"\"\($0)\",x\n" }.joined()
    try scratch.write("in.csv", "a,b,c\n" + rows)
    for (checks, threads, size) in [("", 1, 1 << 20), ("x", 1, 10), ("x", 3, 64), ("x", 2, 1000)] {
      var pipeline = TestPipeline()
      if !checks.isEmpty {
        pipeline.more = ["checks:", "  - {unique: [a, b], severity: warn}", "  - not_null: [a, b, c]"]
      }
      try scratch.write("pipeline.yaml", pipeline.text)
      let outcome = try Veil.run(
        ["run", "pipeline.yaml", "--threads", "\(threads)"],
        environment: TestKey.environment.merging(["VEIL_CHUNK_BYTES": "\(size)"]) { $1 }, directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == "a,b,c\n" + rows)
      if !checks.isEmpty {
        #expect(
          outcome.stderr.contains(
            "'unique: a' failed: 1 records with a value that another had before, the first in in.csv: record 500"),
          "\(outcome.stderr)")
        #expect(!outcome.stderr.contains("'unique: b'"))
      }
    }
  }

  @Test func classesAndSuppression() throws {
    let rows = (0..<12).map { "\($0 % 4 == 3 ? "Oslo" : "Rome")\n" }.joined() + "Bonn\n"
    for (check, status) in [
      ("k: 3", Int32(0)), ("k: 4", 1), ("max_suppressed: 1", 0), ("max_suppressed: 0", 1), ("max_suppressed: 7%", 1),
      ("max_suppressed: 8%", 0),
    ] {
      let scratch = try Scratch()
      let pipeline = TestPipeline(
        fields: ["city: {class: quasi}"], unlisted: "error",
        more: ["anonymity: {k: 2, recoding: global, suppress: 10%}", "checks: [{\(check)}]"])
      let outcome = try scratch.run(pipeline, on: "city\n" + rows)
      #expect(outcome.status == status, "\(check): \(outcome.stderr)")
    }
  }

  /// Against the manifest of the night before, which this night replaces.
  @Test func rowCountsAreCompared() throws {
    let scratch = try Scratch()
    func night(_ count: Int, _ check: String = "row_count: {within: 10%}") throws -> Outcome {
      try run(
        scratch, [check], input: "a\n" + String(repeating: "x\n", count: count), arguments: ["--manifest", "m.json"])
    }
    #expect(try night(100).status == 0, "the first night has nothing to compare with")
    #expect(try night(110).status == 0)
    let more = try night(122)
    #expect(more.status == 1 && more.stderr.contains("122 records leave, 110 did last time"), "\(more.stderr)")
    #expect(try night(99).status == 0, "110 - 11")
    #expect(try night(88).status == 1)
    #expect(try night(98, "row_count: {within: 10%, manifest: m.json}").status == 0)
    try scratch.write("m.json", "{\"records\": {}}")
    #expect(try night(98).status == 1, "what cannot be compared does not pass")
    let none = try run(scratch, ["row_count: {within: 10%}"])
    #expect(none.status == 2 && none.stderr.contains("--manifest"))
    // A manifest that has another name every time would never be found again.
    for (path, word) in [("m-{run}.json", "{run}"), ("m-{date}.json", "{date}")] {
      let other = try run(scratch, ["row_count: {within: 10%}"], arguments: ["--manifest", path])
      #expect(other.status == 2 && other.stderr.contains(word), "\(other.stderr)")
    }
  }

  /// An empty text leaves as an empty cell, which has no value; in JSON it is one.
  @Test(arguments: [("out.csv", Int32(1)), ("out.ndjson", 0)])
  func emptyTextsAreNoValuesInCSV(_ sink: String, _ status: Int32) throws {
    for fields in [["id: keep", "email: keep"], ["id: keep", "email: trim"]] {
      let scratch = try Scratch()
      let pipeline = TestPipeline(
        source: "{path: in.ndjson}", sink: "{path: \(sink)}", fields: fields, unlisted: "error",
        more: ["checks: [{not_null: email}]"])
      let outcome = try scratch.run(
        pipeline, on: Data("{\"id\":1,\"email\":\"\"}\n".utf8), named: "in.ndjson", arguments: [])
      #expect(outcome.status == status, "\(fields) \(outcome.stderr)")
    }
  }

  @Test func mistakesAreShown() throws {
    for (check, message) in [
      ("nul: x", "unknown key 'nul'"), ("min_records: many", "'min_records' must be a whole number"),
      ("max_dropped: 101%", "must be a number of records or a share"), ("{unique: a, not_null: a}", "exactly one of"),
      ("{severity: warn}", "exactly one of"), ("{unique: a, severity: fatal}", "must be one of error, warn"),
      ("k: 5", "needs an 'anonymity' section"), ("not_null: gone", "the field is dropped"),
      ("not_null: other", "lets this field leave"), ("accepted_values: {field: a, values: []}", "empty list"),
      ("row_count: {within: 10}", "must be a share"),
      ("row_count: {within: 10%, manifest: \"m-{date}.json\"}", "{date} is not filled in here"),
    ] {
      let scratch = try Scratch()
      let pipeline = TestPipeline(
        fields: ["a: keep", "gone: drop"], unlisted: "error", more: ["checks:", "  - \(check)"])
      try scratch.write("pipeline.yaml", pipeline.text)
      let outcome = try Veil.run(["check", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 2 && outcome.stderr.contains(message), "\(check): \(outcome.stderr)")
      #expect(outcome.stderr.contains(/pipeline\.yaml:1\d:\d+: error/), "\(outcome.stderr)")
    }
  }
}
