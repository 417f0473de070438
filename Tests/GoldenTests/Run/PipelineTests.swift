import Foundation
import Testing

/// A pipeline of this repository with its golden output under fixtures/golden.
struct GoldenPipeline: Sendable, CustomTestStringConvertible {
  let name: String
  var testDescription: String { name }

  static let all = Repository.list("fixtures/golden").map { GoldenPipeline(name: $0) }

  var folder: String { "fixtures/golden/\(name)" }

  /// The name, in fixtures/customers, of the input.
  func input() throws -> String {
    try Repository.text("\(folder)/input").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func expected() throws -> String {
    try #require(Repository.list(folder).first { $0.hasPrefix("expected.") })
  }

  /// Whether its records leave in keyed order, which is so with `anonymity`.
  func isKeyed() throws -> Bool { try Repository.text("pipelines/\(name).yaml").contains("\nanonymity:") }

  /// The pipelines and fixtures, with the keys of the tests beside them.
  static func workspace() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.copy(Repository.path("fixtures"), to: "fixtures")
    for file in Repository.list("pipelines") where file.hasSuffix(".yaml") {
      try scratch.write("pipelines/\(file)", Repository.data("pipelines/\(file)"))
    }
    try scratch.write("pipelines/keys/demo.key", "hex:\(TestKey.hex)")
    try scratch.write("pipelines/keys/demo-salt.key", "hex:\(TestKey.saltHex)")
    return scratch
  }

  func run(in scratch: Scratch, output: String) throws -> Outcome {
    try Veil.run(
      [
        "run", "pipelines/\(name).yaml", "--input", "fixtures/customers/\(try input())", "--output", output,
      ], environment: TestKey.environment, directory: scratch.root)
  }
}

@Suite struct PipelineTests {
  @Test(arguments: GoldenPipeline.all)
  func writesItsGoldenOutput(_ pipeline: GoldenPipeline) throws {
    let scratch = try GoldenPipeline.workspace()
    let expected = try pipeline.expected()
    let outcome = try pipeline.run(in: scratch, output: expected)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let (found, wanted) = (try scratch.data(expected), try Repository.data("\(pipeline.folder)/\(expected)"))
    if try pipeline.isKeyed() {
      // Another order in each run.
      #expect(found.split(separator: 0x0A)[0] == wanted.split(separator: 0x0A)[0])
      #expect(found.lines == wanted.lines)
    } else {
      #expect(found == wanted)
    }
  }

  @Test func everyPipelineIsGoldenAndValid() throws {
    let scratch = try GoldenPipeline.workspace()
    let files = Repository.list("pipelines").filter { $0.hasSuffix(".yaml") }
    #expect(files.map { String($0.dropLast(5)) } == GoldenPipeline.all.map(\.name))
    for file in files {
      let outcome = try Veil.run(
        ["check", "pipelines/\(file)"], environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 0, "\(file): \(outcome.stderr)")
    }
  }

  @Test(arguments: ["marketing-export", "events"])
  func agreesWithPython(_ name: String) throws {
    let pipeline = GoldenPipeline(name: name)
    let peer = try Command.run(
      "python3",
      [
        Repository.support("peer.py"), name, Repository.path("fixtures/customers/\(try pipeline.input())"),
        Repository.path("\(pipeline.folder)/\(try pipeline.expected())"), TestKey.hex, TestKey.saltHex,
      ])
    #expect(peer.status == 0, "\(peer.text)\(peer.stderr)")
  }

  /// Tokens of the two exports join: that is what the domains in events.yaml are for.
  @Test func eventsJoinWithCustomers() throws {
    let customers = try Repository.text("fixtures/golden/marketing-export/expected.csv")
    let known = Set(customers.split(separator: "\n").compactMap { $0.split(separator: ",").first }.dropFirst())
    let events = try Repository.text("fixtures/golden/events/expected.ndjson")
    var seen = 0
    for match in events.matches(of: /"id":\s*"([0-9a-f]{64})"/) {
      seen += 1
      #expect(known.contains(match.output.1))
    }
    #expect(seen == 1500)
  }

  /// Counted here from the published file alone, without Veil's help.
  @Test func researchReleaseHasClassesOfFive() throws {
    let lines = try Repository.text("fixtures/golden/research-release/expected.csv").split(separator: "\n")
    let header = try #require(lines.first).split(separator: ",")
    #expect(header == ["postcode", "birth_date", "gender", "education", "diagnosis"])
    var classes: [Substring: Int] = [:]
    for line in lines.dropFirst() {
      let end = try #require(line.lastIndex(of: ","))
      classes[line[..<end], default: 0] += 1
    }
    #expect(classes.values.allSatisfy { $0 >= 5 })
    #expect(classes.count > 1, "everything in one class is no release")
    #expect(lines.count - 1 >= 1900, "at most 5 % may be suppressed")
  }

  /// Standard input cannot be read twice: records wait in an encrypted file.
  @Test func researchReleaseFromStandardInput() throws {
    let scratch = try GoldenPipeline.workspace()
    let outcome = try Veil.run(
      ["run", "pipelines/research-release.yaml", "--input", "-", "--output", "-"],
      stdin: Repository.data("fixtures/customers/customers.csv"), directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try outcome.stdout.lines == Repository.data("fixtures/golden/research-release/expected.csv").lines)
  }

  @Test func generatorWritesTheSameBytesAgain() throws {
    let scratch = try Scratch()
    try scratch.write("customers/.keep", "")
    let outcome = try Command.run(
      "python3", [Repository.path("fixtures/customers/generate.py"), scratch.path("customers")])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    var compared = 0
    for folder in ["customers", "hierarchies"] {
      for file in try scratch.list(folder) where !file.hasPrefix(".") {
        #expect(try scratch.data("\(folder)/\(file)") == Repository.data("fixtures/\(folder)/\(file)"), "\(file)")
        compared += 1
      }
    }
    #expect(compared == 6)
  }
}
