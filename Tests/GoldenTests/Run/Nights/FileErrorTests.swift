import Foundation
import Testing

/// Where one of several input files is bad: all that are bad are told, and the good ones may be published.
@Suite struct FileErrorTests {
  private func pipeline(_ action: String?, sink: String, _ more: [String] = []) -> TestPipeline {
    TestPipeline(
      source: "{path: in}", sink: "{path: \"\(sink)\"}", fields: ["name: keep"], unlisted: "error",
      more: ["state: night.state"] + (action.map { ["on_file_error: \($0)"] } ?? []) + more)
  }

  private func night(_ scratch: Scratch, _ pipeline: TestPipeline, _ arguments: [String] = []) throws -> Outcome {
    try scratch.write("pipeline.yaml", pipeline.text)
    return try Veil.run(
      ["run", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
  }

  private func fill(_ scratch: Scratch) throws {
    try scratch.write("in/a.csv", "name\nAda\n")
    try scratch.write("in/b.csv", "nom\nBob\n")
    try scratch.write("in/c.csv", "name\n\"open\n")
    try scratch.write("in/d.csv", "name\nDan\n")
    try scratch.write("in/e.csv.gz", "no gzip")
  }

  /// Every file whose beginning does not fit is told before the first record is read.
  @Test(arguments: [nil, "stop"])
  func allHeadersAreLookedAtFirst(_ action: String?) throws {
    for sink in ["out/{stem}.csv", "out-{run}.csv"] {
      let scratch = try Scratch()
      try fill(scratch)
      let outcome = try night(scratch, pipeline(action, sink: sink))
      #expect(outcome.status == 4, "\(outcome.stderr)")
      for file in ["in/b.csv: ", "in/e.csv.gz "] { #expect(outcome.stderr.contains(file), "\(outcome.stderr)") }
      #expect(!outcome.stderr.contains("Bob") && !outcome.stderr.contains("in/a.csv"))
      #expect(try scratch.list().filter { $0.hasPrefix("out-") || $0 == "night.state" }.isEmpty)
    }
  }

  @Test func theGoodFilesArePublished() throws {
    for sink in ["out/{stem}.csv", "out/all-{run}.csv"] {
      let scratch = try Scratch()
      try fill(scratch)
      let options = ["--report", "r.json", "--metrics", "m.prom", "--threads", "2"]
      let outcome = try night(scratch, pipeline("continue", sink: sink), options)
      #expect(outcome.status == 1, "\(outcome.stderr)")
      for file in ["in/b.csv: ", "in/c.csv: record 1", "in/e.csv.gz "] {
        #expect(outcome.stderr.contains(file), "\(outcome.stderr)")
      }
      #expect(outcome.stderr.contains("3 of 5 input files were left out; the others are published"))
      let written = try scratch.list("out").map { try scratch.text("out/\($0)") }
      #expect(written == (sink.contains("stem") ? ["name\nAda\n", "name\nDan\n"] : ["name\nAda\nDan\n"]))
      let report = try #require(try JSONSerialization.jsonObject(with: scratch.data("r.json")) as? [String: Any])
      #expect(report["result"] as? String == "published_in_part" && report["exit_status"] as? Int == 1)
      let failed = try #require(report["failed_inputs"] as? [[String: Any]])
      #expect(Set(failed.compactMap { $0["path"] as? String }) == ["in/b.csv", "in/c.csv", "in/e.csv.gz"])
      #expect((report["records"] as? [String: Any])?["written"] as? Int == 2)
      #expect(try scratch.text("m.prom").contains("veil_run_success{pipeline=\"test\"} 0\n"))
      #expect(try scratch.list().filter { $0.hasPrefix(".") }.isEmpty)

      // The state remembers what was published, and tries the others again.
      let again = try night(scratch, pipeline("continue", sink: sink))
      #expect(again.status != 0 && !again.stderr.contains("read "), "\(again.stderr)")
      try scratch.write("in/b.csv", "name\nBob\n")
      try scratch.write("in/c.csv", "name\nCid\n")
      try FileManager.default.removeItem(atPath: scratch.path("in/e.csv.gz"))
      let mended = try night(scratch, pipeline("continue", sink: sink))
      #expect(mended.status == 0, "\(mended.stderr)")
      let all = try scratch.list("out").map { try scratch.text("out/\($0)") }.joined()
      for name in ["Ada", "Bob", "Cid", "Dan"] { #expect(all.ranges(of: name).count == 1, "\(name): \(all)") }
      #expect(try night(scratch, pipeline("continue", sink: sink)).stderr.contains("nothing new"))
    }
  }

  /// Too many bad records in one supplier's file, and a declared check that one export fails.
  @Test func oneFileOverItsLimit() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\n" + String(repeating: "Ada\n", count: 40))
    try scratch.write("in/b.csv", "name\nBob\nx,y\nx,y\n")
    let rule = "bad_records: {action: skip, limit: 4%, quarantine: bad.jsonl}"
    let outcome = try night(scratch, pipeline("continue", sink: "out-{run}.csv", [rule]))
    #expect(outcome.status == 1 && outcome.stderr.contains("4 % of 3 records of the file"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("read 40, wrote 40"), "\(outcome.stderr)")
    #expect(try scratch.text("bad.jsonl").split(separator: "\n").count == 2)

    let checked = try Scratch()
    try checked.write("in/a.csv", "name\nAda\nBob\n")
    try checked.write("in/b.csv", "name\nBob\n")
    let two = try night(checked, pipeline("continue", sink: "out/{stem}.csv", ["checks: [{min_records: 2}]"]))
    #expect(two.status == 1 && two.stderr.contains("min_records"), "\(two.stderr)")
    #expect(try checked.list("out") == ["a.csv"])
  }

  /// A disk that is full is no file's fault.
  @Test func anOutputThatFailsStopsTheRun() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    try scratch.write("in/b.csv", "name\nBob\n")
    var full = pipeline("continue", sink: "/dev/full")
    full.more.removeFirst()
    let outcome = try night(scratch, full)
    #expect(outcome.status == 3 && outcome.stderr.contains("/dev/full"), "\(outcome.stderr)")
  }

  @Test func otherWordsAreRefused() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    let wrong = try night(scratch, pipeline("contine", sink: "out.csv"))
    #expect(wrong.status == 2 && wrong.stderr.contains("continue"), "\(wrong.stderr)")
  }
}
