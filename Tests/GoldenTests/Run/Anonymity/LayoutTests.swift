import Foundation
import Testing

/// Under `anonymity` nothing of a record's own layout leaves: records of the same values are the same bytes.
@Suite("Layout of records under anonymity") struct AnonymousLayoutTests {
  private static let rules = [
    "age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}", "name: drop", "n: keep", "text: keep",
    "place.city: keep", "list[]: keep",
  ]

  private func pipeline(_ input: String, _ output: String, anonymous: Bool = true) -> TestPipeline {
    var rules = Self.rules
    if !anonymous { rules[0] = "age: keep" }
    return TestPipeline(
      source: "{path: \(input)}", sink: "{path: \(output)}", fields: rules, unlisted: "drop",
      more: anonymous ? ["anonymity: {k: 2}"] : [])
  }

  /// Ways to write one record.
  private static let spellings = [
    #"{"age":41,"name":"x","n":1.5,"text":"a/é\n","place":{"city":null},"list":[1,20]}"#,
    #"{ "age" : 41 , "n" : 1.50, "text" : "a\/\u00e9\u000a" , "list":[1.0, 2e1], "place":{"city":null},"name":null}"#,
    #"{"list":[10e-1,20.00],"text":"a/é\n","n":15e-1,"place":{},"age":41}"#,
    "{\t\"n\":0.15E+1,\"age\":41,\"text\":\"\\u0061/é\\n\",\"list\":[1,2.0E1],\"place\":null}  \r",
    #"{"\u006e":1.5,"age":41,"text":"a/é\n","l\u0069st":[1,20],"extra":{"b":1,"a":[]}}"#,
  ]

  @Test("JSON records of the same values leave as the same bytes", arguments: ["out.ndjson", "out.json", "out.csv"])
  func spellingsOfOneRecord(_ output: String) throws {
    let scratch = try Scratch()
    var rules = Self.rules
    if output == "out.csv" { rules.removeLast() }
    let mark = "\u{FEFF}"
    for (name, text) in [
      ("in.ndjson", mark + "\n\r\n" + Self.spellings.joined(separator: "\n\n") + "\n\n"),
      ("in.json", "\r\n[\n" + Self.spellings.joined(separator: " ,\r\n ") + "\r\n]\n\n"),
    ] {
      var pipeline = pipeline(name, output)
      pipeline.fields = rules
      let outcome = try scratch.run(pipeline, on: text, named: name)
      try #require(outcome.status == 0, "\(outcome.stderr)")
      let written = try scratch.text(output)
      let record = #"{"age":"41","n":1.5,"text":"a/é\n","place":{"city":null},"list":[1,20]}"#
      switch output {
      case "out.ndjson": #expect(written == String(repeating: record + "\n", count: 5))
      case "out.json":
        #expect(written == "[\n" + Array(repeating: record, count: 5).joined(separator: ",\n") + "\n]\n")
      default:
        #expect(
          written == "age,n,text,place.city\n"
            + String(repeating: "41,1.5,\"a/é\n\",\n", count: 5))
      }
    }
  }

  @Test("cells of a CSV file have the writer's quotes", arguments: ["out.csv", "out.ndjson"])
  func quotesOfCells(_ output: String) throws {
    let scratch = try Scratch()
    let records = [
      "41,x,1.50,a b,c", "\"41\",\"x\",\"1.50\",\"a b\",\"c\"", "41,\"y\",1.50,\"a b\",c", "\"41\",,1.50,a b,\"c\"",
    ]
    var outputs: Set<String> = []
    for (mark, ending) in [("", "\n"), ("\u{FEFF}", "\r\n")] {
      let pipeline = TestPipeline(
        source: "{path: in.csv}", sink: "{path: \(output)}",
        fields: [
          "age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}", "name: drop", "n: keep", "t: keep",
        ],
        more: ["anonymity: {k: 2}"])
      let text = mark + (["age,name,n,t,\"u\""] + records).joined(separator: ending) + ending
      let outcome = try scratch.run(pipeline, on: text)
      try #require(outcome.status == 0, "\(outcome.stderr)")
      outputs.insert(try scratch.text(output))
    }
    let record =
      output == "out.csv" ? "41,1.50,a b,c\n" : #"{"age":"41","n":"1.50","t":"a b","u":"c"}"# + "\n"
    #expect(outputs == [(output == "out.csv" ? "age,n,t,u\n" : "") + String(repeating: record, count: 4)])
  }

  @Test("members that no rule names are sorted, and those that hold nothing are left out")
  func unlistedMembers() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: ["age: {class: quasi}"],
      more: ["anonymity: {k: 2}"])
    let text = """
      {"age":"4","b":{"y":[{"q":null},null,[]],"x":1},"a":0.0,"z":null}
      {"a":-0,"b":{"w":{"v":null},"x":1.0,"y":[{},null,[]]},"age":"4","c":[]}

      """
    var outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let record = #"{"age":"4","a":0,"b":{"x":1,"y":[{},null,[]]}}"# + "\n"
    #expect(try scratch.text("out.ndjson") == record + record)

    // A name that is there twice has no one form: which of the two counts is the reader's choice.
    outcome = try scratch.run(pipeline, on: text + #"{"age":"4","b":1,"b":2}"# + "\n", named: "in.ndjson")
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("names a member twice"))
    pipeline.more.append("bad_records: {action: skip, limit: 1}")
    outcome = try scratch.run(pipeline, on: text + #"{"age":"4","b":1,"b":2}"# + "\n", named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.ndjson") == record + record)
  }

  @Test("no digit of a number is lost, and numbers stay numbers")
  func numbers() throws {
    let scratch = try Scratch()
    let pairs = [
      ("123456789012345678901234567890.0", "123456789012345678901234567890"),
      ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
      ("-1.20e-3", "-0.0012"), ("1E2", "100"), ("true", "true"), ("0e9", "0"), ("12300e-2", "123"),
    ]
    for (given, wanted) in pairs {
      let pipeline = TestPipeline(
        source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: ["q: {class: quasi}", "n: keep"],
        more: ["anonymity: {k: 1}"].map { $0.replacingOccurrences(of: "1", with: "2") })
      let line = "{\"q\":\"a\",\"n\":\(given)}\n"
      let outcome = try scratch.run(pipeline, on: line + line, named: "in.ndjson")
      try #require(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.ndjson").hasPrefix("{\"q\":\"a\",\"n\":\(wanted)}\n"))
    }
    let line = "{\"q\":\"a\",\"n\":1e12345678901}\n"
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: ["q: {class: quasi}", "n: keep"],
      more: ["anonymity: {k: 2}"])
    let outcome = try scratch.run(pipeline, on: line + line, named: "in.ndjson")
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("more than nine digits"))
    #expect(!outcome.stderr.contains("12345678901"))
  }

  @Test("numbers that leave alike count as one value of a model", arguments: ["out.ndjson", "out.csv"])
  func sensitiveNumbers(_ output: String) throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: \(output)}",
      fields: ["q: {class: quasi}", "n: {class: sensitive, stages: [keep]}"], unlisted: "drop",
      more: ["anonymity: {k: 2, l: {n: 2}, suppress: 0%}"])
    let outcome = try scratch.run(
      pipeline, on: "{\"q\":\"a\",\"n\":1.0}\n{\"q\":\"a\",\"n\":1.00}\n", named: "in.ndjson")
    #expect(outcome.status == 1, "\(outcome.stderr)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path(output)))
  }

  @Test("without anonymity a kept record leaves byte for byte")
  func plainRuns() throws {
    let scratch = try Scratch()
    let text = #"{ "n" : 1.50, "b":{"y":1e0,"x":"\u0061"},"a":null }"# + "\n"
    let pipeline = TestPipeline(source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: ["n: keep"])
    #expect(try scratch.run(pipeline, on: text, named: "in.ndjson").status == 0)
    #expect(try scratch.text("out.ndjson") == text)
    let csv = "a,b\n\"1\",2\n"
    #expect(try scratch.run(TestPipeline(fields: ["a: keep"]), on: csv).status == 0)
    #expect(try scratch.text("out.csv") == csv)
  }
}
