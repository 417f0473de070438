import Foundation
import Testing

/// Nights that handle what is new, and only that.
@Suite struct StateTests {
  private func pipeline(sink: String = "out/{stem}.csv", source: String = "in") -> TestPipeline {
    TestPipeline(
      source: "{path: \"\(source)\"}", sink: "{path: \"\(sink)\"}", fields: ["name: {pseudonym: {key: test}}"],
      unlisted: "error", more: ["state: night.state"])
  }

  private func night(_ scratch: Scratch, _ pipeline: TestPipeline, _ arguments: [String] = []) throws -> Outcome {
    try scratch.write("pipeline.yaml", pipeline.text)
    return try Veil.run(
      ["run", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
  }

  @Test func aNightHandlesWhatIsNew() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    try scratch.write("in/b.csv", "name\nBob\nBea\n")
    try scratch.write("in/.hidden.csv", "nonsense")
    let first = try night(scratch, pipeline())
    #expect(first.status == 0, "\(first.stderr)")
    #expect(try scratch.list("out") == ["a.csv", "b.csv"])
    #expect(try scratch.mode("night.state") == 0o600)
    let written = try scratch.data("out/a.csv")
    let state = try scratch.data("night.state")
    for secret in ["Ada", "Bob"] { #expect(!String(decoding: state, as: UTF8.self).contains(secret)) }

    // Nothing new: nothing is touched, and that is no failure.
    try FileManager.default.removeItem(atPath: scratch.path("out/a.csv"))
    let second = try night(scratch, pipeline(), ["--report", "r.json", "--metrics", "m.prom"])
    #expect(second.status == 0 && second.stderr.contains("nothing new"), "\(second.stderr)")
    #expect(try scratch.list("out") == ["b.csv"] && scratch.data("night.state") == state)
    #expect(try scratch.text("r.json").contains("\"result\": \"nothing_new\""))
    #expect(try scratch.text("m.prom").contains("veil_run_success{pipeline=\"test\"} 1\n"))

    try scratch.write("in/c.csv", "name\nCid\n")
    let third = try night(scratch, pipeline())
    #expect(third.status == 0 && third.stderr.contains("read 1, wrote 1"), "\(third.stderr)")
    #expect(try scratch.list("out") == ["b.csv", "c.csv"])

    let again = try night(scratch, pipeline(), ["--rerun"])
    #expect(again.status == 0, "\(again.stderr)")
    #expect(try scratch.list("out") == ["a.csv", "b.csv", "c.csv"])
    #expect(try scratch.data("out/a.csv") == written)
    #expect(try scratch.list().filter { $0.hasPrefix(".") }.isEmpty)
  }

  @Test func aChangedInputUnderAnOldNameIsAnError() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    #expect(try night(scratch, pipeline()).status == 0)
    let before = try scratch.data("out/a.csv")
    // The same length, and a time in the past.
    for text in ["name\nEve\n", "name\nAda\nEve\n"] {
      try scratch.write("in/a.csv", text)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: scratch.path("in/a.csv"))
      let outcome = try night(scratch, pipeline())
      #expect(outcome.status == 3 && outcome.stderr.contains("in/a.csv"), "\(outcome.stderr)")
      #expect(outcome.stderr.contains("changed since") && outcome.stderr.contains("--rerun"))
      #expect(try scratch.data("out/a.csv") == before)
    }
    // Touched and not changed is the same; and so is a whole tree that was moved.
    try scratch.write("in/a.csv", "name\nAda\n")
    #expect(try night(scratch, pipeline()).stderr.contains("nothing new"))
    let moved = try Scratch()
    try scratch.copy(scratch.root, to: "../moved-\(moved.root.suffix(6))")
    let root = scratch.path("../moved-\(moved.root.suffix(6))")
    defer { try? FileManager.default.removeItem(atPath: root) }
    let elsewhere = try Veil.run(
      ["run", "\(root)/pipeline.yaml"], environment: TestKey.environment, directory: "/")
    #expect(elsewhere.status == 0 && elsewhere.stderr.contains("nothing new"), "\(elsewhere.stderr)")
  }

  /// Killed at each rename: the rerun loses nothing and publishes nothing under two names.
  @Test func aNightThatIsKilledIsMadeGoodByTheNext() throws {
    for kill in 1...12 {
      let scratch = try Scratch()
      let pipeline = pipeline(sink: "out/{run}-{stem}.csv")
      try scratch.write("in/a.csv", "name\nAda\n")
      try scratch.write("in/b.csv", "name\nBob\n")
      try scratch.write("pipeline.yaml", pipeline.text)
      let killed = try Command.run(
        "strace",
        [
          "-f", "-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:signal=KILL:when=\(kill)", Veil.path,
          "run",
          "pipeline.yaml", "--manifest", "m-{stem}.json",
        ], environment: TestKey.environment, directory: scratch.root)
      if killed.status == 0 {
        #expect(kill > 5, "state, two exports, two manifests, state")
        break
      }
      #expect(killed.status == 137, "\(killed.stderr)")
      let next = try Veil.run(
        ["run", "pipeline.yaml", "--manifest", "m-{stem}.json"], environment: TestKey.environment,
        directory: scratch.root)
      #expect(next.status == 0, "\(kill): \(next.stderr)")
      let names = try scratch.list("out")
      #expect(names.count == 2, "kill \(kill): \(names)")
      #expect(try scratch.list().filter { $0.hasPrefix(".") || $0.hasPrefix("m-") } == ["m-a.json", "m-b.json"])
      let last = try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
      #expect(last.status == 0 && last.stderr.contains("nothing new"), "\(last.stderr)")
    }
  }

  @Test func aFailedNightIsAsIfItHadNotBeen() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    try scratch.write("in/b.csv", "name\n\"open\n")
    let failed = try night(scratch, pipeline())
    #expect(failed.status == 3, "\(failed.stderr)")
    #expect(try scratch.list("out").isEmpty && !scratch.exists("night.state"))
    try scratch.write("in/b.csv", "name\nBob\n")
    #expect(try night(scratch, pipeline()).status == 0)
    #expect(try scratch.list("out") == ["a.csv", "b.csv"])
  }

  @Test func exportsOfOtherInputsAreNotReplaced() throws {
    let scratch = try Scratch()
    let dated = pipeline(sink: "out/{date}.csv")
    try scratch.write("in/a.csv", "name\nAda\n")
    #expect(try night(scratch, dated, ["--as-of", "2024-02-29"]).status == 0)
    #expect(try scratch.list("out") == ["2024-02-29.csv"])
    try scratch.write("in/b.csv", "name\nBob\n")
    let same = try night(scratch, dated, ["--as-of", "2024-02-29"])
    #expect(same.status == 3 && same.stderr.contains("would be replaced"), "\(same.stderr)")
    #expect(try night(scratch, dated, ["--as-of", "2024-03-01"]).status == 0)
    #expect(try scratch.list("out") == ["2024-02-29.csv", "2024-03-01.csv"])
    // One name for all nights is the user's choice; it is warned of.
    let fixed = try Scratch()
    try fixed.write("in/a.csv", "name\nAda\n")
    let first = try night(fixed, pipeline(sink: "out.csv"))
    #expect(first.status == 0 && first.stderr.contains("replaces the one before"), "\(first.stderr)")
  }

  @Test func aDamagedStateIsRefused() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    #expect(try night(scratch, pipeline()).status == 0)
    let good = try scratch.text("night.state")
    let lines = good.split(separator: "\n")
    for bad in [
      "", "nonsense\n", String(good.dropLast()), String(good.dropLast(8)),
      (lines.dropFirst().joined(separator: "\n")) + "\n", good + good,
    ] {
      try scratch.write("night.state", bad)
      let outcome = try night(scratch, pipeline())
      #expect(outcome.status == 3 && outcome.stderr.contains("night.state"), "\(bad): \(outcome.stderr)")
    }
    let dry = try Scratch()
    try dry.write("in/a.csv", "name\nAda\n")
    #expect(try night(dry, pipeline(), ["--dry-run"]).status == 0)
    #expect(!dry.exists("night.state") && !dry.exists("out/a.csv"))
  }

  @Test func whatCannotBeRememberedIsRefused() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    #expect(try night(scratch, pipeline(), ["--output", "-"]).status == 2)
    #expect(try night(scratch, pipeline(sink: "out/x-{date}.csv"), ["--input", "-"]).status == 2)
    // An export that lies where the night reads is no input.
    let mixed = pipeline(sink: "in/{stem}-{run}.csv")
    #expect(try night(scratch, mixed).status == 0)
    let next = try night(scratch, mixed)
    #expect(next.status == 2 && next.stderr.contains("is an export"), "\(next.stderr)")
  }

  // MARK: Inputs and names

  @Test func foldersPatternsAndNames() throws {
    let scratch = try Scratch()
    // The pipeline's own folder has the name of a pattern.
    let root = "pipe[1]*"
    for (name, text) in [("b.csv", "name\nB\n"), ("a.csv.gz", ""), ("notes.txt", "x"), (".c.csv", "name\nC\n")]
    where !text.isEmpty {
      try scratch.write("\(root)/in/\(name)", text)
    }
    try scratch.write("\(root)/in/sub/d.csv", "name\nD\n")
    try scratch.write("pipe1x/in/wrong.csv", "name\nwrong\n")
    for source in ["in", "in/", "in/*.csv", "in/[ab].csv", "in/b.csv"] {
      let pipeline = TestPipeline(
        source: "{path: \"\(source)\", format: csv}", sink: "{path: \"out/{name}-{date}.csv\"}")
      try scratch.write("\(root)/pipeline.yaml", pipeline.text)
      let outcome = try Veil.run(
        ["run", "\(root)/pipeline.yaml", "--as-of", "2024-01-31"], environment: TestKey.environment,
        directory: scratch.root)
      #expect(outcome.status == 0, "\(source): \(outcome.stderr)")
      #expect(try scratch.text("\(root)/out/test-2024-01-31.csv") == "name\nB\n", "\(source)")
      #expect(outcome.stderr.contains("1 files in") == (source == "in" || source == "in/"), "\(outcome.stderr)")
    }
    #expect(try scratch.list("\(root)/out") == ["test-2024-01-31.csv"])
  }

  /// A folder that fails in the middle has not ended: what was not seen would be missing from the export.
  @Test(arguments: ["in", "in/*.csv", "*/x-*.csv"])
  func aFolderThatCannotBeReadToItsEnd(_ source: String) throws {
    let scratch = try Scratch()
    let name = "x-" + String(repeating: "long-name-", count: 20)
    for number in 0..<400 { try scratch.write("in/\(name)\(number).csv", "name\nA\n") }
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: \"\(source)\", format: csv}").text)
    func run(failing when: Int) throws -> Outcome {
      try Command.run(
        "strace",
        [
          "-f", "-qq", "-o", "/dev/null", "-e", "trace=getdents64", "-e",
          "inject=getdents64:error=EIO:when=\(when)", Veil.path, "run", "pipeline.yaml",
        ], environment: TestKey.environment, directory: scratch.root)
    }
    // The first folders that are read are those above the pipeline, which may hold a policy and need not be readable.
    var refused = 0
    for when in 1...60 {
      let outcome = try run(failing: when)
      if outcome.status == 0 {
        #expect(outcome.stderr.contains("read 400, wrote 400"), "\(when): \(outcome.stderr)")
        if refused > 0, try run(failing: when + 10).status == 0 { break }
        continue
      }
      #expect(outcome.status == 3 && outcome.stderr.contains("cannot read"), "\(when): \(outcome.stderr)")
      refused += 1
    }
    #expect(refused >= 3)
  }

  /// Wildcards in any part of a path, as a shell takes them.
  @Test func patternsAreTheShells() throws {
    let scratch = try Scratch()
    for name in [
      "a1/x.csv", "a1/y.csv", "a1/.h.csv", "a2/x.csv", "b/x.csv", "a3", "q[1]/x.csv", "a1/d/z.csv", "a1/w.txt",
    ] {
      try scratch.write(name, "name\n\(name)\n")
    }
    for pattern in [
      "a*/x.csv", "a?/*.csv", "[ab]*/x.csv", "*/x.csv", "a1/[!x].csv", "q\\[1]/*.csv", "*/*/z.csv", "a1//*.csv",
      "./a1/*.csv",
      "a*/none.csv", "none*/x.csv", "[a", "a1/.*.csv", "*[1]*/x.csv",
    ] {
      let pipeline = TestPipeline(source: "{path: '\(pattern)', format: csv}")
      try scratch.write("pipeline.yaml", pipeline.text)
      let outcome = try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
      let shell = try Command.run(
        "bash", ["-c", "shopt -s nullglob; export LC_ALL=C; for f in \(pattern); do sed 1d \"$f\"; done"],
        directory: scratch.root)
      if shell.text.isEmpty {
        #expect(outcome.status == 3, "\(pattern): \(outcome.stderr)")
      } else {
        #expect(outcome.status == 0, "\(pattern): \(outcome.stderr)")
        #expect(try scratch.text("out.csv") == "name\n" + shell.text, "\(pattern)")
      }
    }
  }

  /// One export of each input; all of them, or none.
  @Test func oneExportForEachInput() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nA\n")
    try scratch.write("in/b.v2.csv", "name\nB\n")
    let pipeline = TestPipeline(source: "{path: in}", sink: "{path: \"out/{stem}-x.csv\"}")
    func run(_ arguments: [String] = []) throws -> Outcome {
      try scratch.write("pipeline.yaml", pipeline.text)
      return try Veil.run(
        ["run", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
    }
    #expect(try run(["--manifest", "m.json"]).status == 2, "two exports, one manifest")
    #expect(try run(["--manifest", "{stem}.json", "--report", "report.json"]).status == 0)
    #expect(try scratch.list("out") == ["a-x.csv", "b.v2-x.csv"])
    #expect(scratch.exists("a.json") && scratch.exists("b.v2.json"))
    #expect(try scratch.text("report.json").contains("\"read\": 2"))
    try scratch.write("in/c.csv", "name\n\"\n")
    try scratch.write("out/a-x.csv", "previous\n")
    #expect(try run().status == 3)
    #expect(try scratch.list("out") == ["a-x.csv", "b.v2-x.csv"])
    #expect(try scratch.text("out/a-x.csv") == "previous\n")
    try scratch.write("in/c.csv", "name\nC\n")
    try scratch.write("in/c.tsv", "name\nC\n")
    let clash = try run()
    #expect(clash.status == 2 && clash.stderr.contains("both be written"), "\(clash.stderr)")
  }

  @Test func namesNeverLeadElsewhere() throws {
    for name in ["...csv", "..csv", ".x.csv", "a\u{7}.csv"] {
      let scratch = try Scratch()
      try scratch.write("in/\(name)", "name\nA\n")
      let pipeline = TestPipeline(sink: "{path: \"out/{stem}\", format: csv}")
      try scratch.write("pipeline.yaml", pipeline.text)
      let outcome = try Veil.run(
        ["run", "pipeline.yaml", "--input", "in/\(name)"], environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 3 || outcome.status == 2, "\(name): \(outcome.stderr)")
      #expect(try scratch.list() == ["in", "pipeline.yaml"] || scratch.list("out").isEmpty)
    }
    // A folder that a placeholder names is no way out either.
    let scratch = try Scratch()
    try scratch.write("elsewhere/keep", "")
    try scratch.write("out/keep", "")
    symlink("../elsewhere", scratch.path("out/2024-01-31"))
    let outcome = try scratch.run(
      TestPipeline(sink: "{path: \"out/{date}/x.csv\"}"), on: Data("name\nA\n".utf8),
      arguments: ["--as-of", "2024-01-31"])
    #expect(outcome.status == 3 && outcome.stderr.contains("symbolic link"), "\(outcome.stderr)")
    #expect(try scratch.list("elsewhere") == ["keep"])
    for (sink, message) in [
      ("out/{day}.csv", "{day} is nothing"), ("out/{stem}/x.csv", "{stem} goes into the file's name"),
    ] {
      let wrong = try scratch.run(TestPipeline(sink: "{path: \"\(sink)\"}"), on: "name\nA\n")
      #expect(wrong.status == 2 && wrong.stderr.contains(message), "\(wrong.stderr)")
    }
  }
}
