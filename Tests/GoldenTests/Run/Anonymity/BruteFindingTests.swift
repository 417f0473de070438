import Foundation
import Testing

/// What random releases once showed to be other than it was said to be.
@Suite struct BruteFindingTests {
  private func manifest(_ scratch: Scratch) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any])
  }

  private func output(_ scratch: Scratch) throws -> [String: Any] {
    try #require((try manifest(scratch)["outputs"] as? [[String: Any]])?.first)
  }

  private func condition(_ name: String, _ scratch: Scratch) throws -> String? {
    let all = try output(scratch)["label_conditions"] as? [[String: Any]]
    return all?.first { $0["condition"] as? String == name }?["measured"] as? String
  }

  private func verify(_ scratch: Scratch, _ file: String = "out.ndjson", more: [String] = []) throws -> Outcome {
    try Veil.run(
      ["verify", file, "--pipeline", "pipeline.yaml"] + more, environment: TestKey.environment, directory: scratch.root)
  }

  private func lines(_ records: [String]) -> Data { Data(records.map { $0 + "\n" }.joined().utf8) }

  /// `41`, `41.0` and `4.1e1` are one number of JSON, and so one combination and one label.
  @Test func numbersOfAQuasiIdentifierLeaveInOneForm() throws {
    let scratch = try Scratch()
    let numbers = ["41", "41.0", "4.1e1", "41.00", "50", "50.0"]
    var pipeline = TestPipeline.ndjson(fields: [
      "age: {class: quasi, hierarchy: {interval: {width: 5, levels: 3}}}", "town: {class: quasi}",
    ])
    pipeline.unlisted = "error"
    pipeline.more = ["anonymity: {k: 2}"]
    let outcome = try scratch.run(
      pipeline, on: lines(numbers.map { #"{"age":\#($0),"town":"Ulm"}"# }), named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let found = try scratch.data("out.ndjson").lines
    let right = [#"{"age":"41","town":"Ulm"}"#, #"{"age":"50","town":"Ulm"}"#]
    #expect(found == Array(repeating: right[0], count: 4) + Array(repeating: right[1], count: 2), "\(found)")
    #expect(try verify(scratch).text.contains("classes: 2\n"))
  }

  /// Fields are measured as they leave: a number in its one form, and an empty text as null.
  @Test func fieldsAreMeasuredAsTheyLeave() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline.ndjson(fields: ["town: {class: quasi}", "pay: keep"])
    pipeline.unlisted = "error"
    pipeline.more = ["anonymity: {k: 2}"]
    let pay = ["1", "1.0", "1.00", "1e0", "10e-1", "2", "2.0", "0.2e1", #""""#, "null", #""""#]
    let outcome = try scratch.run(
      pipeline, on: lines(pay.map { #"{"town":"Ulm","pay":\#($0)}"# }), named: "in.ndjson",
      arguments: ["--manifest", "m.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let measured = try #require((try output(scratch)["measured"] as? [[String: Any]])?.first)
    #expect(measured["field"] as? String == "pay" && measured["tells_apart"] as? Bool == false)
    #expect(
      [measured["values"], measured["different"], measured["of_one_person"]].map { $0 as? Int } == [8, 2, 0],
      "\(measured)")
    #expect((try output(scratch)["label"] as? String)?.hasPrefix("k-anonymous") == true)
  }

  /// Records without a subject are one unknown person's, in several classes too, for `verify` as for the run.
  @Test func verifyCountsOneUnknownPerson() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}",
      fields: [
        "id: {pseudonym: {key: test}}", "town: {class: quasi}",
      ])
    pipeline.unlisted = "error"
    pipeline.more = ["anonymity: {k: 2}"]
    let rows = ["a,Ulm", "b,Ulm", ",Ulm", "c,Bonn", "d,Bonn", ",Bonn", "e,Hof", "f,Hof", ",Hof"]
    let outcome = try scratch.run(
      pipeline, on: Data(("id,town\n" + rows.map { $0 + "\n" }.joined()).utf8), arguments: ["--manifest", "m.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let anonymity = try #require(try manifest(scratch)["anonymity"] as? [String: Any])
    let all = try #require(anonymity["all_records_of_a_person"] as? [String: Any])
    #expect(all["people"] as? Int == 7 && all["people_below_k"] as? Int == 1)
    let found = try verify(scratch, "out.csv").text
    #expect(found.contains("1 of 7 people have fewer than 2"), "\(found)")
  }

  /// The share in the file is of people: somebody in several classes is one of them.
  @Test func theGainIsAboveTheShareOfPeopleInTheFile() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}",
      fields: [
        "id: {pseudonym: {key: test}}", "town: {class: quasi}",
        #"dx: {class: sensitive, stages: [keep], because: "a test"}"#,
      ])
    pipeline.unlisted = "error"
    pipeline.more = ["anonymity: {k: 2, recoding: global, l: {dx: 2}}"]
    // Of ten people five have flu. a and b have it, and are in all three towns.
    let rows =
      ["Ulm", "Bonn", "Hof"].flatMap { ["a,\($0),flu", "b,\($0),flu"] } + ["c,Ulm,tb", "d,Ulm,tb", "e,Bonn,tb"]
      + ["f,Bonn,flu", "g,Bonn,flu", "h,Hof,flu", "i,Hof,tb", "j,Hof,tb"]
    let outcome = try scratch.run(
      pipeline, on: Data(("id,town,dx\n" + rows.map { $0 + "\n" }.joined()).utf8), arguments: ["--manifest", "m.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try condition("largest_share", scratch)?.hasPrefix("80") == true)
    #expect(try condition("inference_gain", scratch)?.hasPrefix("30") == true)
    let found = try verify(scratch, "out.csv").text
    #expect(found.contains("a share in a class is up to 30% above the one in the file"), "\(found)")
  }

  /// A file that lacks a quasi-identifier, because its sink drops it, is held against the population in the others.
  @Test func aDroppedQuasiIdentifierFitsEverybodyOfThePopulation() throws {
    let scratch = try Scratch()
    let pipeline = """
      version: 1
      name: test
      source: {path: in.csv, subject: id}
      fields: {id: drop, town: {class: quasi}, sex: {class: quasi}}
      sinks:
        - {path: a.csv, recipient: a}
        - {path: b.csv, recipient: b, fields: {sex: drop}}
        - {path: c.csv, recipient: c, fields: {town: drop}}
      anonymity: {k: 2, population: everybody.csv, k_map: 3}

      """
    try scratch.write("pipeline.yaml", pipeline)
    let people = ["Ulm,f", "Ulm,m", "Bonn,f", "Bonn,m"].flatMap { Array(repeating: $0, count: 3) }
    try scratch.write("everybody.csv", "town,sex\n" + (people + ["Bonn,m"]).map { $0 + "\n" }.joined())
    try scratch.write("in.csv", "id,town,sex\n" + people.enumerated().map { "p\($0),\($1)\n" }.joined())
    let outcome = try scratch.veil("run pipeline.yaml")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    for (file, fit) in [("a.csv", 3), ("b.csv", 6), ("c.csv", 6)] {
      let found = try verify(scratch, file)
      #expect(found.status == 0 && found.text.contains("k-map: \(fit); at least 3 is promised: met\n"), "\(found)")
    }
  }
}
