import Foundation
import Testing

/// An export appears whole, private to its owner, or not at all.
@Suite struct PublishingTests {
  private let people = "name,city\nAda,Paris\nBob,Rome\n"

  @Test func outputsAreForTheOwnerOnly() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(
      TestPipeline(), on: Data(people.utf8), arguments: ["--manifest", "manifest.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.mode("out.csv") == 0o600)
    #expect(try scratch.mode("manifest.json") == 0o600)
    #expect(try scratch.list() == ["in.csv", "manifest.json", "out.csv", "pipeline.yaml"])
  }

  @Test func aPreviousExportIsReplacedAndKeptWhenARunFails() throws {
    let scratch = try Scratch()
    #expect(try scratch.run(TestPipeline(), on: people).status == 0)
    #expect(try scratch.run(TestPipeline(), on: people + "Cid,Oslo\n").status == 0)
    #expect(try scratch.text("out.csv") == people + "Cid,Oslo\n")
    #expect(try scratch.run(TestPipeline(), on: people + "\"Cid").status == 3)
    #expect(try scratch.text("out.csv") == people + "Cid,Oslo\n")
    #expect(try scratch.list() == ["in.csv", "out.csv", "pipeline.yaml"])
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func anInterruptedRunPublishesNothing(_ signal: Int32) throws {
    let scratch = try Scratch()
    try scratch.write("out.csv", "previous\n")
    let outcome = try interrupt(scratch, signal)
    #expect(outcome.status == 128 + signal, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "previous\n")
    #expect(try scratch.list() == ["in.fifo", "out.csv", "pipeline.yaml"])
  }

  @Test func aKilledRunLeavesNothingToRead() throws {
    let scratch = try Scratch()
    try scratch.write("out.csv", "previous\n")
    _ = try interrupt(scratch, SIGKILL)
    #expect(try scratch.text("out.csv") == "previous\n")
    for name in try scratch.list() where !["in.fifo", "out.csv", "pipeline.yaml"].contains(name) {
      #expect(try scratch.mode(name) == 0o600, "\(name)")
    }
    // And it does not stand in the next run's way.
    #expect(try scratch.run(TestPipeline(), on: people).status == 0)
    #expect(try scratch.text("out.csv") == people)
  }

  /// Runs until the input has been opened and partly read, then sends the signal.
  private func interrupt(_ scratch: Scratch, _ signal: Int32) throws -> Outcome {
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.fifo, format: csv}").text)
    try #require(mkfifo(scratch.path("in.fifo"), 0o600) == 0)
    let run = try Command(
      Veil.path, ["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    var descriptor: Int32 = -1
    for _ in 0..<5000 where descriptor < 0 {
      // Opening without a reader fails, so this waits for Veil to open the other end.
      descriptor = open(scratch.path("in.fifo"), O_WRONLY | O_NONBLOCK)
      if descriptor < 0 { usleep(1000) }
    }
    try #require(descriptor >= 0, "the input was never opened")
    defer { close(descriptor) }
    let bytes = Array(people.utf8)
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    usleep(50_000)
    run.send(signal)
    return try run.finish()
  }

  @Test func standardInputAndOutput() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(source: "{path: \"-\", format: csv}", sink: "{path: \"-\", format: csv}")
    try scratch.write("pipeline.yaml", pipeline.text)
    try scratch.write("in.csv", people)
    let through = try Veil.run(
      ["run", "pipeline.yaml"], stdin: Data(people.utf8), environment: TestKey.environment, directory: scratch.root)
    #expect(through.status == 0, "\(through.stderr)")
    #expect(through.text == people)
    let given = try Veil.run(
      ["run", "pipeline.yaml", "--input", "in.csv", "--output", "out.csv"], environment: TestKey.environment,
      directory: scratch.root)
    #expect(given.status == 0 && given.stdout.isEmpty, "\(given.stderr)")
    #expect(try scratch.text("out.csv") == people)
    let failed = try Veil.run(
      ["run", "pipeline.yaml"], stdin: Data("name,city\nAda\n".utf8), environment: TestKey.environment,
      directory: scratch.root)
    #expect(failed.status == 3)
    #expect(failed.stderr.contains("record"))
  }

  @Test func aManifestSaysWhatWasDone() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["name: {pseudonym: {key: test}}"], more: ["bad_records: {action: skip, limit: 1}"])
    let input = people + "canary\n"
    let outcome = try scratch.run(pipeline, on: Data(input.utf8), arguments: ["--manifest", "manifest.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let text = try scratch.text("manifest.json")
    #expect(try JSONSerialization.jsonObject(with: scratch.data("manifest.json")) is [String: Any])
    for file in ["in.csv", "out.csv", "pipeline.yaml"] {
      let sum = try Command.run("sha256sum", [scratch.path(file)])
      #expect(text.contains(sum.text.prefix(64)), "the digest of \(file) is missing")
    }
    for secret in ["canary", "Ada", "Paris", TestKey.hex] { #expect(!text.contains(secret)) }
  }
}
