import Foundation
import Testing

/// A run that a signal ends says where it was.
@Suite struct SignalNoteTests {
  /// Records that fill the first chunk that the run reads from the pipe, and some more that the next one waits with.
  private static let records = (inChunk: 384 * 1024 / 4, all: 100_000)

  /// Starts a run on a pipe that gives nothing more after its first records, and ends it there.
  private func ended(_ arguments: [String], by signal: Int32) throws -> (Outcome, Scratch) {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: 'b \"x.csv', format: csv}").text)
    try #require(mkfifo(scratch.path("b \"x.csv"), 0o600) == 0)
    let run = try Command(
      Veil.path, ["run", "pipeline.yaml", "--threads", "1"] + arguments, environment: TestKey.environment,
      directory: scratch.root)
    var pipe: Int32 = -1
    for _ in 0..<5000 where pipe < 0 {
      pipe = open(scratch.path("b \"x.csv"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if pipe < 0 { usleep(1000) }
    }
    try #require(pipe >= 0)
    var bytes = Array(("name\n" + String(repeating: "Ada\n", count: Self.records.all)).utf8)[...]
    for _ in 0..<20_000 where !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(pipe, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else { usleep(500) }
    }
    #expect(bytes.isEmpty)
    usleep(200_000)
    run.send(signal)
    let outcome = try run.finish()
    close(pipe)
    #expect(outcome.status == 128 + signal, "\(outcome.stderr)")
    return (outcome, scratch)
  }

  @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT"), (SIGHUP, "SIGHUP")])
  func whereItWasIsSaid(_ signal: Int32, _ name: String) throws {
    let (outcome, _) = try ended(["--quiet"], by: signal)
    let lines = outcome.stderr.split(separator: "\n").filter { $0.contains("ended by") }
    #expect(
      lines == ["veil: ended by \(name) in b \"x.csv after \(Self.records.inChunk) records: nothing was published"],
      "\(outcome.stderr)")
  }

  @Test func aLogHasItAsALine() throws {
    let (json, _) = try ended(["--log", "json"], by: SIGTERM)
    let line = try #require(json.stderr.split(separator: "\n").last)
    let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    #expect(entry["level"] as? String == "error" && entry["status"] as? Int == 143)
    #expect(
      entry["message"] as? String
        == "ended by SIGTERM in b \"x.csv after \(Self.records.inChunk) records: nothing was published")
    let first = try #require(json.stderr.split(separator: "\n").first { $0.contains("run begins") })
    let begun = try #require(try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
    #expect(begun["run"] as? String == entry["run"] as? String)
    let time = try #require(entry["time"] as? String)
    #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    let now = try Command.run("date", ["-u", "+%Y-%m-%dT%H"]).text.dropLast()
    #expect(time.hasPrefix(now) || time.prefix(10) <= now.prefix(10), "\(time) \(now)")
    let (text, _) = try ended(["--log", "text"], by: SIGINT)
    let last = try #require(text.stderr.split(separator: "\n").last)
    #expect(
      last.wholeMatch(of: #/[-\dT:.]+Z error run=\S+ status=130 ended by SIGINT in b "x\.csv after 98304 records: .*/#)
        != nil,
      "\(last)")
  }

  /// Before it reads anything there is no file to name.
  @Test func whileItWaitsForALock() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline().text)
    try scratch.write("in.csv", "name\nAda\n")
    try scratch.write(".out.csv.veil-lock", "")
    let holder = open(scratch.path(".out.csv.veil-lock"), O_RDWR | O_CLOEXEC)
    try #require(flock(holder, LOCK_EX | LOCK_NB) == 0)
    let run = try Command(
      Veil.path, ["run", "pipeline.yaml", "--wait", "1m"], environment: TestKey.environment, directory: scratch.root)
    usleep(600_000)
    run.send(SIGTERM)
    let outcome = try run.finish()
    close(holder)
    #expect(outcome.status == 143)
    #expect(
      outcome.stderr.contains("veil: ended by SIGTERM after 0 records: nothing was published\n"), "\(outcome.stderr)")
  }
}
