import Foundation
import Testing

/// Records that went to standard output cannot be taken back: where a check at the end may stop the run, they wait for it.
@Suite struct HeldOutputTests {
  /// More than a block of what waits.
  private static let rows = (0..<60_000).map { "\($0),x\n" }.joined()

  private func run(_ more: [String], fields: [String] = [], bad: String = "") throws -> Outcome {
    let scratch = try Scratch()
    let pipeline = TestPipeline(sink: "{path: \"-\", format: csv}", fields: fields, more: more)
    return try scratch.run(pipeline, on: "id,v\n" + Self.rows + bad)
  }

  @Test(arguments: [
    (["checks: [{unique: id}]"], [], "7,x\n"), (["bad_records: {action: skip, limit: 1}"], [], "1\n2\n"),
    (["bad_records: {action: skip, limit: 0.001%}"], [], "1\n2\n"),
    ([], ["id: {pseudonym: {key: test, length: 16, allow_short: true, unique: true}}", "v: keep"], ""),
  ])
  func nothingLeavesOfARunThatFails(_ more: [String], _ fields: [String], _ bad: String) throws {
    let outcome = try run(more, fields: fields, bad: bad)
    #expect(outcome.status == 1 && outcome.stderr.contains("nothing was published"), "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty)
  }

  @Test func allLeavesOfARunThatSucceeds() throws {
    for more in [["checks: [{unique: id}]"], ["bad_records: {action: skip, limit: 1}"], []] {
      let outcome = try run(more)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(outcome.text == "id,v\n" + Self.rows)
    }
    let empty = try Scratch()
    let pipeline = TestPipeline(sink: "{path: \"-\", format: csv}", more: ["checks: [{max_dropped: 0}]"])
    #expect(try empty.run(pipeline, on: "id\n").text == "id\n")
  }

  /// A reader that goes away ends the run as quietly as ever.
  @Test func aReaderThatGoesAway() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "id,v\n" + Self.rows)
    try scratch.write(
      "pipeline.yaml", TestPipeline(sink: "{path: \"-\", format: csv}", more: ["checks: [{unique: id}]"]).text)
    let outcome = try Command.run(
      "bash", ["-c", "'\(Veil.path)' run pipeline.yaml | head -n 1; echo ${PIPESTATUS[0]}"],
      environment: TestKey.environment, directory: scratch.root)
    #expect(
      outcome.text == "id,v\n141\n" && !outcome.stderr.contains("cannot write"), "\(outcome.text) \(outcome.stderr)")
  }

  /// A plan is held against other records than it was made for at the end, too.
  @Test func aPlanThatDoesNotHold() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}", "v: keep"], unlisted: "error",
      more: ["anonymity: {k: 3}"])
    let made = try scratch.run(
      pipeline, on: Data("age,v\n31,a\n31,b\n31,c\n42,a\n42,b\n42,c\n".utf8), arguments: ["--save-plan", "p.plan"])
    #expect(made.status == 0, "\(made.stderr)")
    let other = "age,v\n31,a\n31,b\n31,c\n31,d\n31,e\n42,a\n"
    let outcome = try scratch.run(pipeline, on: Data(other.utf8), arguments: ["--plan", "p.plan", "--output", "-"])
    #expect(outcome.status == 1 && outcome.stderr.contains("nothing was published"), "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty)
  }
}
