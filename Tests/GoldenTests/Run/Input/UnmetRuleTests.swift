import Foundation
import Testing

/// A rule whose field no record has is a mistake, in JSON as in CSV.
@Suite("Rules that match nothing") struct UnmetRuleTests {
  private func outcomes(_ pipeline: TestPipeline, _ text: String, in scratch: Scratch) throws -> (Outcome, Outcome) {
    let name =
      pipeline.source.contains("ndjson") ? "in.ndjson" : pipeline.source.contains("json") ? "in.json" : "in.csv"
    let run = try scratch.run(pipeline, on: Data(text.utf8), named: name)
    let check = try Veil.run(
      ["check", "pipeline.yaml", "--input", name], environment: TestKey.environment, directory: scratch.root)
    return (run, check)
  }

  @Test(
    "a field that no record has stops run and check",
    arguments: ["emial: drop", "person.nmae: {mask: {first: 1}}", "list[].x: keep", "\"'odd.key'\": keep"])
  func unmet(_ rule: String) throws {
    let scratch = try Scratch()
    let text = #"{"id":1,"person":{"name":"x"},"list":[]}"# + "\n" + #"{"id":2,"odd":{"key":1}}"# + "\n"
    for output in ["out.ndjson", "out.json"] {
      let pipeline = TestPipeline(
        source: "{path: in.ndjson}", sink: "{path: \(output)}", fields: ["id: keep", rule], unlisted: "keep")
      let (run, check) = try outcomes(pipeline, text, in: scratch)
      let path = rule.components(separatedBy: ": ")[0].replacingOccurrences(of: "\"", with: "")
      for outcome in [run, check] {
        #expect(outcome.status == 4, "\(outcome.stderr)")
        #expect(
          outcome.stderr.contains("no record has a field '\(path)', which the pipeline names"), "\(outcome.stderr)")
      }
      #expect(!FileManager.default.fileExists(atPath: scratch.path(output)))
    }
  }

  @Test("an optional field may be missing, in JSON and in CSV")
  func optional() throws {
    let scratch = try Scratch()
    for (name, text) in [("in.ndjson", "{\"id\":1}\n"), ("in.json", "[{\"id\":1}]\n"), ("in.csv", "id\n1\n")] {
      let pipeline = TestPipeline(
        source: "{path: \(name)}", sink: "{path: out.csv}",
        fields: ["id: keep", "email: {stages: [drop], optional: true}", "tel: {stages: [keep], optional: true}"],
        unlisted: "error")
      let (run, check) = try outcomes(pipeline, text, in: scratch)
      #expect(run.status == 0, "\(run.stderr)")
      #expect(check.status == 0, "\(check.stderr)")
    }
    let quasi = TestPipeline(fields: ["id: {class: quasi, optional: true}"], more: ["anonymity: {k: 2}"])
    let outcome = try scratch.run(quasi, on: "id\n1\n1\n")
    #expect(outcome.status == 2)
    #expect(outcome.stderr.contains("none of these is optional"))
  }

  @Test("a field that a filter looks at must be there")
  func filters() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: ["id: keep"],
      more: ["records: {where: {field: cuontry, in: [AT]}}"])
    let (run, check) = try outcomes(pipeline, "{\"id\":1,\"country\":\"AT\"}\n", in: scratch)
    for outcome in [run, check] {
      #expect(outcome.status == 4, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("'cuontry'"))
    }
  }

  @Test("one record of any input file is enough, and an input without records has none to miss")
  func severalFiles() throws {
    let scratch = try Scratch()
    try scratch.write("parts/1.ndjson", "{\"id\":1}\n")
    try scratch.write("parts/2.ndjson", "{\"id\":2}\n{\"id\":3,\"tel\":null}\n")
    try scratch.write("parts/3.ndjson", "{\"id\":4}\n")
    var pipeline = TestPipeline(
      source: "{path: \"parts/*.ndjson\"}", sink: "{path: out.ndjson}", fields: ["id: keep", "tel: drop"])
    var outcome = try scratch.run(pipeline, on: "", named: "unused")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    pipeline.fields.append("fax: drop")
    outcome = try scratch.run(pipeline, on: "", named: "unused")
    #expect(outcome.status == 4, "\(outcome.stderr)")
    for text in ["", "[]"] {
      pipeline.source = text.isEmpty ? "{path: in.ndjson}" : "{path: in.json}"
      outcome = try scratch.run(pipeline, on: text, named: text.isEmpty ? "in.ndjson" : "in.json")
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
  }

  /// Counts come from the walk of a record or from its known shape, and both must count alike.
  @Test("the manifest says how often each rule was met, at any number of threads", arguments: ["1", "2", "5"])
  func counts(_ threads: String) throws {
    let scratch = try Scratch()
    var text = ""
    for number in 0..<5000 {
      switch number % 10 {
      case 0: text += "{\"id\":\(number),\"list\":[{\"x\":1},{\"x\":2},{}]}\n"
      case 1: text += "{\"list\":[],\"id\":\(number)}\n"
      case 2: text += "{\"id\":\(number), \n"
      case 3: text += "{\"id\":\(number),\"person\":{\"name\":null}}\n"
      default: text += "{\"id\":\(number),\"person\":{\"name\":\"n\"},\"list\":[{\"x\":1}]}\n"
      }
    }
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}",
      fields: [
        "id: keep", "person.name: drop", "\"list[].x\": {mask: {first: 1}}", "tel: {stages: [drop], optional: true}",
      ],
      unlisted: "error", more: ["bad_records: {action: skip}"])
    let outcome = try scratch.run(
      pipeline, on: Data(text.utf8), named: "in.ndjson",
      arguments: ["--manifest", "m.json", "--threads", threads], environment: ["VEIL_CHUNK_BYTES": "3000"])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let manifest = try #require(try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any])
    let fields = try #require(manifest["fields"] as? [[String: Any]])
    #expect(fields.map { $0["met"] as? Int } == [4500, 3500, 4000, 0])
    let exports = try #require(manifest["outputs"] as? [[String: Any]])
    #expect((exports[0]["fields"] as? [[String: Any]])?.map { $0["met"] as? Int } == [4500, 3500, 4000, 0])
  }

  @Test("the manifest of a CSV export counts its records")
  func countsOfCSV() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(fields: ["id: keep", "tel: {stages: [drop], optional: true}"])
    let outcome = try scratch.run(pipeline, on: Data("id\n1\n2\n3\n".utf8), arguments: ["--manifest", "m.json"])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let manifest = try #require(try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any])
    #expect((manifest["fields"] as? [[String: Any]])?.map { $0["met"] as? Int } == [3, 0])
  }

  @Test("stars are no names", arguments: ["\"**.email\"", "a.*.b", "\"*\"", "\"items[].*\""])
  func wildcards(_ name: String) throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(
      TestPipeline.ndjson(fields: ["id: keep", "\(name): drop"]), on: "{\"id\":1,\"email\":\"x\"}\n", named: "in.ndjson"
    )
    #expect(outcome.status == 2)
    #expect(outcome.stderr.contains("stands for no other names"), "\(outcome.stderr)")
    let quoted = try scratch.run(
      TestPipeline.ndjson(fields: ["id: keep", "\"'*'\": drop"]), on: "{\"id\":1,\"*\":\"x\"}\n", named: "in.ndjson")
    #expect(quoted.status == 0, "\(quoted.stderr)")
    #expect(try scratch.text("out.ndjson") == "{\"id\":1}\n")
  }
}
