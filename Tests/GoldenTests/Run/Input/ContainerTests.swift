import Foundation
import Testing

/// An object or array leaves only by a rule that says so: a rule for a value never lets one pass.
@Suite("JSON objects and arrays under rules for values") struct ContainerTests {
  private static let rules = [
    "keep", "{class: sensitive, stages: [keep], because: \"a test\"}", "{mask: {first: 1}}", "{constant: x}",
    "lowercase",
    "{pseudonym: {key: test}}", "{truncate: {keep: 2}}", "{null: none}",
  ]

  @Test("one stops the run, whatever the rule", arguments: rules, ["error", "keep"])
  func stops(_ rule: String, _ unlisted: String) throws {
    let scratch = try Scratch()
    for (value, output) in [(#"{"canary":"anna@example.org"}"#, "out.ndjson"), (#"["canary"]"#, "out.csv")]
    where output == "out.ndjson" || unlisted == "error" {
      let pipeline = TestPipeline(
        source: "{path: in.ndjson}", sink: "{path: \(output)}", fields: ["id: keep", "v: \(rule)"], unlisted: unlisted,
        more: ["bad_records: {action: skip}"])
      let text = "{\"id\":1,\"v\":\"a\"}\n{\"id\":2,\"v\":\(value)}\n"
      let outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
      #expect(outcome.status == 4, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("the field 'v' is an object or array, and its rule is for a single value"))
      #expect(outcome.stderr.contains("record 2,"))
      #expect(!outcome.stderr.contains("canary"))
      #expect(!FileManager.default.fileExists(atPath: scratch.path(output)))
      let check = try Veil.run(
        ["check", "pipeline.yaml", "--input", "in.ndjson"], environment: TestKey.environment, directory: scratch.root)
      #expect(check.status == 4, "\(check.stderr)")
    }
  }

  @Test("an empty one holds nothing that could leave: it is kept, or is no value to a stage")
  func empty() throws {
    let scratch = try Scratch()
    let rules = ["id: keep", "v: keep", "w: {mask: {first: 1}}"]
    let text = "{\"id\":1,\"v\":{},\"w\":[ ]}\n{\"id\":2,\"v\":[],\"w\":\"ab\"}\n"
    for (output, wanted) in [
      ("out.ndjson", "{\"id\":1,\"v\":{},\"w\":null}\n{\"id\":2,\"v\":[],\"w\":\"a*\"}\n"),
      ("out.csv", "id,v,w\n1,,\n2,,a*\n"),
    ] {
      let pipeline = TestPipeline(
        source: "{path: in.ndjson}", sink: "{path: \(output)}", fields: rules, unlisted: "error")
      let outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text(output) == wanted)
    }
  }

  @Test("an empty one is no value either where other rules are for what is in it")
  func emptyOfAnotherShape() throws {
    let scratch = try Scratch()
    let text = #"{"t":"x"}"# + "\n" + #"{"t":{}}"# + "\n" + #"{"t":["abc",null]}"# + "\n" + #"{"t":null}"# + "\n"
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}",
      fields: ["t: {mask: {first: 1}}", "\"t[]\": {mask: {first: 1}}"], unlisted: "error")
    let outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(
      try scratch.text("out.ndjson")
        == #"{"t":"*"}"# + "\n" + #"{"t":null}"# + "\n" + #"{"t":["a**",null]}"# + "\n" + #"{"t":null}"# + "\n")
    let other = try scratch.run(pipeline, on: text + #"{"t":{"a":"canary"}}"# + "\n", named: "in.ndjson")
    #expect(other.status == 4 && !other.stderr.contains("canary"), "\(other.stderr)")
  }

  @Test("where unlisted fields are dropped it does not leave, and is there for nobody who looks")
  func drops() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}",
      fields: ["id: keep", "v: keep", "w: {mask: {first: 1}}"],
      unlisted: "drop")
    let text = "{\"id\":1,\"v\":{\"canary\":1},\"w\":[\"canary\"]}\n{\"id\":2,\"v\":3}\n"
    var outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.ndjson") == "{\"id\":1}\n{\"id\":2,\"v\":3}\n")

    // A filter that finds an object finds nothing it could judge.
    pipeline.more = ["records: {where: {field: v, not_in: [9]}}"]
    outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.ndjson") == "{\"id\":2,\"v\":3}\n")
  }

  @Test("what a rule for a value has around it does not leave by another rule inside")
  func partsBesideRules() throws {
    let scratch = try Scratch()
    for unlisted in ["error", "keep"] {
      let pipeline = TestPipeline(
        source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: ["a: keep", "a.b: keep"], unlisted: unlisted)
      let outcome = try scratch.run(pipeline, on: #"{"a":{"b":1,"c":"canary"}}"# + "\n", named: "in.ndjson")
      #expect(outcome.status == 4, "\(outcome.stderr)")
    }
  }

  @Test("all of one leaves with a reason")
  func wholes() throws {
    let scratch = try Scratch()
    let text = #"{"id":1,"v":{ "a":[1.0,{}] }}"# + "\n" + #"{"id":2,"v":["x"]}"# + "\n" + #"{"id":3,"v":null}"# + "\n"
    var pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}",
      fields: ["id: keep", "v: {keep: {whole: true, because: \"the form belongs together\"}}"], unlisted: "error")
    #expect(try scratch.run(pipeline, on: text, named: "in.ndjson").status == 0)
    #expect(try scratch.text("out.ndjson") == text)

    for (rule, message) in [
      ("{keep: {whole: true}}", "needs a reason"), ("{keep: {because: \"x\"}}", "goes with 'whole: true'"),
      ("{keep: {whole: true, because: \"\"}}", "because"),
    ] {
      pipeline.fields = ["id: keep", "v: \(rule)"]
      let outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
      #expect(outcome.status == 2)
      #expect(outcome.stderr.contains(message), "\(outcome.stderr)")
    }
  }

  @Test("a sink's own rule is held against the data too")
  func severalSinks() throws {
    let scratch = try Scratch()
    try scratch.write(
      "pipeline.yaml",
      """
      version: 1
      name: test
      source: {path: in.ndjson}
      fields:
        id: keep
        v: drop
      unlisted: drop
      order: input
      sinks:
        - {path: a.ndjson, recipient: a}
        - {path: b.ndjson, recipient: b, fields: {v: keep}}

      """)
    try scratch.write("in.ndjson", "{\"id\":1,\"v\":\"x\"}\n{\"id\":1,\"v\":{\"x\":1}}\n")
    var outcome = try Veil.run(["run", "pipeline.yaml"], directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("b.ndjson") == "{\"id\":1,\"v\":\"x\"}\n{\"id\":1}\n")
    try scratch.write(
      "pipeline.yaml",
      try scratch.text("pipeline.yaml").replacingOccurrences(of: "unlisted: drop", with: "unlisted: error"))
    outcome = try Veil.run(["run", "pipeline.yaml"], directory: scratch.root)
    #expect(outcome.status == 4, "\(outcome.stderr)")
  }

  // MARK: Policies

  private func policed(_ fields: [String], _ text: String, unlisted: String = "drop") throws -> Outcome {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", "version: 1\nforbidden: [iban, device.serial]\n")
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: fields, unlisted: unlisted)
    let outcome = try scratch.run(pipeline, on: text, named: "in.ndjson")
    if outcome.status != 0 { #expect(!FileManager.default.fileExists(atPath: scratch.path("out.ndjson"))) }
    return outcome
  }

  @Test(
    "a policy forbids a name wherever it stands in a path",
    arguments: [
      "customer.iban", "accounts[].iban", "a.IBAN.country", "iban[]", "x.device.serial", "\"'customer.iban'\"",
    ])
  func forbiddenPaths(_ path: String) throws {
    let text = #"{"id":1}"# + "\n"
    let outcome = try policed(["id: keep", "\(path): lowercase"], text)
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("forbids that"))
    #expect(try policed(["id: keep", "\(path): drop", "serial: {stages: [keep], optional: true}"], text).status != 2)
  }

  private static let whole = "{keep: {whole: true, because: \"a test\"}}"

  @Test(
    "a policy forbids a name inside of what leaves whole",
    arguments: [
      #"{"iban":"canary"}"#, #"[{"a":{"\u0049ban":"canary"}}]"#, #"{"device":[{"serial":"canary"}]}"#,
      #"{"a":"{","b\"":{"IBAN":1}}"#,
    ])
  func forbiddenInside(_ value: String) throws {
    for (fields, unlisted) in [
      (["id: keep", "v: \(Self.whole)"], "error"), (["id: keep", "iban: drop", "device.serial: drop"], "keep"),
    ] {
      let text = #"{"id":1,"iban":1,"device":{"serial":2},"v":{"b":1}}"# + "\n"
      let clean = unlisted == "error" ? #"{"id":1,"v":{"b":"iban"}}"# + "\n" : text
      #expect(try policed(fields, clean, unlisted: unlisted).status == 0)
      let outcome = try policed(fields, clean + "{\"id\":2,\"v\":\(value)}\n", unlisted: unlisted)
      #expect(outcome.status == 4, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("a policy forbids a name"))
      #expect(!outcome.stderr.contains("canary"))
    }
  }

  @Test("a policy forbids a name that an unlisted member has")
  func forbiddenUnlisted() throws {
    let fields = ["id: keep", "iban: drop", "device.serial: drop", "a.b: keep"]
    let clean = #"{"id":1,"iban":1,"device":{"serial":2},"a":{"b":1}}"# + "\n"
    #expect(try policed(fields, clean, unlisted: "keep").status == 0)
    let outcome = try policed(fields, clean + #"{"a":{"b":1,"iban":"canary"}}"# + "\n", unlisted: "keep")
    #expect(outcome.status == 4, "\(outcome.stderr)")
  }
}
