import Foundation
import Testing

/// A quarantine never loses a line, and what it says is for programs too.
@Suite struct KeptQuarantineTests {
  private static let rule = "bad_records: {action: skip, limit: 3, quarantine: \"bad-{date}.jsonl\"}"

  private func night(_ scratch: Scratch, _ more: [String] = []) throws -> Outcome {
    let pipeline = TestPipeline(
      source: "{path: in}", sink: "{path: \"out/{stem}.csv\"}", more: [Self.rule, "state: night.state"])
    try scratch.write("pipeline.yaml", pipeline.text)
    return try Veil.run(
      ["run", "pipeline.yaml", "--as-of", "2024-02-29"] + more, environment: TestKey.environment,
      directory: scratch.root)
  }

  private func files(_ scratch: Scratch) throws -> [String] {
    try scratch.text("bad-2024-02-29.jsonl").split(separator: "\n").map { line in
      let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      return try #require(entry["file"] as? String)
    }
  }

  @Test func laterRunsOfADayAddTheirLines() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "x,y\n1,2\nbad\n")
    #expect(try night(scratch).status == 0)
    #expect(try files(scratch) == ["in/a.csv"])
    try scratch.write("in/b.csv", "x,y\n1,2\n")
    #expect(try night(scratch).status == 0)
    #expect(try files(scratch) == ["in/a.csv"])
    try scratch.write("in/c.csv", "x,y\nbad\nworse\n3,4\n")
    #expect(try night(scratch).status == 0)
    #expect(try files(scratch) == ["in/a.csv", "in/c.csv", "in/c.csv"])
    // What is made again is told once.
    #expect(try night(scratch, ["--rerun"]).status == 0)
    #expect(try files(scratch) == ["in/a.csv", "in/c.csv", "in/c.csv"])
    #expect(try scratch.mode("bad-2024-02-29.jsonl") == 0o600)
    // A run that fails adds its lines, too, and takes none away.
    try scratch.write("in/d.csv", "x,y\n" + String(repeating: "bad\n", count: 4))
    let failed = try night(scratch)
    #expect(failed.status == 1 && failed.stderr.contains("; bad-2024-02-29.jsonl lists them"), "\(failed.stderr)")
    #expect(try files(scratch).prefix(3) == ["in/a.csv", "in/c.csv", "in/c.csv"])
    #expect(try files(scratch).count == 7)
  }

  /// A list that was cut short, by hand or by a copy, stays as it is, with an end to its line.
  @Test func aLineThatWasCutShortIsEnded() throws {
    let scratch = try Scratch()
    try scratch.write("bad-2024-02-29.jsonl", "{\"cut")
    try scratch.write("in/a.csv", "x,y\n1,2\nbad\n")
    #expect(try night(scratch).status == 0)
    let lines = try scratch.text("bad-2024-02-29.jsonl").split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "{\"cut" && lines[1].contains("in/a.csv"))
  }

  /// Skipped records are warnings, and count as such.
  @Test func skippedRecordsAreWarnings() throws {
    let scratch = try Scratch()
    let input = Data(("x,y\n1,2\n" + String(repeating: "bad\n", count: 23)).utf8)
    let outcome = try scratch.run(
      TestPipeline(more: ["bad_records: {action: skip}"]), on: input,
      arguments: ["--report", "r.json", "--metrics", "m.prom", "--log", "json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let warnings = outcome.stderr.split(separator: "\n").filter { $0.contains("\"level\":\"warning\"") }
    #expect(warnings.count { $0.contains("skipped in.csv: record") } == 20)
    #expect(warnings.count { $0.contains("skipped 3 more bad records") } == 1)
    #expect(try scratch.text("m.prom").contains("veil_run_warnings{pipeline=\"test\"} 21\n"))
    let report = try #require(try JSONSerialization.jsonObject(with: scratch.data("r.json")) as? [String: Any])
    #expect((report["warnings"] as? [String])?.count == 21)
  }

  /// The page lists every code, and a code is a short word.
  @Test func codesAreFixedWords() throws {
    let page = try Repository.text("docs/operations.md")
    let source = try Repository.text("Sources/VeilEngine/Records/Failure.swift")
    let codes = source.matches(of: /(?m)^  case (\w+)(?: = "(\w+)")?$/).map { String($0.2 ?? $0.1) }
    #expect(codes.count > 8)
    for code in codes {
      #expect(code.wholeMatch(of: /[a-z_]{1,20}/) != nil && page.contains("| `\(code)` |"), "\(code)")
    }
    let scratch = try Scratch()
    let input = Data("a,b\n1\n1,2,3\n\"x\"y,1\na,b\nz,1\n".utf8) + Data([0xFF]) + Data(",1\nx\ry,1\n".utf8)
    let outcome = try scratch.run(
      TestPipeline(fields: ["a: {round: {to: 1}}"], more: ["bad_records: {action: skip, quarantine: bad.jsonl}"]),
      on: input)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let found = try scratch.text("bad.jsonl").matches(of: /"code": "([^"]*)"/).map { String($0.1) }
    #expect(
      found == ["too_few_fields", "too_many_fields", "quote", "header", "value", "encoding", "line_end"], "\(found)")
  }
}
