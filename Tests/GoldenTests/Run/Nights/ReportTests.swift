import Foundation
import Testing

/// What a run tells about itself: report, metrics, log, progress.
@Suite struct ReportTests {
  private let people = "name,city\nAda,Paris\nBob,Rome\ncanary\n"
  private let pipeline = TestPipeline(more: [
    "records: {where: {field: city, in: [Paris]}}", "bad_records: {action: skip, limit: 1}",
  ])

  private func object(_ scratch: Scratch, _ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: scratch.data(name)) as? [String: Any])
  }

  @Test func aReportSaysWhatHappened() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(pipeline, on: Data(people.utf8), arguments: ["--report", "report.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let report = try object(scratch, "report.json")
    #expect(report["result"] as? String == "published" && report["exit_status"] as? Int == 0)
    let records = try #require(report["records"] as? [String: Any])
    #expect(records["read"] as? Int == 3 && records["written"] as? Int == 1 && records["bad"] as? Int == 1)
    #expect((records["excluded"] as? [String: Int]) == ["where": 1])
    #expect((report["inputs"] as? [[String: Any]])?.first?["bytes"] as? Int == people.utf8.count)
    #expect((report["outputs"] as? [[String: Any]])?.first?["path"] as? String == "out.csv")
    #expect((report["seconds"] as? Double ?? -1) >= 0)
    #expect(report["error"] is NSNull)
    #expect(try scratch.mode("report.json") == 0o600)
    #expect(try scratch.list() == ["in.csv", "out.csv", "pipeline.yaml", "report.json"])
  }

  /// Exit 1, 3 and 4: the failure is told, and the export that stood there stays.
  @Test(arguments: [
    ("name,city\nAda\nBob\n", Int32(1)), ("name,city\nAda,\"Par", 1), ("name,town\nAda,Paris\n", 4),
  ])
  func aFailureIsTold(_ input: String, _ status: Int32) throws {
    let scratch = try Scratch()
    try scratch.write("out.csv", "previous\n")
    var pipeline = pipeline
    pipeline.more[1] = "bad_records: {action: skip, limit: 0}"
    let outcome = try scratch.run(
      pipeline, on: Data(input.utf8), arguments: ["--report", "report.json", "--metrics", "veil.prom"])
    #expect(outcome.status == status, "\(outcome.stderr)")
    let report = try object(scratch, "report.json")
    #expect(report["result"] as? String == "failed" && report["exit_status"] as? Int == Int(status))
    #expect(outcome.stderr.contains(try #require(report["error"] as? String)))
    #expect(try scratch.text("veil.prom").contains("veil_run_success{pipeline=\"test\"} 0\n"))
    #expect(try scratch.text("veil.prom").contains("veil_run_exit_status{pipeline=\"test\"} \(status)\n"))
    #expect(try scratch.text("out.csv") == "previous\n")
    for file in ["report.json", "veil.prom"] { #expect(!(try scratch.text(file)).contains("Ada")) }
  }

  /// What publishes nothing says which of the files it was asked for it does not write.
  @Test(arguments: [
    (["--preview", "1"], "--preview publishes nothing, so nothing is written for --manifest, --report\n"),
    (["--dry-run"], "--dry-run publishes nothing, so nothing is written for --manifest\n"),
  ])
  func filesThatAreNotWrittenAreNamed(_ mode: [String], _ warning: String) throws {
    let scratch = try Scratch()
    let files = ["--manifest", "m.json", "--report", "report.json"]
    let outcome = try scratch.run(pipeline, on: Data(people.utf8), arguments: mode + files)
    #expect(outcome.status == 0 && outcome.stderr.contains("warning: " + warning), "\(outcome.stderr)")
    let expected = mode == ["--dry-run"] ? ["in.csv", "pipeline.yaml", "report.json"] : ["in.csv", "pipeline.yaml"]
    #expect(try scratch.list() == expected)
  }

  @Test func aMissingInputIsTold() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: \"none-*.csv\"}").text)
    let outcome = try Veil.run(
      ["run", "pipeline.yaml", "--metrics", "veil.prom"], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 3)
    #expect(try scratch.text("veil.prom").contains("veil_run_success{pipeline=\"test\"} 0\n"))
  }

  /// Whoever collects metrics is another user, and reads only whole files.
  @Test func metricsAreInPrometheusFormat() throws {
    let scratch = try Scratch()
    let arguments = ["--metrics", "veil.prom"]
    #expect(try scratch.run(pipeline, on: Data(people.utf8), arguments: arguments).status == 0)
    let page = try scratch.text("veil.prom")
    #expect(try scratch.mode("veil.prom") == 0o644)
    var values: [String: Double] = [:]
    var typed: Set<Substring> = []
    for line in page.split(separator: "\n") {
      if let type = line.wholeMatch(of: /# TYPE ([a-z_]+) gauge/) { typed.insert(type.output.1) }
      if line.hasPrefix("#") { continue }
      let sample = try #require(
        line.wholeMatch(of: /([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\}) ([0-9.]+)/), "\(line)")
      #expect(typed.contains(sample.output.1), "\(line) has no type")
      let value: Double = try #require(Double(sample.output.3))
      values["\(sample.output.1)\(sample.output.2)"] = value
    }
    let label = "{pipeline=\"test\"}"
    #expect(values["veil_run_success\(label)"] == 1 && values["veil_run_exit_status\(label)"] == 0)
    #expect(values["veil_run_input_bytes\(label)"] == Double(people.utf8.count))
    #expect(values["veil_run_output_bytes\(label)"] == Double(try scratch.data("out.csv").count))
    let outcomes = values.filter { $0.key.hasPrefix("veil_run_records{") }.map(\.value)
    #expect(outcomes.reduce(0, +) == values["veil_run_records_read\(label)"] && outcomes.count == 4)
    let success = try #require(values["veil_run_last_success_timestamp_seconds\(label)"])
    #expect(abs(success - Date().timeIntervalSince1970) < 60)

    // A failure keeps the time of the last success.
    let failed = try scratch.run(pipeline, on: Data((people + "x\ny\n").utf8), arguments: arguments)
    #expect(failed.status == 1)
    let after = try scratch.text("veil.prom")
    #expect(after.contains("veil_run_success\(label) 0\n"))
    #expect(after.contains("veil_run_last_success_timestamp_seconds\(label) \(Int(success))\n"))
  }

  /// Names may have the day, the pipeline's name and the run; nothing else that stands in braces is guessed at.
  @Test(arguments: ["--report", "--metrics", "--lineage"])
  func namesAreFilledIn(_ option: String) throws {
    let scratch = try Scratch()
    func run(_ path: String) throws -> Outcome {
      try scratch.run(
        TestPipeline(), on: Data("name\nAda\n".utf8), arguments: [option, path, "--as-of", "2024-02-29"])
    }
    #expect(try run("{name}-{date}").status == 0)
    #expect(try scratch.list() == ["in.csv", "out.csv", "pipeline.yaml", "test-2024-02-29"])
    for path in ["x-{day}", "{stem}"] {
      let refused = try run(path)
      #expect(refused.status == 2 && refused.stderr.contains("is nothing that this path can be filled in with"))
    }
    symlink("/tmp", scratch.path("2024-02-29"))
    #expect(try run("{date}/x").status == 3)
    #expect(try scratch.list() == ["2024-02-29", "in.csv", "out.csv", "pipeline.yaml", "test-2024-02-29"])
  }

  @Test func reportsReplaceNothingThatTheRunReads() throws {
    for option in ["--report", "--metrics", "--manifest"] {
      for file in ["in.csv", "pipeline.yaml", "./in.csv", "out.csv"] {
        let scratch = try Scratch()
        let outcome = try scratch.run(TestPipeline(), on: Data("name\nAda\n".utf8), arguments: [option, file])
        #expect(outcome.status == 2, "\(option) \(file): \(outcome.stderr)")
        #expect(try scratch.text("in.csv") == "name\nAda\n" && !scratch.exists("out.csv"))
      }
    }
  }

  /// A folder that is not there is found out before anything is published.
  @Test func aReportThatCannotBeWrittenFailsTheRun() throws {
    for option in ["--report", "--metrics"] {
      for path in ["none/such/report.json", "/dev/full"] {
        let scratch = try Scratch()
        let outcome = try scratch.run(TestPipeline(), on: Data("name\nAda\n".utf8), arguments: [option, path])
        #expect(outcome.status == 3 && outcome.stderr.contains(path), "\(outcome.stderr)")
        #expect(try scratch.list() == ["in.csv", "pipeline.yaml"])
      }
    }
  }

  // MARK: Log

  @Test func logsAreLinesOfJSON() throws {
    let scratch = try Scratch()
    for (input, status) in [(people, Int32(0)), ("name,city\nAda,\"\n", 1), ("nothing,\"else\n", 3)] {
      var pipeline = pipeline
      if status == 1 { pipeline.more[1] = "bad_records: {action: skip, limit: 0}" }
      let outcome = try scratch.run(pipeline, on: Data(input.utf8), arguments: ["--log", "json"])
      let lines = outcome.stderr.split(separator: "\n")
      #expect(lines.count >= 2)
      var runs: Set<String> = []
      for line in lines {
        let entry = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        #expect((entry["time"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(["info", "warning", "error"].contains(entry["level"] as? String))
        #expect((entry["message"] as? String)?.isEmpty == false)
        runs.insert(try #require(entry["run"] as? String))
      }
      #expect(runs.count == 1, "one run, one id")
      #expect((lines.last?.contains("\"level\":\"error\"") ?? false) == (outcome.status != 0))
      if status != 3 { #expect(outcome.status == status, "\(outcome.stderr)") }
    }
  }

  @Test func logsAsTextHaveTimeAndRun() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(), on: Data("name\nAda\n".utf8), arguments: ["--log", "text"])
    #expect(outcome.status == 0)
    for line in outcome.stderr.split(separator: "\n") {
      #expect(line.prefixMatch(of: #/\d{4}-\d\d-\d\dT[\d:.]+Z (info|warning) .*run=\S+ /#) != nil, "\(line)")
    }
    try scratch.write("pipeline.yaml", "version: 2\n")
    let invalid = try Veil.run(["run", "pipeline.yaml", "--log", "json"], directory: scratch.root)
    #expect(invalid.status == 2)
    #expect(try JSONSerialization.jsonObject(with: Data(invalid.stderr.utf8)) is [String: Any])
  }

  // MARK: Progress

  @Test func progressIsSilentUnlessAskedFor() throws {
    let scratch = try Scratch()
    let input = Data("name\nAda\n".utf8)
    for arguments in [[], ["--progress", "never"], ["--progress", "auto"]] {
      let outcome = try scratch.run(TestPipeline(), on: input, arguments: arguments)
      #expect(!outcome.stderr.contains("\r") && !outcome.stderr.contains("\u{1B}"), "\(outcome.stderr)")
    }
    // A run of less than half a second draws nothing, and so has nothing to take away.
    let short = try scratch.run(TestPipeline(), on: input, arguments: ["--progress", "always"])
    #expect(short.status == 0 && !short.stderr.contains("\r"), "\(short.stderr)")
    let begin = Date()
    let long = try scratch.run(
      TestPipeline(fields: ["name: {hash: {algorithm: sha512, salt: test}}"]),
      on: Data(("name\n" + String(repeating: "Ada Lovelace\n", count: 600_000)).utf8),
      arguments: ["--progress", "always", "--threads", "1"])
    #expect(long.status == 0)
    guard Date().timeIntervalSince(begin) > 1 else { return }
    let parts = long.stderr.components(separatedBy: "\r\u{1B}[K")
    #expect(parts.count == 2, "the bar is taken away")
    #expect(parts.last?.hasPrefix("veil: read 600000, wrote 600000") == true)
  }

  /// On a terminal the bar shows records, speed and the time that is left.
  @Test func aTerminalSeesABar() throws {
    let scratch = try Scratch()
    let rows = String(repeating: "Ada,Paris,1984-02-29\n", count: 3_000_000)
    try scratch.write(
      "pipeline.yaml",
      TestPipeline(fields: ["name: {pseudonym: {key: test}}", "city: {hash: {algorithm: sha512, salt: test}}"]).text)
    try scratch.write("in.csv", "name,city,born\n" + rows)
    let outcome = try Command.run(
      "python3",
      [
        "-c", "import os,pty,sys; s=pty.spawn(sys.argv[1:]); sys.exit(os.waitstatus_to_exitcode(s))", Veil.path, "run",
        "pipeline.yaml", "--threads", "1",
      ], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(outcome.text.contains(/\[#*\.*\] +\d+ %  [\d,]+ records/), "\(outcome.text)")
    #expect(outcome.text.contains("MB/s") && outcome.text.contains(" left"), "\(outcome.text)")
    #expect(outcome.text.contains("read 3000000, wrote 3000000"))
  }

  @Test func badOptionsAreRefused() throws {
    for arguments in [
      ["--log", "xml"], ["--progress", "maybe"], ["--wait", "10"], ["--wait", "m"], ["--wait", "-1s"],
      ["--wait", "9999h"], ["--report", "-"],
    ] {
      let scratch = try Scratch()
      let outcome = try scratch.run(TestPipeline(), on: Data("name\nAda\n".utf8), arguments: arguments)
      #expect(outcome.status == 2, "\(arguments): \(outcome.stderr)")
      #expect(!scratch.exists("out.csv"))
    }
  }
}
