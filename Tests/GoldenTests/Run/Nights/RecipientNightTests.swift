import Foundation
import Testing

/// What a state remembers, and for whom: nobody goes without an input, and nothing that goes with an export is lost.
@Suite struct RecipientNightTests {
  private func night(_ scratch: Scratch, _ arguments: [String] = []) throws -> Outcome {
    try Veil.run(["run", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
  }

  private func twoSinks() throws -> Scratch {
    let scratch = try Scratch()
    let sinks = ["alpha", "beta"].map { "  - {path: \"out/\($0)-{run}.csv\", recipient: \($0)}" }
    try scratch.write(
      "pipeline.yaml",
      (["version: 1", "name: test", "source: {path: in}", "fields: {name: keep}", "state: night.state", "sinks:"]
        + sinks)
        .joined(separator: "\n") + "\n")
    try scratch.write("in/a.csv", "name\nAda\n")
    return scratch
  }

  private func counts(_ scratch: Scratch) throws -> [Int] {
    let names = scratch.exists("out") ? try scratch.list("out") : []
    return ["alpha", "beta"].map { reader in names.count { $0.hasPrefix(reader) } }
  }

  @Test func eachRecipientGetsEachInput() throws {
    let scratch = try twoSinks()
    #expect(try night(scratch, ["--recipient", "alpha"]).status == 0)
    #expect(try counts(scratch) == [1, 0])
    let both = try night(scratch)
    #expect(both.status == 3 && both.stderr.contains("not for the recipient beta"), "\(both.stderr)")
    #expect(try counts(scratch) == [1, 0])
    #expect(try night(scratch, ["--recipient", "beta"]).status == 0)
    for arguments in [[], ["--recipient", "alpha"], ["--recipient", "beta"]] {
      #expect(try night(scratch, arguments).stderr.contains("nothing new"))
    }
    #expect(try counts(scratch) == [1, 1])
    try scratch.write("in/b.csv", "name\nBob\n")
    #expect(try night(scratch).status == 0)
    #expect(try counts(scratch) == [2, 2])
  }

  /// A trial run to a file of its own is no night.
  @Test func aTrialIsNoNight() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    try scratch.write(
      "pipeline.yaml",
      TestPipeline(source: "{path: in}", sink: "{path: \"out/{stem}.csv\"}", more: ["state: night.state"]).text)
    #expect(try night(scratch, ["--output", "try.csv"]).status == 0)
    #expect(try night(scratch).status == 0)
    #expect(try scratch.text("out/a.csv") == "name\nAda\n")
    #expect(try night(scratch).stderr.contains("nothing new"))
    #expect(try night(scratch, ["--output", "try.csv"]).stderr.contains("nothing new"))
  }

  /// A state from before recipients were told apart holds for all of them.
  @Test func anOlderStateHoldsForAll() throws {
    let scratch = try twoSinks()
    #expect(try night(scratch).status == 0)
    var lines = try scratch.text("night.state").split(separator: "\n").filter { !$0.hasSuffix("\trecipient beta") }
    lines = lines.map { $0.hasSuffix("\trecipient alpha") ? $0.dropLast("\trecipient alpha".count) : $0 }
    lines[lines.count - 1] = "end\t\(lines.count - 1)"
    try scratch.write("night.state", lines.joined(separator: "\n") + "\n")
    for arguments in [[], ["--recipient", "beta"]] {
      #expect(try night(scratch, arguments).stderr.contains("nothing new"))
    }
  }

  /// Two names that look the same, and one that ends in a carriage return.
  @Test func namesAreBytes() throws {
    let scratch = try Scratch()
    try scratch.write(
      "pipeline.yaml",
      TestPipeline(
        source: "{path: 'in/*', format: csv}", sink: "{path: \"out/{run}.csv\"}", more: ["state: night.state"]
      ).text)
    try scratch.write("in/x", "")
    try FileManager.default.removeItem(atPath: scratch.path("in/x"))
    for (name, text) in [
      ("\u{E9}", "name\nA\n"), ("e\u{301}", "name\nB\n"), ("a\r", "name\nC\n"), ("\t\u{301}", "name\nD\n"),
    ] {
      // As the system takes names: Foundation would make one of the first two.
      let file = open(scratch.path("in/") + name, O_WRONLY | O_CREAT, 0o600)
      #expect(file >= 0 && write(file, text, text.utf8.count) == text.utf8.count)
      close(file)
    }
    #expect(try night(scratch).stderr.contains("read 4, wrote 4"))
    let second = try night(scratch)
    #expect(second.status == 0 && second.stderr.contains("nothing new"), "\(second.stderr)")
  }

  /// Killed at each rename: what goes with the export is made good with it.
  @Test func aKilledNightLosesNoQuarantineAndNoCrosswalk() throws {
    var kills = 0
    for kill in 1...9 {
      let scratch = try Scratch()
      try scratch.write("in/a.csv", "name\nAda\nBob,x\n")
      #expect(try Veil.run(["key", "ring", "new", "k.ring.yaml"], directory: scratch.root).status == 0)
      #expect(try Veil.run(["key", "ring", "rotate", "k.ring.yaml"], directory: scratch.root).status == 0)
      try scratch.write(
        "pipeline.yaml",
        """
        version: 1
        name: test
        source: {path: in}
        keys: {k: {ring: k.ring.yaml}}
        fields: {name: {pseudonym: {key: k, crosswalk: walk.csv}}}
        bad_records: {action: skip, quarantine: "bad-{run}.jsonl"}
        state: night.state
        sink: {path: "out/{run}.csv"}

        """)
      let killed = try Command.run(
        "strace",
        [
          "-f", "-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:signal=KILL:when=\(kill)", Veil.path,
          "run", "pipeline.yaml", "--lineage", "event.json",
        ], directory: scratch.root)
      if killed.status == 0 { break }
      kills += 1
      let next = try night(scratch, ["--lineage", "event.json"])
      #expect(next.status == 0, "\(kill): \(next.stderr)")
      #expect(try scratch.list("out").count == 1, "\(kill)")
      let run = try scratch.list("out")[0].dropLast(4)
      #expect(try scratch.text("bad-\(run).jsonl").split(separator: "\n").count == 1, "\(kill)")
      #expect(try scratch.list().count { $0.hasPrefix("bad-") } == 1, "\(kill)")
      #expect(try scratch.text("walk.csv").split(separator: "\n").count == 2, "\(kill)")
      #expect(scratch.exists("event.json"), "\(kill)")
    }
    #expect(kills >= 5, "state, export, crosswalk, lineage event, quarantine, state")
  }

  /// Limits, figures and checks of a night with several exports are the night's, and each manifest has its own checks.
  @Test func figuresAreOfAllExports() throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\nBob,x\n")
    try scratch.write("in/b.csv", "name\nCid\nDan\nEva,x\n")
    func run(limit: Int) throws -> Outcome {
      let pipeline = TestPipeline(
        source: "{path: in}", sink: "{path: \"out/{stem}.csv\"}",
        more: [
          "bad_records: {action: skip, limit: \(limit)}", "checks: [{min_records: 2, severity: warn}]",
        ])
      try scratch.write("pipeline.yaml", pipeline.text)
      return try night(
        scratch, ["--report", "report.json", "--metrics", "veil.prom", "--manifest", "m-{stem}.json", "--rerun"])
    }
    let most = try run(limit: 1)
    #expect(most.status == 1 && most.stderr.contains("more bad records than"), "\(most.stderr)")
    var report = try object(scratch, "report.json")
    #expect((report["records"] as? [String: Any])?["bad"] as? Int == 2)
    #expect((report["records"] as? [String: Any])?["read"] as? Int == 5)
    let places = try #require(report["bad_records"] as? [String])
    #expect(places.count == 2 && places[1].contains("in/b.csv: record 3"), "\(places)")

    #expect(try run(limit: 2).status == 0)
    report = try object(scratch, "report.json")
    #expect(report["bytes_read"] as? Int == 15 + 19)
    #expect(try scratch.text("veil.prom").contains("veil_run_input_bytes{pipeline=\"test\"} 34\n"))
    for (stem, passed) in [("a", false), ("b", true)] {
      let checks = try #require(try object(scratch, "m-\(stem).json")["checks"] as? [[String: Any]])
      #expect(checks.count == 1 && checks[0]["passed"] as? Bool == passed, "\(stem): \(checks)")
    }
  }

  private func object(_ scratch: Scratch, _ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: scratch.data(name)) as? [String: Any])
  }
}
