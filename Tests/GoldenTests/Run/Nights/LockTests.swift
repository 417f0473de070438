import Foundation
import Testing

/// Two runs never work for the same output at once.
@Suite struct LockTests {
  /// A run that has opened its input and waits for more of it, until `let it go` closes the pipe.
  private final class Held {
    let scratch: Scratch
    private let run: Command
    private var pipe: Int32 = -1

    init(_ scratch: Scratch, arguments: [String] = []) throws {
      self.scratch = scratch
      try scratch.write("slow.yaml", TestPipeline(source: "{path: in.fifo, format: csv}").text)
      try #require(mkfifo(scratch.path("in.fifo"), 0o600) == 0)
      run = try Command(
        Veil.path, ["run", "slow.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
      for _ in 0..<5000 where pipe < 0 {
        pipe = open(scratch.path("in.fifo"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        if pipe < 0 { usleep(1000) }
      }
      try #require(pipe >= 0, "the input was never opened")
    }

    func release() throws -> Outcome {
      let bytes = Array("name\nslow\n".utf8)
      #expect(write(pipe, bytes, bytes.count) == bytes.count)
      close(pipe)
      return try run.finish()
    }

    func kill() throws {
      run.send(SIGKILL)
      _ = try run.finish()
      close(pipe)
    }
  }

  private func second(_ scratch: Scratch, _ arguments: [String] = []) throws -> Outcome {
    try scratch.write("pipeline.yaml", TestPipeline().text)
    try scratch.write("in.csv", "name\nsecond\n")
    return try Veil.run(
      ["run", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
  }

  @Test func theSecondRunEndsAtOnceAndSaysWhoIsThere() throws {
    let held = try Held(Scratch())
    let refused = try second(held.scratch, ["--report", "report.json", "--metrics", "veil.prom"])
    #expect(refused.status == 5, "\(refused.stderr)")
    let host = try Command.run("uname", ["-n"]).text.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(refused.stderr.contains(/process \d+ on \S+, since \d{4}-\d\d-\d\dT/), "\(refused.stderr)")
    #expect(refused.stderr.contains(host) && refused.stderr.contains("out.csv"))
    #expect(!held.scratch.exists("report.json") && !held.scratch.exists("veil.prom"))
    #expect(try held.release().status == 0)
    #expect(try held.scratch.text("out.csv") == "name\nslow\n")
    #expect(try second(held.scratch).status == 0)
    #expect(try held.scratch.list().filter { $0.contains("veil-lock") }.isEmpty)
  }

  /// A path with a placeholder and the same file by its name, and what is written beside the export.
  @Test func filesThatMeetMeetTheSameLock() throws {
    let held = try Held(
      Scratch(), arguments: ["--output", "{date}.csv", "--as-of", "2024-02-29", "--manifest", "m.json"])
    for arguments in [["--output", "2024-02-29.csv"], ["--output", "other.csv", "--manifest", "m.json"]] {
      let refused = try second(held.scratch, arguments)
      #expect(refused.status == 5, "\(arguments): \(refused.stderr)")
    }
    #expect(try held.release().status == 0)
    #expect(try held.scratch.text("2024-02-29.csv") == "name\nslow\n")
  }

  /// However the path is spelled, through whatever links, it is the same output.
  @Test func pathsThatMeetMeetTheSameLock() throws {
    let scratch = try Scratch()
    try scratch.write("folder/keep", "")
    symlink("folder", scratch.path("link"))
    symlink(scratch.path("folder"), scratch.path("absolute"))
    let held = try Held(scratch, arguments: ["--output", "folder/out.csv"])
    for path in [
      "folder/out.csv", "./folder//out.csv", "link/out.csv", "folder/../link/./out.csv", "absolute/out.csv",
      scratch.path("folder/out.csv"),
    ] {
      #expect(try second(scratch, ["--output", path]).status == 5, "\(path)")
    }
    #expect(try second(scratch, ["--output", "folder/other.csv"]).status == 0)
    #expect(try second(scratch, ["--output", "-"]).status == 0)
    #expect(try second(scratch, ["--output", "folder/out.csv", "--dry-run"]).status == 0)
    #expect(try held.release().status == 0)
    #expect(try scratch.list("folder") == ["keep", "other.csv", "out.csv"])
  }

  @Test func waitingRunsAfterTheFirst() throws {
    let held = try Held(Scratch())
    try held.scratch.write("pipeline.yaml", TestPipeline().text)
    try held.scratch.write("in.csv", "name\nsecond\n")
    let waiting = try Command(
      Veil.path, ["run", "pipeline.yaml", "--wait", "30s"], environment: TestKey.environment,
      directory: held.scratch.root)
    usleep(300_000)
    #expect(try held.release().status == 0)
    let outcome = try waiting.finish()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try held.scratch.text("out.csv") == "name\nsecond\n")
  }

  @Test func waitingEnds() throws {
    let held = try Held(Scratch())
    let begin = Date()
    let outcome = try second(held.scratch, ["--wait", "1s"])
    #expect(outcome.status == 5 && outcome.stderr.contains("waited 1 s"), "\(outcome.stderr)")
    #expect((1...5).contains(Date().timeIntervalSince(begin)))
    #expect(try held.release().status == 0)
  }

  /// The system lets go of the lock of a killed run, and the next one tidies up.
  @Test func aKilledRunsLockIsNobodys() throws {
    let held = try Held(Scratch())
    try held.kill()
    #expect(try second(held.scratch).status == 0)
    #expect(try held.scratch.list() == ["in.csv", "in.fifo", "out.csv", "pipeline.yaml", "slow.yaml"])
  }

  /// Started at once, again and again: whoever publishes has had the lock, and everybody else says so.
  @Test func twoAtOnce() throws {
    var refused = 0
    for _ in 0..<8 {
      let scratch = try Scratch()
      let rows = String(repeating: "Ada\n", count: 200_000)
      try scratch.write("pipeline.yaml", TestPipeline(fields: ["name: {pseudonym: {key: test}}"]).text)
      try scratch.write("in.csv", "name\n" + rows)
      let runs = try (0..<2).map { _ in
        try Command(Veil.path, ["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
      }
      let outcomes = try runs.map { try $0.finish().status }
      #expect(outcomes.contains(0) && outcomes.allSatisfy { $0 == 0 || $0 == 5 }, "\(outcomes)")
      refused += outcomes.count { $0 == 5 }
      #expect(try scratch.list() == ["in.csv", "out.csv", "pipeline.yaml"])
    }
    #expect(refused >= 1, "the two never met")
  }
}
