import Foundation
import Testing

/// A preview is an export: what may not be published is not shown.
@Suite struct PreviewedTests {
  private static let rows = (0..<300).map { "\($0),\(20 + $0 % 3),\($0 * 7)\n" }.joined()

  private func preview(
    _ scratch: Scratch, _ more: String, _ count: Int = 100, fields: String = "id: drop, age: {class: quasi}, n: keep",
    sink: String = "{path: out.csv}", arguments: [String] = []
  ) throws -> Outcome {
    try scratch.write("in.csv", "id,age,n\n" + Self.rows)
    try scratch.write(
      "p.yaml", "version: 1\nname: t\nsource: {path: in.csv}\nfields: {\(fields)}\nsink: \(sink)\n" + more)
    return try Veil.run(["run", "p.yaml", "--preview", "\(count)"] + arguments, directory: scratch.root)
  }

  @Test("At most 100 records, of any format, and nothing is published")
  func counts() throws {
    let scratch = try Scratch()
    for (name, ending) in [("out.csv", 101), ("out.ndjson", 100), ("out.json", 102)] {
      let shown = try preview(scratch, "anonymity: {k: 5, count: records}\n", sink: "{path: \(name)}")
      #expect(shown.status == 0 && shown.text.split(separator: "\n").count == ending, "\(shown.stderr)")
      #expect(try scratch.list() == ["in.csv", "p.yaml"])
    }
    #expect(try preview(scratch, "", 101, fields: "id: keep, age: keep, n: keep").status == 2)
  }

  @Test("Keyed order holds for a preview: its records come from anywhere in the input")
  func order() throws {
    let scratch = try Scratch()
    let shown = try preview(scratch, "anonymity: {k: 5, count: records}\n", 30)
    let places = shown.text.split(separator: "\n").dropFirst().compactMap { line in
      line.split(separator: ",").last.flatMap { Int($0) }.map { $0 / 7 }
    }
    #expect(places.count == 30 && places.contains { $0 >= 100 } && places != places.sorted(), "\(places)")
  }

  @Test("An export that would not be published is not shown")
  func unmet() throws {
    let scratch = try Scratch()
    let failed = try preview(scratch, "anonymity: {k: 301, count: records}\n")
    #expect(failed.status == 1 && failed.text.isEmpty, "\(failed.stderr)")
    let checked = try preview(scratch, "checks: [{min_records: 400}]\n", 5, fields: "id: keep, age: keep, n: keep")
    #expect(checked.status == 1 && checked.text.isEmpty, "\(checked.stderr)")
    let telling = try preview(scratch, "anonymity: {k: 5, count: records}\nchecks: [{tells_apart: none}]\n")
    #expect(telling.status == 1 && telling.text.isEmpty, "\(telling.stderr)")
  }

  @Test("A part of a plan's records is not shown, for its classes may be fewer than k")
  func part() throws {
    let scratch = try Scratch()
    _ = try preview(scratch, "anonymity: {k: 5, count: records}\n", 1)
    let made = try Veil.run(["run", "p.yaml", "--save-plan", "all.plan"], directory: scratch.root)
    #expect(made.status == 0, "\(made.stderr)")
    try scratch.write("few.csv", "id,age,n\n0,20,0\n1,21,7\n")
    let arguments = ["run", "p.yaml", "--plan", "all.plan", "--input", "few.csv"]
    let shown = try Veil.run(arguments + ["--preview", "5"], directory: scratch.root)
    #expect(
      shown.status == 1 && shown.text.isEmpty && shown.stderr.contains("part of what the plan"), "\(shown.stderr)")
    let all = try Veil.run(["run", "p.yaml", "--plan", "all.plan", "--preview", "5"], directory: scratch.root)
    #expect(all.status == 0 && all.text.split(separator: "\n").count == 6, "\(all.stderr)")
  }

  @Test("The audit log says who saw how many records")
  func audited() throws {
    let scratch = try Scratch()
    let shown = try preview(
      scratch, "", 3, fields: "id: keep, age: keep, n: keep", arguments: ["--audit", "log.jsonl"])
    #expect(shown.status == 0 && shown.text == "id,age,n\n0,20,0\n1,21,7\n2,22,14\n", "\(shown.stderr)")
    let log = try scratch.text("log.jsonl")
    #expect(log.contains("\"event\": \"preview\"") && log.contains("\"shown\": 3"), "\(log)")
    #expect(try Veil.run(["audit", "verify", "log.jsonl"], directory: scratch.root).status == 0)
  }
}
