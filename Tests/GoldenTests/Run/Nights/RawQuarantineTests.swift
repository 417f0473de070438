import Foundation
import Testing

/// Bad records that are kept whole: for one pair of eyes, and never in clear on the disk.
@Suite struct RawQuarantineTests {
  private static let rule = "bad_records: {action: skip, quarantine: bad.cms, raw: {certificate: s.pem}}"

  /// Makes a key and a certificate with stock OpenSSL.
  private func steward(_ scratch: Scratch, key: [String] = ["rsa:2048"], _ more: [String] = []) throws {
    let made = try Command.run(
      "openssl",
      ["req", "-x509", "-newkey"] + key + [
        "-nodes", "-keyout", "s.key", "-out", "s.pem", "-subj", "/CN=s", "-days", "30",
      ]
        + more, directory: scratch.root)
    try #require(made.status == 0, "\(made.stderr)")
  }

  private func opened(_ scratch: Scratch, _ file: String = "bad.cms") throws -> [[String: Any]] {
    let opened = try Command.run(
      "openssl", ["cms", "-decrypt", "-inform", "DER", "-in", file, "-inkey", "s.key", "-recip", "s.pem"],
      directory: scratch.root)
    #expect(opened.status == 0, "\(opened.stderr)")
    return try opened.text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// The bytes of a record, in whichever form they are told.
  private func raw(_ entry: [String: Any]) -> Data? {
    if let text = entry["raw"] as? String { return Data(text.utf8) }
    return (entry["raw_base64"] as? String).flatMap { Data(base64Encoded: $0) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let form: String
    let input: Data
    let bad: [Data]
    var testDescription: String { form }
  }

  static let cases = [
    Case(
      form: "csv",
      input: Data("a,b\r\n1,x\r\ncanary1\r\n2,y\r\ncanary2,\"z\"z\r\n3,".utf8) + Data([0xFF, 0x63, 0x0A])
        + Data("4,5,\n6,\"open canary\n7,\n".utf8),
      bad: [
        Data("canary1".utf8), Data("canary2,\"z\"z".utf8), Data("3,".utf8) + Data([0xFF, 0x63]), Data("4,5,".utf8),
        Data("6,\"open canary".utf8),
      ]),
    Case(
      form: "tsv", input: Data("a\tb\n1\tx\ncanary\n2\t\t\n".utf8), bad: [Data("canary".utf8), Data("2\t\t".utf8)]),
    Case(
      form: "ndjson", input: Data("{\"a\":1}\n  {\"a\": canary}  \r\n{\"a\":\"\\x\"\n\"canary \u{1}\"\n{\"a\":2}".utf8),
      bad: [Data("{\"a\": canary}".utf8), Data("{\"a\":\"\\x\"".utf8), Data("\"canary \u{1}\"".utf8)]),
    Case(
      form: "json", input: Data("[ {\"a\":[1,2]},\n {\"a\":[canary,2] } , {\"a\":3}, [\"canary\",{}] ]\n".utf8),
      bad: [Data("{\"a\":[canary,2] }".utf8), Data("[\"canary\",{}]".utf8)]),
  ]

  /// Every record as it came, in every format, however the input is cut and on however many threads.
  @Test(arguments: cases)
  func badRecordsAreKeptAsTheyCame(_ test: Case) throws {
    for (threads, size) in [(1, 1 << 20), (2, 8), (3, 1)] {
      let scratch = try Scratch()
      try steward(scratch, key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
      let pipeline = TestPipeline(
        source: "{path: in.\(test.form)}", sink: "{path: out.\(test.form)}", more: [Self.rule])
      let outcome = try scratch.run(
        pipeline, on: test.input, named: "in.\(test.form)",
        arguments: ["--threads", "\(threads)", "--manifest", "m.json", "--report", "r.json"],
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let found = try opened(scratch)
      #expect(found.map(raw) == test.bad.map(Optional.some), "\(found)")
      for entry in found {
        #expect((entry["reason"] as? String)?.isEmpty == false && entry["file"] as? String == "in.\(test.form)")
      }
      #expect(try scratch.mode("bad.cms") == 0o600)
      for name in ["bad.cms", "m.json", "r.json", "out.\(test.form)"] {
        #expect(try scratch.data(name).range(of: Data("canary".utf8)) == nil, "\(name)")
      }
      #expect(!outcome.stderr.contains("canary"), "\(outcome.stderr)")
      #expect(try scratch.text("m.json").contains("\"certificate_sha256\""))
      #expect(try scratch.list().filter { $0.hasPrefix(".") }.isEmpty)
    }
  }

  /// Values that a stage or a hierarchy cannot read make bad records too; two passes keep each once.
  @Test func valuesThatCannotBeReadAndTwoPasses() throws {
    let scratch = try Scratch()
    try steward(scratch)
    let pipeline = TestPipeline(
      fields: [
        "id: drop", "n: {round: {to: 1}}", "b: {class: quasi, hierarchy: {interval: {width: 5, levels: 3}}}",
      ], unlisted: "error", more: ["anonymity: {k: 2, suppress: 0%}", Self.rule])
    let outcome = try scratch.run(pipeline, on: "id,n,b\n1,1,2\ncanary,x,2\n2,2,3\n\"canary,2\",3,y\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let found = try opened(scratch)
    #expect(found.map { $0["raw"] as? String } == ["canary,x,2", "\"canary,2\",3,y"])
    #expect(found.map { $0["field"] as? String } == ["n", "b"])
    #expect(found.map { $0["record"] as? Int } == [2, 4])
    // A clean night leaves it, and one that finds more writes another beside it.
    let before = try scratch.data("bad.cms")
    #expect(try scratch.run(pipeline, on: "id,n,b\n1,1,2\n2,2,3\n").status == 0)
    #expect(try scratch.list().filter { $0.contains(".cms") } == ["bad.cms"])
    #expect(try scratch.run(pipeline, on: "id,n,b\n1,1,2\n3,y,2\n2,2,3\n").status == 0)
    #expect(try scratch.data("bad.cms") == before)
    let beside = try #require(try scratch.list().first { $0.hasPrefix("bad-") })
    #expect(beside.hasSuffix(".cms"))
    #expect(try opened(scratch, beside).map { $0["raw"] as? String } == ["3,y,2"])
  }

  /// It is needed most when bad records end the run.
  @Test(arguments: [("error", "", Int32(3)), ("skip", "limit: 1, ", 1), ("skip", "limit: 10%, ", 1)])
  func aFailedRunHasOneToo(_ action: String, _ limit: String, _ status: Int32) throws {
    let scratch = try Scratch()
    try steward(scratch)
    try scratch.write("bad.cms", "old")
    let rule = "bad_records: {action: \(action), \(limit)quarantine: bad.cms, raw: {certificate: s.pem}}"
    let outcome = try scratch.run(TestPipeline(more: [rule]), on: "a,b\n1,x\ncanary1\n2,y\ncanary2\n3,z\n")
    #expect(outcome.status == status, "\(outcome.stderr)")
    #expect(!scratch.exists("out.csv"))
    #expect(try scratch.text("bad.cms") == "old", "nothing can be added to it, and nothing replaces it")
    let own = try #require(try scratch.list().first { $0.hasPrefix("bad-") })
    #expect(try opened(scratch, own).first?["raw"] as? String == "canary1")
    #expect(try opened(scratch, own).count == (status == 3 ? 1 : 2))
    if status == 1 { #expect(outcome.stderr.contains("; \(own) lists them"), "\(outcome.stderr)") }
    // One that found nothing bad before it failed leaves what was there.
    let before = try scratch.list()
    let other = TestPipeline(more: [rule, "checks: [{min_records: 9}]"])
    #expect(try scratch.run(other, on: "a,b\n1,x\n").status == 1)
    #expect(try scratch.list() == before)
  }

  /// A record of many blocks, as text and as bytes.
  @Test func longRecords() throws {
    let scratch = try Scratch()
    try steward(scratch)
    let long = String(repeating: "canary \u{e9}\u{1F600}\"\\\t\u{1} ", count: 40_000)
    var bytes = Data(long.utf8)
    bytes[bytes.count - 7] = 0xFF
    let input = Data("a,b\n1,x\n".utf8) + Data(long.utf8) + Data("\n".utf8) + bytes + Data("\n2,y\n".utf8)
    let pipeline = TestPipeline(more: [Self.rule])
    let outcome = try scratch.run(
      TestPipeline(source: "{path: in.csv, csv: {quote: \"|\"}}", more: pipeline.more), on: input)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let found = try opened(scratch)
    #expect(found.map(raw) == [Data(long.utf8), bytes])
    #expect(found.map { $0["raw"] == nil } == [false, true])
  }

  /// Neither while it works nor after it was killed is there anything to read on the disk.
  @Test func nothingInClearWhileItRuns() throws {
    let scratch = try Scratch()
    try steward(scratch)
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.fifo, format: csv}", more: [Self.rule]).text)
    try #require(mkfifo(scratch.path("in.fifo"), 0o600) == 0)
    let run = try Command(
      "strace",
      [
        "-f", "-qq", "-s", "200000", "-e", "trace=write,pwrite64,writev", "-o", "trace", Veil.path, "run",
        "pipeline.yaml",
      ],
      environment: TestKey.environment.merging(["VEIL_CHUNK_BYTES": "100"]) { $1 }, directory: scratch.root)
    var pipe: Int32 = -1
    for _ in 0..<5000 where pipe < 0 {
      pipe = open(scratch.path("in.fifo"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if pipe < 0 { usleep(1000) }
    }
    try #require(pipe >= 0)
    let bytes = Array(("a,b\n" + String(repeating: "1,x\ncanary\n", count: 2000)).utf8)
    #expect(write(pipe, bytes, bytes.count) == bytes.count)
    close(pipe)
    let outcome = try run.finish()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let trace = try scratch.text("trace")
    #expect(trace.contains("write(") && !trace.contains("canary"))
    #expect(try opened(scratch).count == 2000)
  }

  /// Killed at every call that changes a file: none, or the new one whole.
  @Test func aKilledRunLeavesNoneOrAWholeOne() throws {
    let scratch = try Scratch()
    try steward(scratch, key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
    try scratch.write("pipeline.yaml", TestPipeline(more: [Self.rule]).text)
    try scratch.write("in.csv", "a,b\n1,x\ncanary1\n")
    var kills = 0
    for call in ["write", "fsync", "linkat", "renameat"] {
      for when in 1...40 {
        for name in ["bad.cms", "out.csv"] { try? FileManager.default.removeItem(atPath: scratch.path(name)) }
        let outcome = try Command.run(
          "strace",
          [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(when)",
            Veil.path, "run", "pipeline.yaml", "--threads", "1",
          ], environment: TestKey.environment, directory: scratch.root)
        if outcome.status == 0 { break }
        #expect(outcome.status == 137, "\(outcome.stderr)")
        kills += 1
        if scratch.exists("bad.cms") {
          #expect(try opened(scratch).map { $0["raw"] as? String } == ["canary1"], "\(call) \(when)")
        }
        for name in try scratch.list() where name.hasPrefix(".") {
          #expect(try scratch.mode(name) == 0o600)
          #expect(try scratch.data(name).range(of: Data("canary".utf8)) == nil)
        }
      }
    }
    #expect(kills > 6)
    try? FileManager.default.removeItem(atPath: scratch.path("bad.cms"))
    #expect(
      try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root).status == 0)
    #expect(try scratch.list() == ["bad.cms", "in.csv", "out.csv", "pipeline.yaml", "s.key", "s.pem"])
  }

  // MARK: What is refused

  private func expectRefused(_ scratch: Scratch, _ rule: String, _ message: String, _ arguments: [String] = []) throws {
    try scratch.write("pipeline.yaml", TestPipeline(more: ["bad_records: {\(rule)}"]).text)
    try scratch.write("in.csv", "a\n1\n")
    let before = try scratch.list()
    for command in ["check", "run"] {
      let outcome = try Veil.run(
        [command, "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 2 && outcome.stderr.contains(message), "\(command): \(outcome.stderr)")
    }
    #expect(try scratch.list() == before)
  }

  @Test func mistakesAreShown() throws {
    let scratch = try Scratch()
    try steward(scratch)
    let raw = "raw: {certificate: s.pem}"
    try expectRefused(scratch, "action: skip, \(raw)", "pipeline.yaml:8:34: error: 'raw' needs 'quarantine'")
    try expectRefused(scratch, "quarantine: bad.cms, raw: true", "'raw' must be {certificate: PATH}, not")
    try expectRefused(scratch, "quarantine: bad.cms, raw: ", "'raw' must be {certificate: PATH}")
    try expectRefused(scratch, "quarantine: bad.cms, raw: {}", "'raw' needs 'certificate'")
    try expectRefused(scratch, "quarantine: bad.cms, raw: {cert: s.pem}", "unknown key 'cert' in 'raw'")
    try expectRefused(scratch, "quarantine: \"-\", \(raw)", "a quarantine is a file")
    try expectRefused(scratch, "quarantine: \"{stem}.cms\", \(raw)", "one quarantine for all of its inputs")
    try expectRefused(scratch, "quarantine: \"{day}.cms\", \(raw)", "{day} is nothing")
    try expectRefused(
      scratch, "quarantine: bad.cms, raw: {certificate: none.pem}",
      "pipeline.yaml:8:41: error: the certificate none.pem cannot be read")
    try expectRefused(
      scratch, "quarantine: bad.cms, raw: {certificate: in.csv}", "the certificate in.csv is refused: it holds no X.509"
    )
    try expectRefused(
      scratch, "quarantine: bad.cms, \(raw)", "the certificate s.pem is refused: it has expired",
      ["--as-of", "2099-01-01"])
    let written = try scratch.run(
      TestPipeline(more: ["bad_records: {quarantine: s.pem, \(raw)}"]), on: "a\n1\n")
    #expect(written.status == 2 && written.stderr.contains("s.pem, which the run reads"), "\(written.stderr)")
    try scratch.write("policy.yaml", "forbidden: [ssn]\n")
    try expectRefused(
      scratch, "quarantine: bad.cms, \(raw)", "forbids that 'ssn' leaves, and bad records are kept whole")
  }

  /// A certificate of which a letter was changed. Only where that makes the issuer's name another one, so that nobody can say
  /// who signed it, it may still be taken.
  @Test func aChangedCertificateIsRefused() throws {
    let scratch = try Scratch()
    try steward(scratch)
    try scratch.write("pipeline.yaml", TestPipeline(more: [Self.rule]).text)
    let good = try scratch.text("s.pem")
    let letters = Array(good.utf8)
    let head = "-----BEGIN CERTIFICATE-----\n".utf8.count
    var (tried, refused) = (0, 0)
    for place in stride(from: head, to: letters.count - 40, by: 61) where letters[place] != 0x0A {
      var changed = letters
      changed[place] = letters[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      try scratch.write("s.pem", Data(changed))
      let outcome = try Veil.run(["check", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
      tried += 1
      if outcome.status == 2, outcome.stderr.contains("the certificate s.pem is refused: it") {
        refused += 1
        continue
      }
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let names = try Command.run(
        "openssl", ["x509", "-in", "s.pem", "-noout", "-issuer", "-subject"], directory: scratch.root
      ).text.matches(of: #/=(.*)/#).map(\.output.1)
      #expect(Set(names).count == 2, "byte \(place): \(names)")
    }
    #expect(refused > tried * 3 / 4, "\(refused) of \(tried)")
    #expect(tried > 10)
  }

  @Test func explainAndRecordSaySo() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(more: [Self.rule]).text)
    let explained = try Veil.run(
      ["explain", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(explained.text.contains("bad.cms gets each of them WHOLE") && explained.text.contains("s.pem"))
    let record = try Veil.run(["record", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(record.text.contains("whoever has the private key of s.pem"), "\(record.text)\(record.stderr)")
  }

  /// A quarantine may have the day in its name; it never leads elsewhere.
  @Test func aNameForEachNight() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(more: ["bad_records: {action: skip, quarantine: \"bad/{name}-{date}.jsonl\"}"])
    let outcome = try scratch.run(pipeline, on: Data("a,b\n1\n".utf8), arguments: ["--as-of", "2024-02-29"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.list("bad") == ["test-2024-02-29.jsonl"])
  }
}
