import Foundation
import Testing

/// One folder `fixtures/stages/<stage>/<case>`: a pipeline, an input, and what must come out.
struct StageCase: Sendable, CustomTestStringConvertible {
  let stage: String
  let name: String

  var testDescription: String { "\(stage)/\(name)" }
  var folder: String { "fixtures/stages/\(stage)/\(name)" }

  static let all = Repository.list("fixtures/stages").flatMap { stage in
    Repository.list("fixtures/stages/\(stage)").map { StageCase(stage: stage, name: $0) }
  }

  /// The file of the folder that is called `stem.something`.
  func file(_ stem: String) -> String? {
    Repository.list(folder).first { $0.hasPrefix("\(stem).") && !$0.hasSuffix(".stderr") }
  }

  /// The exit status that the file `status` asks for; 0 without one.
  func status() throws -> Int32 {
    guard Repository.list(folder).contains("status") else { return 0 }
    return try #require(Int32(Repository.text("\(folder)/status").trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}

@Suite struct StageCaseTests {
  @Test(arguments: StageCase.all)
  func writesWhatIsExpected(_ stageCase: StageCase) throws {
    let scratch = try Scratch()
    let input = try #require(stageCase.file("input"), "a case needs an input file")
    let expected = stageCase.file("expected")
    let output = expected ?? "expected\(input.dropFirst("input".count))"
    let outcome = try Veil.run(
      [
        "run", Repository.path("\(stageCase.folder)/pipeline.yaml"),
        "--input", Repository.path("\(stageCase.folder)/\(input)"), "--output", scratch.path(output),
      ], environment: TestKey.environment)

    #expect(outcome.status == (try stageCase.status()), "\(outcome.stderr)")
    if Repository.list(stageCase.folder).contains("expected.stderr") {
      let lines = try Repository.text("\(stageCase.folder)/expected.stderr").split(separator: "\n")
      #expect(!lines.isEmpty)
      for line in lines { #expect(outcome.stderr.contains(line), "\(outcome.stderr)") }
    }
    if let expected {
      let wanted = try Repository.text("\(stageCase.folder)/\(expected)")
      try #require(scratch.exists(output))
      #expect(try scratch.text(output) == wanted)
    } else {
      #expect(try stageCase.status() != 0, "a case that publishes needs an expected file")
      #expect(!scratch.exists(output), "nothing may be published")
    }
  }

  /// Adding a stage without cases must not pass unseen.
  @Test func everyStageHasCases() throws {
    let outcome = try Veil.run(["stages"])
    #expect(outcome.status == 0)
    let names = outcome.text.split(separator: "\n").compactMap { line in
      line.first?.isLetter == true ? line.split(separator: " ").first.map(String.init) : nil
    }
    #expect(names.contains("pseudonym") && names.contains("keep"))
    for name in names { #expect(StageCase.all.contains { $0.stage == name }, "no case for \(name)") }
  }

  /// What is expected was computed without Veil, and still is.
  @Test func casesAreThoseThatPythonWrites() throws {
    let scratch = try Scratch()
    try scratch.write("stages/make.py", Repository.data("fixtures/stages/make.py"))
    let outcome = try Command.run("python3", [scratch.path("stages/make.py")])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    for stageCase in StageCase.all {
      for file in Repository.list(stageCase.folder) where scratch.exists("stages/\(stageCase.testDescription)") {
        let written = "stages/\(stageCase.testDescription)/\(file)"
        #expect(try scratch.data(written) == Repository.data("\(stageCase.folder)/\(file)"), "\(written)")
      }
    }
  }
}
