import Foundation
import Testing

@Suite struct CommandTests {
  private static let commands = [
    "run", "check", "explain", "record", "verify", "init", "profile", "risk", "stages", "key",
  ]

  @Test(arguments: commands)
  func helpShowsAnExample(_ command: String) throws {
    let outcome = try Veil.run([command, "--help"])
    #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome.stderr)")
    #expect(outcome.text.contains("veil \(command)"))
    #expect(outcome.text.lowercased().contains("example"), "\(outcome.text)")
  }

  @Test func helpNamesEveryCommand() throws {
    let outcome = try Veil.run(["--help"])
    #expect(outcome.status == 0)
    for command in Self.commands { #expect(outcome.text.contains(command)) }
  }

  @Test func version() throws {
    let outcome = try Veil.run(["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.text.contains(/^(veil )?\d+\.\d+\.\d+/))
  }

  @Test func stagesAreListedAndExplained() throws {
    let list = try Veil.run(["stages"])
    #expect(list.status == 0)
    let documented = [
      "keep", "drop", "constant", "trim", "lowercase", "uppercase", "nfc", "digits", "mask", "hash", "pseudonym",
      "truncate", "bucket", "round", "clamp", "map", "null",
    ]
    for name in documented {
      #expect(list.text.contains(name))
      let one = try Veil.run(["stages", name])
      #expect(one.status == 0 && one.text.contains(name) && one.text.count > 60, "\(name): \(one.stderr)")
    }
    let unknown = try Veil.run(["stages", "psuedonym"])
    #expect(unknown.status == 2 && unknown.stderr.contains("pseudonym"), "\(unknown.stderr)")
  }

  // MARK: check

  /// Where the mistakes of fixtures/mistakes/ten.yaml were planted.
  private static let planted = [
    "5:11", "6:14", "10:17", "11:35", "12:29", "13:25", "14:28", "15:9", "16:11", "17:1",
  ]

  @Test func checkReportsAllMistakesAtTheirPlaces() throws {
    let outcome = try Veil.run(["check", "ten.yaml"], directory: Repository.path("fixtures/mistakes"))
    #expect(outcome.status == 2)
    let places = outcome.stderr.matches(of: #/(?m)^ten\.yaml:(\d+:\d+): error: /#).map { String($0.output.1) }
    #expect(places == Self.planted, "\(outcome.stderr)")
    #expect(outcome.stderr == (try Repository.text("fixtures/mistakes/ten.expected")))
  }

  @Test func checkComparesWithAnInput() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(fields: ["name: keep"], unlisted: "error").text)
    try scratch.write("fits.csv", "name\nAda\n")
    try scratch.write("more.csv", "name,canary\nAda,1\n")
    func check(_ arguments: [String]) throws -> Outcome {
      try Veil.run(["check", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
    }
    #expect(try check([]).status == 0)
    #expect(try check(["--input", "fits.csv"]).status == 0)
    let misfit = try check(["--input", "more.csv"])
    #expect(misfit.status == 4 && misfit.stderr.contains("canary"), "\(misfit.stderr)")
    #expect(!misfit.stderr.contains("Ada"))
  }

  @Test func checkWarnsOfWeakChoices() throws {
    let scratch = try Scratch()
    func check(_ rule: String) throws -> Outcome {
      try scratch.write("pipeline.yaml", TestPipeline(fields: [rule], unlisted: "error").text)
      return try Veil.run(["check", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    }
    let unkeyed = try check("name: {hash: {unkeyed: true}}")
    #expect(unkeyed.status == 0 && (unkeyed.stderr + unkeyed.text).contains("warning"), "\(unkeyed.stderr)")
    #expect(try check("name: hash").status == 2, "a hash needs a salt, or unkeyed: true")
    #expect(try check("name: {pseudonym: {key: test, length: 40}}").status == 2)
    #expect(try check("name: {pseudonym: {key: test, length: 40, allow_short: true}}").status == 0)
    try scratch.write("pipeline.yaml", TestPipeline().text)
    let keep = try Veil.run(["check", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(keep.status == 0 && (keep.stderr + keep.text).contains("warning"), "unlisted: keep deserves a warning")
  }

  // MARK: key

  @Test func keyNewMakesAKeyForTheOwnerAndNeverOverwrites() throws {
    let scratch = try Scratch()
    let made = try Veil.run(["key", "new", "a.key"], directory: scratch.root)
    #expect(made.status == 0, "\(made.stderr)")
    #expect(try scratch.mode("a.key") == 0o600)
    let bytes = try scratch.data("a.key")
    #expect(bytes.count >= 32)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(!(made.text + made.stderr).contains(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    let again = try Veil.run(["key", "new", "a.key"], directory: scratch.root)
    #expect(again.status != 0, "an existing key must not be overwritten")
    #expect(try scratch.data("a.key") == bytes)
    #expect(try Veil.run(["key", "new", "b.key"], directory: scratch.root).status == 0)
    #expect(try scratch.data("b.key") != bytes)
    #expect(try scratch.list() == ["a.key", "b.key"])

    let shown = try Veil.run(["key", "inspect", "a.key"], directory: scratch.root)
    #expect(shown.status == 0, "\(shown.stderr)")
    #expect(!shown.text.contains(text.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst(4)))
  }

  // MARK: verify

  @Test func verifyMeasuresKFromTheOutputAlone() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: [
        "city: {class: quasi}", "age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}", "ill: keep",
      ],
      unlisted: "error", more: ["anonymity: {k: 3, recoding: global, suppress: 0%}"])
    let rows = (0..<12).map { "\($0 % 2 == 0 ? "Rome" : "Oslo"),\(20 + $0),x\($0)\n" }.joined()
    let run = try scratch.run(pipeline, on: "city,age,ill\n" + rows)
    #expect(run.status == 0, "\(run.stderr)")
    func verify(_ file: String) throws -> Outcome {
      try Veil.run(
        ["verify", file, "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    }
    let good = try verify("out.csv")
    #expect(good.status == 0, "\(good.stderr)\(good.text)")
    #expect(good.text.contains("k"))
    // One record less, and a class is too small; Veil must see that without the input.
    try scratch.write("raw.csv", "city,age,ill\n" + rows)
    let raw = try verify("raw.csv")
    #expect(raw.status == 1, "\(raw.stderr)\(raw.text)")
    #expect(!(raw.stderr + raw.text).contains("Oslo"))
  }
}
