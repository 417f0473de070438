import Foundation
import Testing

/// `erase` and `prune` that are killed, that meet a run, or that cannot remove a file.
@Suite struct RightsCrashTests {
  /// Killed at every call that changes a file; whatever comes next ends what was begun.
  @Test func everyCrashPointIsMendedByTheNextCommand() throws {
    let environment = ["VEIL_BIN": Veil.path, "TMPDIR": NSTemporaryDirectory(), "FAULT_STRIDE": "4"]
    let program = try Command("python3", [Repository.support("faults/rights_crashes.py")], environment: environment)
    let outcome = try program.finish(within: 400)
    if outcome.status == 77 { return print("rights_crashes.py: \(outcome.text)") }
    #expect(outcome.status == 0, "\(outcome.stderr.suffix(3000))")
    #expect(outcome.text.contains("killed"), "\(outcome.text)")
  }

  private static let pipeline = Shop.pipeline()

  private func published(_ pipeline: String = pipeline) throws -> Scratch {
    try Shop.published(pipeline, input: "email\nada@x.org\nbob@x.org\n")
  }

  /// What a killed run or erasure left under a hidden name is removed by whoever comes by, whatever its name was.
  @Test(arguments: [
    "find --subject ada@x.org out --pipeline p.yaml", "erase --list gone.txt out --pipeline p.yaml", "prune out",
    "run p.yaml",
  ])
  func leftoversAreSwept(_ command: String) throws {
    let scratch = try published()
    try scratch.write("out/.x-2020-01-01.csv.veil-0123456789abcdef.tmp", try scratch.data("out/x.csv"))
    #expect(try scratch.veil(command).status == 0)
    #expect(try scratch.list("out").allSatisfy { !$0.contains(".tmp") })
  }

  /// A dry run changes nothing, and says that there is something.
  @Test func aDryRunLeavesTheLeftovers() throws {
    let scratch = try published()
    let name = "out/.x.csv.veil-0123456789abcdef.tmp"
    try scratch.write(name, try scratch.data("out/x.csv"))
    let outcome = try scratch.veil("erase --list gone.txt out --pipeline p.yaml --dry-run")
    #expect(outcome.status == 1 && outcome.stderr.contains(name), "\(outcome.stderr)")
    #expect(scratch.exists(name))
  }

  /// A journal that is not Veil's ends every command with an error that names it.
  @Test func aStrangeJournalIsAnError() throws {
    let scratch = try published()
    try scratch.write("out/.veil-journal-0123456789abcdef", "nonsense")
    let before = try scratch.data("out/x.csv")
    for command in ["run p.yaml", "prune out", "erase --list gone.txt out --pipeline p.yaml"] {
      let outcome = try scratch.veil(command)
      #expect(outcome.status != 0 && (outcome.text + outcome.stderr).contains("out"), "\(command): \(outcome.text)")
      #expect(try scratch.data("out/x.csv") == before)
    }
  }

  /// Where the replaced file cannot be taken away, the erasure does not claim that the person is gone.
  @Test func aRemovalThatFailsIsAnError() throws {
    let scratch = try published()
    let probe = try Command.run("strace", ["-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"])
    guard probe.status == 0 else { return }
    let outcome = try Command.run(
      "strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=unlinkat", "-e", "inject=unlinkat:error=EPERM", Veil.path, "erase",
        "--list", "gone.txt", "out", "--pipeline", "p.yaml",
      ], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 3 && outcome.stderr.contains("cannot be removed"), "\(outcome.stderr)")
    // The next command mends it.
    #expect(try scratch.veil("find --subject ada@x.org out --pipeline p.yaml").text.contains("not in: out/x.csv"))
    #expect(try scratch.list("out").allSatisfy { !$0.contains(".tmp") && !$0.contains("journal") })
  }

  // MARK: Locks

  /// Whoever publishes to a file, whether by its name or by a pattern of names, keeps `erase` and `prune` away.
  @Test(arguments: ["x.csv", "{stem}.csv", "x-{date}.csv", "{stem}-{run}.csv", "{date}/{stem}.csv"])
  func aRunExcludesThem(_ name: String) throws {
    let template = Self.pipeline.replacing("out/x.csv", with: "\"out/\(name)\"")
      .replacing("out/shop.manifest.json", with: "\"out/\(name.replacing(".csv", with: ".json"))\"")
    let scratch = try Scratch()
    try scratch.write("out/2026-06-01/.keep", "")
    try scratch.write("p.yaml", template)
    try scratch.write("x.csv", "email\nada@x.org\nbob@x.org\n")
    try scratch.write("gone.txt", "ada@x.org\n")
    let made = try scratch.veil("run p.yaml --as-of 2026-06-01 --input x.csv")
    #expect(made.status == 0, "\(made.stderr)")
    try FileManager.default.removeItem(atPath: scratch.path("x.csv"))
    #expect(mkfifo(scratch.path("x.csv"), 0o600) == 0)
    let run = try Command(
      Veil.path, ["run", "p.yaml", "--as-of", "2026-06-01", "--input", "x.csv"], environment: TestKey.environment,
      directory: scratch.root)
    // The pipe is open for writing once the run reads it.
    var pipe: Int32 = -1
    for _ in 0..<10_000 where pipe < 0 {
      pipe = open(scratch.path("x.csv"), O_WRONLY | O_NONBLOCK)
      if pipe < 0 { usleep(1000) }
    }
    try #require(pipe >= 0)
    for command in ["erase --list gone.txt out --pipeline p.yaml", "prune out --as-of 2027-01-01"] {
      let outcome = try scratch.veil(command)
      #expect(outcome.status == 5 && outcome.stderr.contains("another run holds"), "\(name): \(outcome.stderr)")
    }
    let text = Array("email\nbob@x.org\n".utf8)
    #expect(write(pipe, text, text.count) == text.count)
    close(pipe)
    #expect(try run.finish().status == 0)
    #expect(try scratch.veil("erase --list gone.txt out --pipeline p.yaml").status == 0)
    #expect(try scratch.veil("prune out --as-of 2027-01-01").status == 0)
  }

  /// And the other way round: while the lock of a file is held, a run does not publish to it.
  @Test(arguments: ["{stem}.csv", "{stem}-{date}.csv"]) func theyExcludeARun(_ name: String) throws {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      Self.pipeline.replacing("out/x.csv", with: "\"out/\(name)\"").replacing("shop.manifest", with: "{stem}.manifest"))
    try scratch.write("in.csv", "email\nada@x.org\n")
    try scratch.write("out/.keep", "")
    let file = name.replacing("{stem}", with: "in").replacing("{date}", with: "2026-06-01")
    let lock = open(
      try scratch.write("out/.\(file).veil-lock", "process 1 on here, since now, run x\n"), O_RDWR | O_CLOEXEC)
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let held = try scratch.veil("run p.yaml --as-of 2026-06-01")
    #expect(held.status == 5 && held.stderr.contains("holds the lock of"), "\(held.stderr)")
    close(lock)
    #expect(try scratch.veil("run p.yaml --as-of 2026-06-01").status == 0)
  }

  /// A manifest that changed after it was read is not overwritten.
  @Test func whatChangedMeanwhileIsNotReplaced() throws {
    let scratch = try published()
    let probe = try Command.run("strace", ["-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"])
    guard probe.status == 0 else { return }
    // The audit log is the last thing before the files change: it is held up by its lock.
    let log = open(try scratch.write("audit.jsonl", ""), O_RDWR)
    for command in [
      ["erase", "--list", "gone.txt", "out", "--pipeline", "p.yaml"], ["prune", "out", "--as-of", "2027-01-01"],
    ] {
      #expect(flock(log, LOCK_EX) == 0)
      let running = try Command(
        Veil.path, command + ["--audit", "audit.jsonl"], environment: TestKey.environment, directory: scratch.root)
      for _ in 0..<10_000 where try !scratch.list("out").contains(where: { $0.hasSuffix(".tmp") }) { usleep(1000) }
      let manifest = try scratch.text("out/shop.manifest.json")
      try scratch.write("out/shop.manifest.json", manifest + "\n")
      flock(log, LOCK_UN)
      let outcome = try running.finish()
      #expect(outcome.status == 3 && outcome.stderr.contains("changed or replaced meanwhile"), "\(outcome.stderr)")
      #expect(try scratch.text("out/shop.manifest.json") == manifest + "\n" && scratch.exists("out/x.csv"))
      #expect(try scratch.text("out/x.csv").split(separator: "\n").count == 3)
      try scratch.write("out/shop.manifest.json", manifest)
    }
  }
}
