import Foundation
import Testing

/// What a run leaves behind to answer for: the audit log, manifests with a last day, lineage events; and what `veil
/// prune` does with them.
@Suite struct AccountTests {
  static let people = """
    id,email,phone,city,note
    p-canary-1,Ada.Canary@example.org,+49 151 23456789,Canaryville,"free canary, text"
    p-canary-2,bob@example.org,+49 151 99999999,Bonn,none
    p-canary-1,Ada.Canary@example.org,+49 151 23456789,Canaryville,again

    """

  static let pipeline = """
    version: 1
    name: shop
    purpose: analytics
    manifest: out/shop.manifest.json
    audit: audit.jsonl
    lineage: shop.lineage.json
    source: {path: in.csv, subject: id}
    keys: {k: {file: k.key}}
    fields:
      id: {pseudonym: {key: k}}
      email: [trim, lowercase, {hash: {algorithm: sha256, salt: k}}]
      phone: drop
      city: {class: quasi, stages: [{truncate: {keep: 1}}]}
      note: {class: sensitive, stages: [keep], because: "a test"}
    sinks:
      - {path: out/lab.csv, recipient: lab, expires: 90 days}
      - {path: out/bank.ndjson.gz, recipient: bank, expires: 1 year, fields: {email: drop, note: drop}}

    """

  /// A folder with the export made, on the last day of January.
  static func published() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", people)
    #expect(try Veil.run(["key", "new", "k.key"], directory: scratch.root).status == 0)
    let outcome = try Veil.run(["run", "p.yaml", "--as-of", "2026-01-31"], directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return scratch
  }

  static func json(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func lines(_ scratch: Scratch, _ name: String = "audit.jsonl") throws -> [String] {
    try scratch.text(name).split(separator: "\n").map(String.init)
  }

  private func verify(_ scratch: Scratch, _ lines: [String], _ more: String...) throws -> Outcome {
    try scratch.write("changed.jsonl", lines.map { $0 + "\n" }.joined())
    return try Veil.run(["audit", "verify", "changed.jsonl"] + more, directory: scratch.root)
  }

  // MARK: The audit log

  @Test func everyRunAppendsALineToTheChain() throws {
    let scratch = try Self.published()
    for _ in 0..<3 {
      #expect(try Veil.run(["run", "p.yaml", "--as-of", "2026-01-31"], directory: scratch.root).status == 0)
    }
    #expect(try Veil.run(["run", "p.yaml", "--dry-run"], directory: scratch.root).status == 0)
    let lines = try lines(scratch)
    #expect(lines.count == 4)
    #expect(try scratch.mode("audit.jsonl") == 0o600)
    // Independently: each line names the digest of the one before it, as sha256sum makes it.
    let sums = try Command.run(
      "bash", ["-c", "while IFS= read -r line; do printf '%s' \"$line\" | sha256sum; done < audit.jsonl"],
      directory: scratch.root
    ).text.split(separator: "\n").map { String($0.prefix(64)) }
    let parsed = try lines.map { try Self.json(Data($0.utf8)) }
    #expect(parsed[0]["previous"] as? String == String(repeating: "0", count: 64))
    for index in 1..<4 { #expect(parsed[index]["previous"] as? String == sums[index - 1]) }
    #expect(parsed.map { $0["sequence"] as? Int } == [1, 2, 3, 4])
    let manifest = try Self.json(try scratch.data("out/shop.manifest.json"))
    let outputs = try #require(manifest["outputs"] as? [[String: Any]])
    let said = try #require(parsed[3]["outputs"] as? [[String: Any]])
    #expect(said.map { $0["sha256"] as? String } == outputs.map { $0["sha256"] as? String })
    let sum = try Command.run("sha256sum", ["out/shop.manifest.json"], directory: scratch.root).text.prefix(64)
    #expect((parsed[3]["manifest"] as? [String: Any])?["sha256"] as? String == String(sum))

    let whole = try Veil.run(["audit", "verify", "audit.jsonl"], directory: scratch.root)
    #expect(whole.status == 0 && whole.text.contains("4 lines") && whole.text.contains("head: \(sums[3])"))
  }

  @Test func anyChangeOfTheLogIsFound() throws {
    let scratch = try Self.published()
    for _ in 0..<4 {
      #expect(try Veil.run(["run", "p.yaml", "--as-of", "2026-01-31"], directory: scratch.root).status == 0)
    }
    let good = try lines(scratch)
    #expect(try verify(scratch, good).status == 0)
    // A letter of any line, the last one too.
    for index in good.indices {
      for place in [3, good[index].utf8.count / 2, good[index].utf8.count - 10] {
        var bytes = Array(good[index].utf8)
        bytes[place] = bytes[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        var changed = good
        changed[index] = String(decoding: bytes, as: UTF8.self)
        #expect(try verify(scratch, changed).status == 1, "line \(index), byte \(place)")
      }
      var removed = good
      removed.remove(at: index)
      // What is cut off at the end shows only against a head that was kept.
      #expect(try verify(scratch, removed).status == (index == 4 ? 0 : 1), "removed \(index)")
      var twice = good
      twice.insert(good[index], at: index)
      #expect(try verify(scratch, twice).status == 1, "twice \(index)")
    }
    for (first, second) in [(0, 1), (1, 3), (3, 4)] {
      var moved = good
      moved.swapAt(first, second)
      #expect(try verify(scratch, moved).status == 1)
    }
    let heads = try Veil.run(["audit", "verify", "audit.jsonl"], directory: scratch.root)
    let head = try #require(heads.text.firstMatch(of: /head: ([0-9a-f]{64})/)).output.1
    #expect(try verify(scratch, good, "--head", String(head)).status == 0)
    #expect(try verify(scratch, Array(good.dropLast()), "--head", String(head)).status == 1)
    #expect(try verify(scratch, [], "--head", String(head)).status == 1)
    // A head of earlier is still found, and how many lines came since.
    let earlier = try verify(scratch, Array(good.prefix(3)))
    let then = try #require(earlier.text.firstMatch(of: /head: ([0-9a-f]{64})/)).output.1
    let later = try verify(scratch, good, "--head", String(then))
    #expect(later.status == 0 && later.text.contains("is line 3's; 2 came after it"))
    try scratch.write("changed.jsonl", good.joined(separator: "\n"))
    #expect(
      try Veil.run(["audit", "verify", "changed.jsonl"], directory: scratch.root).status == 1, "cut in the last line")
    #expect(try Veil.run(["audit", "verify", "none.jsonl"], directory: scratch.root).status == 3)
  }

  /// Nothing is published that the log does not tell of.
  @Test func aLogThatCannotBeWrittenStopsTheRun() throws {
    let scratch = try Self.published()
    let before = try scratch.data("out/lab.csv")
    try scratch.write("in.csv", Self.people + "p-3,c@example.org,1,Kiel,x\n")
    func refused() throws {
      let outcome = try Veil.run(["run", "p.yaml"], directory: scratch.root)
      #expect(outcome.status == 3 && outcome.stderr.contains("audit"), "\(outcome.stderr)")
      #expect(try scratch.data("out/lab.csv") == before)
      #expect(try scratch.list("out") == ["bank.ndjson.gz", "lab.csv", "shop.manifest.json"])
    }
    let log = try scratch.data("audit.jsonl")
    try scratch.write("audit.jsonl", log, mode: 0o644)
    try refused()
    try scratch.write("audit.jsonl", log.dropLast(5))
    try refused()
    try scratch.write("audit.jsonl", Data("no line of a log\n".utf8))
    try refused()
    try FileManager.default.removeItem(atPath: scratch.path("audit.jsonl"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("audit.jsonl"), withDestinationPath: scratch.path("elsewhere"))
    try refused()
    #expect(!scratch.exists("elsewhere"))
  }

  /// Who asks later what was tried finds that too: when, on what, how it ended and why.
  @Test func aRunThatPublishesNothingIsInTheLog() throws {
    let scratch = try Self.published()
    let ended: [(status: Int32, reason: String, pipeline: String, input: String?)] = [
      (1, "min_records", Self.pipeline + "checks: [{min_records: 900}]\n", Self.people),
      (3, "byte offset", Self.pipeline, Self.people + "canary-only-field\n"),
      (3, "in.csv", Self.pipeline, nil),
      (4, "no rule names", Self.pipeline, "id,email,phone,city,note,extra\n"),
      (2, "may get no data after 2020-01-31", Self.pipeline + "recipients: r.yaml\n", Self.people),
    ]
    try scratch.write(
      "r.yaml", "recipients: {lab: {purposes: [analytics], expires: 2020-01-31}, bank: {purposes: [analytics]}}\n")
    let before = try scratch.list("out").map { try scratch.data("out/\($0)") }
    for (status, _, pipeline, input) in ended {
      try scratch.write("p.yaml", pipeline)
      try? FileManager.default.removeItem(atPath: scratch.path("in.csv"))
      if let input { try scratch.write("in.csv", input) }
      let outcome = try Veil.run(["run", "p.yaml", "--report", "r.json"], directory: scratch.root)
      #expect(outcome.status == status, "\(outcome.stderr)")
    }
    let parsed = try lines(scratch).map { try Self.json(Data($0.utf8)) }
    #expect(parsed.count == 1 + ended.count)
    for (line, wanted) in zip(parsed.dropFirst(), ended) {
      #expect(line["event"] as? String == "run" && line["result"] as? String == "failed")
      #expect(line["exit_status"] as? Int == Int(wanted.status))
      #expect((line["reason"] as? String)?.contains(wanted.reason) == true, "\(line)")
      #expect((line["pipeline"] as? [String: Any])?["name"] as? String == "shop")
      #expect((line["pipeline"] as? [String: Any])?["sha256"] as? String != nil)
      #expect((line["run"] as? String)?.isEmpty == false && line["user_id"] as? Int == Int(getuid()))
    }
    #expect(Set(parsed.compactMap { $0["run"] as? String }).count == parsed.count, "each run has an id, good ones too")
    let inputs = parsed.map { ($0["inputs"] as? [[String: Any]])?.compactMap { $0["path"] as? String } ?? [] }
    #expect(inputs.map(\.count) == [1, 1, 1, 1, 1, 1], "\(inputs)")
    #expect((parsed[2]["records"] as? [String: Any])?["bad"] as? Int == 1)
    let log = try scratch.text("audit.jsonl")
    for canary in ["canary", "Canary", "Ada", "151 2"] { #expect(!log.contains(canary), "\(canary)") }
    #expect(try scratch.list("out").map { try scratch.data("out/\($0)") } == before)
    #expect(try Veil.run(["audit", "verify", "audit.jsonl"], directory: scratch.root).status == 0)
    // What publishes nothing anyway, or cannot tell which pipeline it is, leaves no line.
    for words in [["p.yaml", "--dry-run"], ["p.yaml", "--preview", "1"], ["none.yaml"], ["in.csv"]] {
      #expect(try Veil.run(["run"] + words, directory: scratch.root).status != 0)
    }
    #expect(try lines(scratch).count == parsed.count)
  }

  /// A publication that was announced and did not come about is taken back in the log.
  @Test func anAnnouncementIsTakenBack() throws {
    let scratch = try Self.published()
    let outcome = try Command.run(
      "strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:error=EIO:when=2", Veil.path,
        "run",
        "p.yaml", "--as-of", "2026-01-31",
      ], directory: scratch.root)
    #expect(outcome.status == 3, "\(outcome.stderr)")
    let parsed = try lines(scratch).map { try Self.json(Data($0.utf8)) }
    #expect(parsed.map { $0["result"] as? String } == ["publishing", "publishing", "failed"])
    #expect(parsed[1]["run"] as? String == parsed[2]["run"] as? String && parsed[1]["run"] != nil)
    #expect(try Veil.run(["audit", "verify", "audit.jsonl"], directory: scratch.root).status == 0)
  }

  @Test func linesOfManyProcessesMakeOneChain() throws {
    let scratch = try Self.published()
    let text = Self.pipeline.replacing("out/", with: "o{N}/").replacing("shop.lineage", with: "l{N}")
    var running: [Command] = []
    for number in 0..<8 {
      try scratch.write("p\(number).yaml", text.replacing("{N}", with: "\(number)"))
      running.append(try Command(Veil.path, ["run", "p\(number).yaml"], directory: scratch.root))
    }
    for command in running { #expect(try command.finish().status == 0) }
    let check = try Veil.run(["audit", "verify", "audit.jsonl"], directory: scratch.root)
    #expect(check.status == 0 && check.text.contains("9 lines"), "\(check.text)")
  }

  // MARK: Prune

  @Test func pruneDeletesWhatHasExpiredAndNothingElse() throws {
    let scratch = try Self.published()
    try scratch.write("out/stray.csv", "a\n1\n")
    func prune(_ day: String, _ more: String..., status: Int32 = 0) throws -> String {
      let outcome = try Veil.run(["prune", "out", "--as-of", day] + more, directory: scratch.root)
      #expect(outcome.status == status, "\(outcome.text)\(outcome.stderr)")
      return outcome.text
    }
    #expect(try prune("2026-04-30").contains("nothing has expired"))
    #expect(try prune("2026-05-01", "--dry-run").contains("out/lab.csv: would be deleted, expired 2026-05-01"))
    #expect(scratch.exists("out/lab.csv") && !scratch.exists("out/veil.audit.jsonl"))
    #expect(try prune("2026-05-01").contains("out/lab.csv: deleted"))
    #expect(
      try scratch.list("out") == ["bank.ndjson.gz", "shop.manifest.json", "stray.csv", "veil.audit.jsonl"])
    let manifest = try Self.json(try scratch.data("out/shop.manifest.json"))
    let outputs = try #require(manifest["outputs"] as? [[String: Any]])
    #expect(outputs[0]["pruned"] != nil && outputs[1]["pruned"] == nil)
    #expect(try prune("2026-05-01").contains("nothing has expired"))
    #expect(try prune("2027-01-31").contains("out/bank.ndjson.gz: deleted"))
    #expect(try scratch.text("out/stray.csv") == "a\n1\n")
    let log = try lines(scratch, "out/veil.audit.jsonl")
    #expect(log.count == 2 && log[0].contains("\"event\": \"prune\"") && log[0].contains("out/lab.csv"))
    #expect(try Veil.run(["audit", "verify", "out/veil.audit.jsonl"], directory: scratch.root).status == 0)
  }

  @Test func pruneRefusesWhatIsNotTheManifestsFile() throws {
    func refused(_ why: String, _ harm: (Scratch) throws -> Void) throws {
      let scratch = try Self.published()
      try harm(scratch)
      let before = try? scratch.data("out/lab.csv")
      let outcome = try Veil.run(["prune", "out", "--as-of", "2026-06-01"], directory: scratch.root)
      #expect(outcome.status == 1 && outcome.text.contains("REFUSED"), "\(why): \(outcome.text)\(outcome.stderr)")
      #expect((try? scratch.data("out/lab.csv")) == before, "\(why)")
      #expect(scratch.exists("precious.csv"), "\(why)")
    }
    func plant(_ scratch: Scratch) throws { try scratch.write("precious.csv", "p\n1\n") }
    func edit(_ scratch: Scratch, _ from: String, _ to: String) throws {
      let text = try scratch.text("out/shop.manifest.json")
      #expect(text.contains(from))
      try scratch.write("out/shop.manifest.json", text.replacing(from, with: to))
    }
    try refused("another size") { scratch in
      try plant(scratch)
      try scratch.write("out/lab.csv", try scratch.text("out/lab.csv") + "x\n")
    }
    try refused("another byte") { scratch in
      try plant(scratch)
      var data = try scratch.data("out/lab.csv")
      data[data.count - 2] ^= 1
      try scratch.write("out/lab.csv", data)
    }
    try refused("a link") { scratch in
      try plant(scratch)
      try FileManager.default.moveItem(atPath: scratch.path("out/lab.csv"), toPath: scratch.path("lab.csv"))
      try FileManager.default.createSymbolicLink(
        atPath: scratch.path("out/lab.csv"), withDestinationPath: scratch.path("lab.csv"))
    }
    for outside in ["../precious.csv", "/etc/hostname", ".."] {
      try refused("outside: \(outside)") { scratch in
        try plant(scratch)
        try edit(scratch, "\"location\": \"lab.csv\"", "\"location\": \"\(outside)\"")
      }
    }
    try refused("a linked folder that leads outside") { scratch in
      try plant(scratch)
      try FileManager.default.createSymbolicLink(atPath: scratch.path("out/sub"), withDestinationPath: scratch.root)
      try edit(scratch, "\"location\": \"lab.csv\"", "\"location\": \"sub/precious.csv\"")
    }
    try refused("a manifest that cannot be read") { scratch in
      try plant(scratch)
      let text = try scratch.text("out/shop.manifest.json")
      try scratch.write("out/shop.manifest.json", String(text.dropLast(20)))
    }
  }

  @Test func whenAnExportExpiresIsPartOfTheCalendar() throws {
    let scratch = try Self.published()
    for (period, day) in [
      ("1 day", "2026-02-01"), ("2 weeks", "2026-02-14"), ("1 month", "2026-02-28"), ("2 years", "2028-01-31"),
      ("10000 years", "9999-12-31"),
    ] {
      try scratch.write("q.yaml", Self.pipeline.replacing("90 days", with: period))
      #expect(try Veil.run(["run", "q.yaml", "--as-of", "2026-01-31"], directory: scratch.root).status == 0)
      #expect(try scratch.text("out/shop.manifest.json").contains("\"expires\": \"\(day)\""), "\(period)")
    }
    for wrong in ["soon", "0 days", "2026-01-01", "-1 days", "[]"] {
      try scratch.write("q.yaml", Self.pipeline.replacing("90 days", with: wrong))
      #expect(try Veil.run(["check", "q.yaml"], directory: scratch.root).status == 2, "\(wrong)")
    }
    try scratch.write("q.yaml", Self.pipeline.replacing("manifest: out/shop.manifest.json\n", with: ""))
    #expect(try Veil.run(["check", "q.yaml"], directory: scratch.root).stderr.contains("never expires"))
  }

  // MARK: Lineage

  /// What OpenLineage 2-0-2 and its facets require, written from the specification.
  @Test func lineageHoldsWhatTheSpecificationRequires() throws {
    let scratch = try Self.published()
    let event = try Self.json(try scratch.data("shop.lineage.json"))
    func text(_ value: Any?) throws -> String { try #require(value as? String) }
    func object(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }
    // BaseEvent and RunEvent.
    #expect(try text(event["eventTime"]).wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    #expect(URL(string: try text(event["producer"]))?.scheme != nil)
    #expect(
      try text(event["schemaURL"]) == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent")
    #expect(["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"].contains(try text(event["eventType"])))
    #expect(UUID(uuidString: try text(try object(event["run"])["runId"])) != nil)
    let job = try object(event["job"])
    #expect(try text(job["name"]) == "shop" && !(try text(job["namespace"])).isEmpty)
    let inputs = try #require(event["inputs"] as? [[String: Any]])
    let outputs = try #require(event["outputs"] as? [[String: Any]])
    #expect(inputs.count == 1 && outputs.count == 2)
    var facets: [(String, [String: Any])] = []
    for (name, facet) in (job["facets"] as? [String: Any]) ?? [:] { facets.append((name, try object(facet))) }
    for dataset in inputs + outputs {
      #expect(try text(dataset["namespace"]) == "file" && (try text(dataset["name"])).hasPrefix("/"))
      for key in ["facets", "inputFacets", "outputFacets"] {
        for (name, facet) in (dataset[key] as? [String: Any]) ?? [:] { facets.append((name, try object(facet))) }
      }
    }
    // BaseFacet.
    for (name, facet) in facets {
      #expect(URL(string: try text(facet["_producer"]))?.scheme != nil, "\(name)")
      #expect(try text(facet["_schemaURL"]).contains("openlineage.io/spec/facets/"), "\(name)")
    }
    // Schema and column lineage: every column of an export has its origin in the input.
    for (output, names) in zip(outputs, [["id", "email", "city", "note"], ["id", "city"]]) {
      let facets = try object(output["facets"])
      let schema = try #require(try object(facets["schema"])["fields"] as? [[String: Any]])
      #expect(schema.map { $0["name"] as? String } == names)
      let columns = try object(try object(facets["columnLineage"])["fields"])
      #expect(Set(columns.keys) == Set(names))
      for (name, column) in columns {
        let origins = try #require(try object(column)["inputFields"] as? [[String: Any]])
        #expect(origins.count == 1)
        #expect(origins[0]["namespace"] as? String == "file" && origins[0]["field"] as? String == name)
        #expect(origins[0]["name"] as? String == inputs[0]["name"] as? String)
        let how = try #require(origins[0]["transformations"] as? [[String: Any]])
        #expect(["DIRECT", "INDIRECT"].contains(how[0]["type"] as? String))
        #expect(how[0]["masking"] as? Bool == (name != "note"), "\(name)")
      }
      let statistics = try object(try object(output["outputFacets"])["outputStatistics"])
      #expect(statistics["rowCount"] as? Int == 3)
    }
  }
}
