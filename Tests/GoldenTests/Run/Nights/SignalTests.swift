import Foundation
import Testing

/// A run that is told to end does so within two seconds, wherever it is, and leaves nothing.
@Suite struct SignalTests {
  private static let signals: [Int32] = [SIGINT, SIGTERM, SIGHUP]

  private func end(_ scratch: Scratch, _ run: Command, _ signal: Int32, keeps: [String]) throws {
    let begin = Date()
    run.send(signal)
    let outcome = try run.finish()
    #expect(outcome.status == 128 + signal, "\(outcome.stderr)")
    #expect(Date().timeIntervalSince(begin) < 2)
    #expect(try scratch.list() == keeps)
  }

  /// Waits until the run has taken its lock, and a little longer.
  private func waitForLock(_ scratch: Scratch) throws {
    for _ in 0..<5000 {
      if try scratch.list().contains(".out.csv.veil-lock") {
        usleep(100_000)
        return
      }
      usleep(1000)
    }
    Issue.record("the run never began")
  }

  private func start(_ scratch: Scratch, _ arguments: [String] = [], stdin: String = "/dev/null") throws -> Command {
    try Command(
      Veil.path, ["run", "pipeline.yaml"] + arguments, stdin: stdin, environment: TestKey.environment,
      directory: scratch.root)
  }

  @Test(arguments: signals)
  func whileItWaitsForASilentPipe(_ signal: Int32) throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.fifo, format: csv}").text)
    try #require(mkfifo(scratch.path("in.fifo"), 0o600) == 0)
    // Nobody opens the other end.
    let run = try start(scratch)
    try waitForLock(scratch)
    try end(scratch, run, signal, keeps: ["in.fifo", "pipeline.yaml"])
  }

  @Test(arguments: signals)
  func whileItWaitsForStandardInput(_ signal: Int32) throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: \"-\", format: csv}").text)
    try #require(mkfifo(scratch.path("stdin"), 0o600) == 0)
    let holder = open(scratch.path("stdin"), O_RDWR | O_CLOEXEC)
    defer { close(holder) }
    let run = try start(scratch, ["--threads", "3"], stdin: scratch.path("stdin"))
    try waitForLock(scratch)
    try end(scratch, run, signal, keeps: ["pipeline.yaml", "stdin"])
  }

  @Test(arguments: signals)
  func whileItWorksOnSeveralThreads(_ signal: Int32) throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(fields: (1...6).map { "f\($0): {pseudonym: {key: test}}" }, unlisted: "error")
    pipeline.sink = "{path: out.csv.gz, format: csv}"
    try scratch.write("pipeline.yaml", pipeline.text)
    try scratch.write("in.csv", "f1,f2,f3,f4,f5,f6\n" + String(repeating: "a,b,c,d,e,f\n", count: 1_500_000))
    let run = try start(scratch, ["--threads", "4"])
    for _ in 0..<5000 where !(try scratch.list().contains(".out.csv.gz.veil-lock")) { usleep(1000) }
    usleep(200_000)
    try end(scratch, run, signal, keeps: ["in.csv", "pipeline.yaml"])
  }

  /// The search for classes is long work without any input or output.
  @Test(arguments: [SIGTERM])
  func whileItLooksForClasses(_ signal: Int32) throws {
    let scratch = try Scratch()
    var seed: UInt64 = 7
    func next(_ below: UInt64) -> UInt64 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1
      return (seed >> 33) % below
    }
    let rows = (0..<60_000).map { _ in "\(next(90)),\(next(90_000) + 10_000),\(next(20_000))\n" }.joined()
    let quasi = [
      "a: {class: quasi, hierarchy: {interval: {width: 5, levels: 4}}}", "b: {class: quasi, hierarchy: {prefix: 5}}",
      "c: {class: quasi, hierarchy: {interval: {width: 100, levels: 6}}}",
    ]
    try scratch.write(
      "pipeline.yaml", TestPipeline(fields: quasi, unlisted: "error", more: ["anonymity: {k: 5, suppress: 1%}"]).text)
    try scratch.write("in.csv", "a,b,c\n" + rows)
    let run = try start(scratch)
    try waitForLock(scratch)
    usleep(300_000)
    try end(scratch, run, signal, keeps: ["in.csv", "pipeline.yaml"])
  }

  /// `strace` holds a call back, and the signal comes meanwhile.
  private func during(_ call: String, _ scratch: Scratch, _ signal: Int32) throws -> Outcome {
    try scratch.write("pipeline.yaml", TestPipeline().text)
    try scratch.write("in.csv", "name\nAda\n")
    try scratch.write("out.csv", "previous\n")
    let run = try Command(
      "sh",
      [
        "-c",
        "strace -f -o trace -e trace=\(call) -e inject=\(call):delay_enter=700000:when=1 \"$0\" run pipeline.yaml & "
          + "sleep 0.4; kill -\(signal) $(pgrep -P $(pgrep -P $$ strace)); wait %1",
        Veil.path,
      ], environment: TestKey.environment, directory: scratch.root)
    return try run.finish()
  }

  @Test func duringTheFlushToDisk() throws {
    let scratch = try Scratch()
    let outcome = try during("fsync", scratch, SIGTERM)
    #expect(outcome.status == 143, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "previous\n")
    #expect(try scratch.list() == ["in.csv", "out.csv", "pipeline.yaml", "trace"])
  }

  /// Half a publication would be worse than a late end: it is finished, and the status says so.
  @Test func duringPublication() throws {
    let scratch = try Scratch()
    let outcome = try during("renameat", scratch, SIGTERM)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "name\nAda\n")
    #expect(try scratch.list() == ["in.csv", "out.csv", "pipeline.yaml", "trace"])
  }

  /// Who reads standard output goes away: quietly, with the status of SIGPIPE.
  @Test func aReaderThatGoesAway() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline().text)
    try scratch.write("in.csv", "name\n" + String(repeating: "Ada Lovelace\n", count: 100_000))
    for threads in ["1", "3"] {
      let outcome = try Command.run(
        "bash",
        [
          "-c", "\"$0\" run pipeline.yaml --output - --threads \(threads) 2> err | head -1; exit ${PIPESTATUS[0]}",
          Veil.path,
        ],
        environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 141 && outcome.text == "name\n", "\(outcome.status)")
      let said = try scratch.text("err").split(separator: "\n").filter { $0.hasPrefix("veil:") }
      #expect(said.isEmpty, "\(said)")
    }
  }

  @Test func nohupIsRespected() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.fifo, format: csv}").text)
    try #require(mkfifo(scratch.path("in.fifo"), 0o600) == 0)
    let run = try Command(
      "sh", ["-c", "trap '' HUP; exec \"$0\" run pipeline.yaml", Veil.path], environment: TestKey.environment,
      directory: scratch.root)
    try waitForLock(scratch)
    run.send(SIGHUP)
    usleep(100_000)
    let pipe = open(scratch.path("in.fifo"), O_WRONLY | O_CLOEXEC)
    let bytes = Array("name\nAda\n".utf8)
    #expect(write(pipe, bytes, bytes.count) == bytes.count)
    close(pipe)
    #expect(try run.finish().status == 0)
    #expect(try scratch.text("out.csv") == "name\nAda\n")
  }

  /// A crash ends with the signal alone: no register, no stack, no core.
  @Test(arguments: [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGQUIT])
  func aCrashPrintsNothing(_ signal: Int32) throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.fifo, format: csv}").text)
    try #require(mkfifo(scratch.path("in.fifo"), 0o600) == 0)
    let run = try Command(
      "sh", ["-c", "ulimit -c unlimited 2> /dev/null; exec \"$0\" run pipeline.yaml", Veil.path],
      environment: TestKey.environment, directory: scratch.root)
    try waitForLock(scratch)
    run.send(signal)
    let outcome = try run.finish()
    #expect(outcome.status == 128 + signal)
    #expect(!outcome.stderr.contains("0x") && !outcome.stderr.lowercased().contains("backtrace"), "\(outcome.stderr)")
    #expect(
      try scratch.list() == [".out.csv.veil-lock", "in.fifo", "pipeline.yaml"], "the lock's file is the next run's")
  }
}
