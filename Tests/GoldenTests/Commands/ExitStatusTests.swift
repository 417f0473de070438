import Foundation
import Testing

/// Each exit status of the contract, with the smallest case that leads to it.
@Suite struct ExitStatusTests {
  private let people = "name,city\nAda,Paris\nBob,Rome\n"

  @Test func zeroWhenPublished() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(fields: ["name: drop"]), on: people)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty, "standard output carries data only")
    #expect(try scratch.text("out.csv") == "city\nParis\nRome\n")
  }

  @Test func oneWhenThePrivacyModelIsUnmet() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["city: {class: quasi}"], more: ["anonymity: {k: 3, suppress: 0%, recoding: global}"])
    let outcome = try scratch.run(pipeline, on: people)
    #expect(outcome.status == 1, "\(outcome.stderr)")
    #expect(try scratch.list() == ["in.csv", "pipeline.yaml"])
    #expect(!outcome.stderr.contains("Paris"))
  }

  @Test func oneWhenTooManyRecordsAreBad() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(more: ["bad_records: {action: skip, limit: 1}"])
    let outcome = try scratch.run(pipeline, on: people + "a\nb\n")
    #expect(outcome.status == 1, "\(outcome.stderr)")
    #expect(!scratch.exists("out.csv"))
  }

  @Test(arguments: [
    ["run"], ["run", "pipeline.yaml", "--no-such-option"], ["no-such-command"], ["run", "missing.yaml"],
    ["check", "missing.yaml"], ["run", "pipeline.yaml", "--threads", "0"], ["run", "pipeline.yaml", "--threads", "x"],
  ])
  func twoWhenTheCommandLineIsInvalid(_ arguments: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline().text)
    try scratch.write("in.csv", people)
    let outcome = try Veil.run(arguments, environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty)
    #expect(!outcome.stderr.isEmpty)
    #expect(!scratch.exists("out.csv"))
  }

  @Test(arguments: ["fields: {name: nonsense}", "version: 2", "- a list", "version: 1\nname: [", "\u{0}"])
  func twoWhenThePipelineIsInvalid(_ text: String) throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", text)
    for command in ["run", "check"] {
      let outcome = try Veil.run([command, "pipeline.yaml"], directory: scratch.root)
      #expect(outcome.status == 2, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("pipeline.yaml"))
      #expect(outcome.stdout.isEmpty)
    }
  }

  @Test func twoWhenAKeyIsRefused() throws {
    let scratch = try Scratch()
    try scratch.write("short.key", "hex:0011", mode: 0o600)
    try scratch.write("open.key", "hex:\(TestKey.hex)", mode: 0o644)
    try scratch.write("good.key", "hex:\(TestKey.hex)", mode: 0o600)
    symlink("good.key", scratch.path("link.key"))
    try scratch.write("in.csv", people)
    func run(_ key: String) throws -> Outcome {
      let text = TestPipeline(fields: ["name: {pseudonym: {key: test}}"]).text
        .replacing("{env: VEIL_TEST_KEY}", with: key)
      try scratch.write("pipeline.yaml", text)
      return try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    }
    for bad in ["{file: short.key}", "{file: open.key}", "{file: link.key}", "{file: no.key}", "{env: VEIL_NO_KEY}"] {
      let outcome = try run(bad)
      #expect(outcome.status == 2 || outcome.status == 3, "\(bad): \(outcome.stderr)")
      #expect(!outcome.stderr.contains("0011") && !outcome.stderr.contains(TestKey.hex))
      #expect(!scratch.exists("out.csv"), "\(bad)")
    }
    #expect(try run("{file: good.key}").status == 0)
    let byFile = try scratch.text("out.csv")
    #expect(try run("{command: [cat, \(scratch.path("good.key"))]}").status == 0)
    #expect(try scratch.text("out.csv") == byFile)
  }

  @Test func threeWhenTheInputCannotBeRead() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline().text)
    let missing = try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(missing.status == 3, "\(missing.stderr)")
    #expect(missing.stderr.contains("in.csv"))
    let folder = try Veil.run(
      ["run", "pipeline.yaml", "--input", "."], environment: TestKey.environment, directory: scratch.root)
    #expect(folder.status == 3, "\(folder.stderr)")
    #expect(try scratch.list() == ["pipeline.yaml"])
  }

  @Test func threeWhenTheOutputCannotBeWritten() throws {
    let scratch = try Scratch()
    try scratch.write("file", "not a folder")
    let outcome = try scratch.run(TestPipeline(sink: "{path: file/out.csv}"), on: people)
    #expect(outcome.status == 3, "\(outcome.stderr)")
    let full = try scratch.run(TestPipeline(sink: "{path: /dev/full, format: csv}"), on: people)
    #expect(full.status == 3, "\(full.stderr)")
  }

  @Test func fourWhenTheFieldsDoNotMatch() throws {
    let scratch = try Scratch()
    let unexpected = try scratch.run(TestPipeline(fields: ["name: keep"], unlisted: "error"), on: people)
    #expect(unexpected.status == 4, "\(unexpected.stderr)")
    #expect(unexpected.stderr.contains("city"))
    let missing = try scratch.run(TestPipeline(fields: ["email: drop"]), on: people)
    #expect(missing.status == 4, "\(missing.stderr)")
    #expect(missing.stderr.contains("email"))
    let twice = try scratch.run(TestPipeline(fields: ["name: drop"]), on: "name,name\nAda,Bob\n")
    #expect(twice.status == 4 || twice.status == 3, "\(twice.stderr)")
    #expect(!twice.stderr.contains("Ada"))
    #expect(try scratch.list() == ["in.csv", "pipeline.yaml"])
  }

  @Test func fourWhenAnObjectHasAFieldNoRuleNames() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline.ndjson(fields: ["name: drop", "address.city: keep"])
    pipeline.unlisted = "error"
    let lines = #"{"name":"Ada","address":{"city":"Paris"}}"# + "\n"
    for extra in [#"{"name":"Ada","secret":"canary"}"#, #"{"name":"Ada","address":{"city":"Rome","code":"canary"}}"#] {
      let outcome = try scratch.run(pipeline, on: lines + extra + "\n", named: "in.ndjson")
      #expect(outcome.status == 4, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("in.ndjson") && !outcome.stderr.contains("canary"), "\(outcome.stderr)")
      #expect(try scratch.list() == ["in.ndjson", "pipeline.yaml"])
    }
  }
}
