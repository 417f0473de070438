import Foundation
import Testing

/// Keys as a user sees them: never in a message, never weak, fetched in time, and their rings never half changed.
@Suite struct KeySafetyTests {
  private static let hex = (0..<32).map { String(format: "%02x", ($0 * 89 + 91) & 255) }.joined()

  private func pipeline(_ key: String, _ more: String = "") -> String {
    "version: 1\nname: x\nsource: {path: in.csv}\nkeys:\n  k: \(key)\n\(more)fields: {id: {pseudonym: {key: k}}}\n"
      + "sink: {path: out.csv}\n"
  }

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("in.csv", "id\n1\n2\n")
    return scratch
  }

  private func run(_ scratch: Scratch, _ text: String, _ environment: [String: String] = [:]) throws -> Outcome {
    try scratch.write("p.yaml", text)
    return try Veil.run(["run", "p.yaml"], environment: environment, directory: scratch.root)
  }

  // MARK: Messages

  @Test(arguments: [["key", "ring", "inspect"], ["key", "ring", "rotate"], ["run"], ["check"], ["explain"]])
  func aKeyFileNamedByMistakeIsNotShown(_ words: [String]) throws {
    let scratch = try scratch()
    try scratch.write("c.key", "hex:\(Self.hex)\n")
    let outcome = try Veil.run(words + ["c.key"], directory: scratch.root)
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(!(outcome.stderr + outcome.text).contains(Self.hex.prefix(8)), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("this is no "), "\(outcome.stderr)")
  }

  @Test func aKeyWrittenAsAPathIsNotShown() throws {
    let scratch = try scratch()
    for place in ["{file: \"hex:\(Self.hex)\"}", "{file: \(Self.hex)}", "{ring: \"hex:\(Self.hex)\"}"] {
      let outcome = try run(scratch, pipeline(place))
      #expect(outcome.status == 2 && !outcome.stderr.contains(Self.hex.prefix(8)), "\(outcome.stderr)")
    }
    for words in [["key", "inspect"], ["key", "new"], ["key", "ring", "inspect"], ["run"]] {
      let outcome = try Veil.run(words + ["/nonexistent/a/hex:\(Self.hex)"], directory: scratch.root)
      #expect(outcome.status != 0 && !outcome.stderr.contains(Self.hex.prefix(8)), "\(outcome.stderr)")
    }
  }

  // MARK: Weak keys

  @Test(arguments: [
    (String(repeating: "\0", count: 32), "few different"), (String(repeating: "ab", count: 20), "few different"),
    ("hex:" + String(repeating: "00", count: 32), "few different"),
    ("correct horse battery staple and some more of it", "a text of words"),
    ("name,city\nAda,Paris\nBob,Rome\nEve,Oslo,nobody\n", "such as a table"),
    ("{\"name\": \"Ada\", \"city\": \"Paris\", \"id\": 12345}", "it is JSON"),
    ("id\n1001\n1002\n1003\n1004\n1005\n1006\n1007\n98\n", "such as a table"),
    ("version: 1\nname: people\nfields: {name: keep, a: drop}\n", "such as a table"),
  ])
  func weakKeysAreRefused(_ text: String, _ reason: String) throws {
    let scratch = try scratch()
    try scratch.write("weak.key", text)
    let outcome = try run(scratch, pipeline("{file: weak.key}"))
    #expect(outcome.status == 2 && outcome.stderr.contains(reason), "\(outcome.stderr)")
    #expect(!scratch.exists("out.csv"))
    let inspected = try Veil.run(["key", "inspect", "weak.key"], directory: scratch.root)
    #expect(inspected.status == 3 && inspected.stderr.contains(reason), "\(inspected.stderr)")
  }

  /// What random bytes may look like is taken.
  @Test(arguments: [
    "hex:\(hex)", hex + "\n", "Zm9vYmFyIGJhciBmb28gMTIzNDU2Nzg5MCBhYmNkZWZnaGk9",
    hex + "\n" + hex + "\n", "7hq.T2/w;9Kd,x0[bZ!mE4#rY8@pL1%sV6",
  ])
  func otherKeysAreTaken(_ text: String) throws {
    let scratch = try scratch()
    try scratch.write("good.key", text)
    let outcome = try run(scratch, pipeline("{file: good.key}"))
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test func variablesOfTheSystemAreNoKeys() throws {
    let scratch = try scratch()
    let outcome = try run(scratch, pipeline("{env: PATH}"))
    #expect(outcome.status == 2 && outcome.stderr.contains("PATH is a variable that programs set"), "\(outcome.stderr)")
    for words in [["key", "new", "a.key"], ["key", "inspect", "a.key"], ["key", "ring", "new", "a.ring.yaml"]] {
      let outcome = try Veil.run(words + ["--passphrase-env", "PATH"], directory: scratch.root)
      #expect(outcome.status == 2 && outcome.stderr.contains("holds no passphrase"), "\(outcome.stderr)")
    }
    #expect(!scratch.exists("a.key") && !scratch.exists("a.ring.yaml"))
  }

  // MARK: Commands

  @Test func aCommandSeesNoOtherKey() throws {
    let scratch = try scratch()
    let command = "{command: [sh, -c, \"env > seen; printf %s hex:\(Self.hex.reversed().map(String.init).joined())\"]}"
    // A key that stands in the pipeline is refused, so the command reads it from a file.
    #expect(try run(scratch, pipeline(command)).status == 2)
    try scratch.write("c.key", "hex:\(Self.hex)")
    let outcome = try run(
      scratch, pipeline("{command: [sh, -c, \"env > seen; cat c.key\"]}", "  other: {env: VEIL_OTHER}\n"),
      ["VEIL_OTHER": "7hqT2w9KdxZmE4rY8pL1sV6bNc3gJ5f0", "UNNAMED": "hex:\(Self.hex)", "PLAIN": "yes"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let seen = try scratch.text("seen")
    #expect(seen.contains("PLAIN=yes") && seen.contains("PATH="))
    #expect(!seen.contains("VEIL_OTHER") && !seen.contains("UNNAMED") && !seen.contains(Self.hex.prefix(8)), "\(seen)")
  }

  @Test(arguments: ["exec sleep 60", "cat c.key; exec sleep 60", "cat c.key; exec >&-; exec sleep 60"])
  func aCommandHasATime(_ line: String) throws {
    let scratch = try scratch()
    try scratch.write("c.key", "hex:\(Self.hex)")
    let begun = Date()
    let outcome = try run(scratch, pipeline("{command: [sh, -c, \"\(line)\"], timeout: 1s}"))
    #expect(outcome.status == 2 && outcome.stderr.contains("gave no key within 1 seconds"), "\(outcome.stderr)")
    #expect(Date().timeIntervalSince(begun) < 20)
    #expect(!scratch.exists("out.csv"))
  }

  // MARK: Rings

  @Test(arguments: [0o666, 0o620, 0o602]) func aRingThatOthersCanWriteIsRefused(_ mode: Int) throws {
    let scratch = try scratch()
    #expect(try scratch.veil("key ring new k.ring.yaml").status == 0)
    chmod(scratch.path("k.ring.yaml"), mode_t(mode))
    let outcome = try run(scratch, pipeline("{ring: k.ring.yaml}"))
    #expect(outcome.status == 2 && outcome.stderr.contains("can be changed by others"), "\(outcome.stderr)")
    for line in ["key ring rotate k.ring.yaml", "key ring inspect k.ring.yaml", "check p.yaml"] {
      #expect(try scratch.veil(line).status == 2)
    }
    #expect(try scratch.list().filter { $0.hasSuffix(".key") } == ["k.k1.key"])
  }

  @Test func aStateThatOthersCanWriteIsRefused() throws {
    let scratch = try scratch()
    let text = TestPipeline(sink: "{path: \"out-{stem}.csv\"}", more: ["state: state.tsv"]).text
    #expect(try run(scratch, text, TestKey.environment).status == 0)
    chmod(scratch.path("state.tsv"), 0o660)
    let outcome = try run(scratch, text, TestKey.environment)
    #expect(outcome.status == 2 && outcome.stderr.contains("can be changed by others (mode 660)"), "\(outcome.stderr)")
  }

  @Test func oneCommandAtATimeChangesARing() throws {
    let scratch = try Scratch()
    #expect(try scratch.veil("key ring new k.ring.yaml").status == 0)
    let both = try (0..<8).map { _ in
      try Command(Veil.path, ["key", "ring", "rotate", "k.ring.yaml"], directory: scratch.root)
    }
    let ended = try both.map { try $0.finish() }
    let rotated = ended.count { $0.status == 0 }
    #expect(rotated >= 1 && ended.allSatisfy { [0, 5].contains($0.status) }, "\(ended.map(\.stderr))")
    let ring = try scratch.text("k.ring.yaml")
    #expect(ring.components(separatedBy: "state:").count - 1 == 1 + rotated, "\(ring)")
    #expect(try scratch.list().count == 2 + rotated)
  }

  /// A command that was ended before it wrote the ring left a key file. The next takes it, and says so.
  @Test func aKeyFileThatNoRingNamesIsTaken() throws {
    let scratch = try Scratch()
    #expect(try scratch.veil("key new k.k1.key").status == 0)
    let made = try scratch.veil("key ring new k.ring.yaml")
    #expect(made.status == 0 && made.text.contains("its file was there already"), "\(made.text)")
    #expect(try scratch.veil("key ring rotate k.ring.yaml").text.contains("k2 is active"))
    try scratch.write("l.k1.key", "hex:0011\n")
    #expect(try scratch.veil("key ring new l.ring.yaml").status == 3)
    // A key of another ring is not shared.
    let other = try scratch.veil("key ring new k.yaml")
    #expect(other.status == 3 && other.stderr.contains("k.ring.yaml"), "\(other.stderr)")
    #expect(!scratch.exists("k.yaml"))
  }

  @Test func killedCommandsLeaveNothingHalf() throws {
    try FaultScript.check("key_crash_points.py", ["FAULT_STRIDE": "3"], atLeast: 25, of: #/killed (\d+) times/#)
  }

  @Test func noFileInAWrongPlaceIsShown() throws {
    try FaultScript.check("wrong_files.py", ["SAMPLE": "40"], atLeast: 80, of: #/(\d+) commands/#)
  }
}

/// A script of `Support/Scripts/faults`, which says how much it did.
private enum FaultScript {
  static func check(
    _ name: String, _ environment: [String: String], atLeast least: Int, of pattern: Regex<(Substring, Substring)>
  ) throws {
    let environment = environment.merging(["VEIL_BIN": Veil.path, "TMPDIR": NSTemporaryDirectory()]) { $1 }
    let outcome = try Command("python3", [Repository.support("faults/\(name)")], environment: environment)
      .finish(within: 300)
    if outcome.status == 77 {
      print("\(name): \(outcome.text)")
      #expect(ProcessInfo.processInfo.environment["VEIL_REQUIRE_STRACE"] == nil)
      return
    }
    #expect(outcome.status == 0, "\(name): \(outcome.stderr.suffix(3000))")
    let match = try #require(outcome.text.firstMatch(of: pattern), "\(outcome.text)")
    #expect((Int(match.output.1) ?? 0) >= least, "\(outcome.text)")
  }
}
