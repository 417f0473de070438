import Foundation
import Testing

/// `--threads` holds for all threads there are, not for the workers alone.
@Suite(
  .enabled(if: ProcessInfo.processInfo.environment["VEIL_SANITIZER"] == nil, "sanitizers have threads of their own"))
struct ThreadTests {
  /// The most threads that were seen during a run from one packed file to another.
  private func mostThreads(_ threads: Int, packedAs suffix: String) throws -> Int {
    let scratch = try Scratch()
    let rows = (0..<120_000).map { "\($0),\($0 &* 2_654_435_761 % 1_000_003)\n" }.joined()
    try scratch.write("in.csv", "a,b\n" + rows)
    #expect(try Command.run("gzip", ["-1", "in.csv"], directory: scratch.root).status == 0)
    let pipeline = TestPipeline(
      source: "{path: in.csv.gz}", sink: "{path: out.csv\(suffix)}", fields: ["a: {pseudonym: {key: test}}", "b: keep"])
    try scratch.write("pipeline.yaml", pipeline.text)
    let command = try Command(
      Veil.path, ["run", "pipeline.yaml", "--threads", String(threads)], environment: TestKey.environment,
      directory: scratch.root)
    var most = 0
    while !scratch.exists("out.csv\(suffix)"), command.threadCount > 0 {
      most = max(most, command.threadCount)
      usleep(500)
    }
    let outcome = try command.finish()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return most
  }

  /// Where the system gives no thread, or only some, the others do all of the work.
  @Test(arguments: ["1+", "1", "2"])
  func withoutThreads(_ when: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "a,b\n" + (0..<4000).map { "\($0),x\n" }.joined())
    try scratch.write("pipeline.yaml", TestPipeline(fields: ["a: {pseudonym: {key: test}}", "b: keep"]).text)
    let outcome = try Command.run(
      "strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=clone3,clone", "-e",
        "inject=clone3,clone:error=EAGAIN:when=\(when)",
        Veil.path, "run", "pipeline.yaml", "--threads", "3",
      ], environment: TestKey.environment.merging(["VEIL_CHUNK_BYTES": "256"]) { $1 }, directory: scratch.root)
    #expect(outcome.status == 0 && outcome.stderr.contains("wrote 4000"), "\(outcome.stderr)")
  }

  @Test func oneIsOne() throws {
    #expect(try mostThreads(1, packedAs: "") == 1)
    #expect(try mostThreads(1, packedAs: ".gz") == 1)
    // zstd's own: without it the packed bytes would be others.
    #expect(try mostThreads(1, packedAs: ".zst") <= 2)
  }

  @Test func moreAreAtMostTheWorkersTheReaderAndAsManyPackers() throws {
    let most = try mostThreads(2, packedAs: ".gz")
    #expect(most > 1 && most <= 2 + 1 + 2)
  }
}
