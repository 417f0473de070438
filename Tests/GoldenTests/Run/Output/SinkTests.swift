import Foundation
import Testing

/// Several exports in one run: each with its own fields, form and tokens, published together or not at all.
@Suite struct SinkTests {
  static let people = """
    id,email,name,age,city,spend
    1,ann@x.org,Ann,31,Paris,10.5
    2,bob@x.org,Bob,32,Rome,qzx
    3,eve@x.org,Eve,33,Paris,7
    4,kim@x.org,Kim,34,Rome,8

    """

  static let head = """
    version: 1
    name: crm
    source: {path: in.csv, subject: id}
    keys: {k: {env: VEIL_KEY}}
    fields:
      id: {pseudonym: {key: k, unique: true}}
      email: {class: direct, stages: [{encrypt: {key: k}}]}
      name: drop
      age: {class: quasi, hierarchy: {interval: {width: 5, levels: 4}}}
      city: {class: quasi}
      spend: keep
    bad_records: {action: skip}

    """
  static let both = """
    order: input
    sinks:
      - {path: lab.csv, recipient: lab}
      - path: bank.ndjson
        recipient: bank
        fields: {city: drop, spend: {round: {to: 1}}, name: {mask: {first: 1}}}

    """

  /// Runs a pipeline on `people` in a folder of its own.
  private func run(
    _ pipeline: String, _ arguments: [String] = [], input: String = Self.people, scratch: Scratch? = nil
  ) throws -> (outcome: Outcome, scratch: Scratch) {
    let scratch = try scratch ?? Scratch()
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", input)
    let outcome = try Veil.run(
      ["run", "p.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
    return (outcome, scratch)
  }

  private func rows(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  @Test func eachSinkHasItsOwnFieldsFormAndTokens() throws {
    let (outcome, scratch) = try run(Self.head + "anonymity: {k: 3}\n" + Self.both, ["--manifest", "m.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let lab = rows(try scratch.text("lab.csv"))
    #expect(lab[0] == ["id", "email", "age", "city", "spend"])
    let bank = try scratch.text("bank.ndjson").split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    }
    // Bob's spend is bad for the bank alone; no recipient gets his record.
    #expect(lab.count == 4 && bank.count == 3)
    #expect(bank.map { $0["name"] } == ["A**", "E**", "K**"] && bank.map { $0["spend"] } == ["11", "7", "8"])
    #expect(bank.allSatisfy { Set($0.keys) == ["id", "email", "name", "age", "spend"] })
    let labTokens = Set(lab.dropFirst().flatMap { $0.prefix(2) })
    #expect(labTokens.isDisjoint(with: bank.flatMap { [$0["id"] ?? "", $0["email"] ?? ""] }))
    #expect(labTokens.count == 6 && Set(bank.compactMap { $0["id"] }).count == 3)
    for name in ["lab.csv", "bank.ndjson", "m.json"] { #expect(try scratch.mode(name) == 0o600) }

    let manifest = try #require(try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any])
    let outputs = try #require(manifest["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["recipient"] as? String } == ["lab", "bank"])
    #expect(outputs.map { $0["records"] as? Int } == [3, 3])
    for (output, name) in zip(outputs, ["lab.csv", "bank.ndjson"]) {
      let sum = try Command.run("sha256sum", [scratch.path(name)]).text.prefix(64)
      #expect(output["sha256"] as? String == String(sum) && output["path"] as? String == name)
    }
    let leaving = outputs.map { output in
      (output["fields"] as? [[String: Any]] ?? []).filter { $0["leaves"] as? Bool == true }.compactMap {
        $0["field"] as? String
      }
    }
    #expect(leaving == [["id", "email", "age", "city", "spend"], ["id", "email", "name", "age", "spend"]])
    // Each file keeps the one promise that was made for both.
    for name in ["lab.csv", "bank.ndjson"] {
      let verified = try Veil.run(["verify", name, "--pipeline", "p.yaml"], directory: scratch.root)
      #expect(verified.status == 0 && verified.text.contains("k: 3 (people"), "\(verified.text)\(verified.stderr)")
    }
    let mixed = try Veil.run(
      ["verify", "lab.csv", "--pipeline", "p.yaml", "--recipient", "bank"], directory: scratch.root)
    #expect(mixed.status == 1 && mixed.text.contains("LEAK: the field 'city'"))
  }

  /// A sink by itself gives the same bytes as among others, at any number of threads and size of chunks.
  @Test func runsAreTheSameTogetherAndAlone() throws {
    let columns = (0..<200).map { "\($0),p\($0)@x.org,N\($0),\(20 + $0 % 40),C\($0 % 3),\($0)" }
    let input = "id,email,name,age,city,spend\n" + columns.joined(separator: "\n") + "\n"
    let pipeline = Self.head + "anonymity: {k: 4, recoding: global}\n" + Self.both
    let (outcome, scratch) = try run(pipeline, input: input)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let expected = [try scratch.data("lab.csv"), try scratch.data("bank.ndjson")]
    for (threads, chunk) in [(1, 64), (3, 1000), (2, 100_000)] {
      let again = try Veil.run(
        ["run", "p.yaml", "--threads", "\(threads)"],
        environment: TestKey.environment.merging(["VEIL_CHUNK_BYTES": "\(chunk)"]) { $1 }, directory: scratch.root)
      #expect(again.status == 0, "\(again.stderr)")
      #expect([try scratch.data("lab.csv"), try scratch.data("bank.ndjson")] == expected)
    }
    for (recipient, place) in [("lab", 0), ("bank", 1)] {
      let (alone, other) = try run(
        pipeline, ["--recipient", recipient, "--output", "alone.\(place == 0 ? "csv" : "ndjson")"], input: input)
      #expect(alone.status == 0, "\(alone.stderr)")
      #expect(try other.data("alone.\(place == 0 ? "csv" : "ndjson")") == expected[place])
      #expect(!other.exists("lab.csv") && !other.exists("bank.ndjson"))
    }
  }

  @Test func nothingIsPublishedUnlessAllIs() throws {
    let scratch = try Scratch()
    try scratch.write("lab.csv", "before\n")
    // The second sink cannot be written: a folder stands in its place.
    try scratch.write("bank.ndjson/keep", "")
    let (outcome, _) = try run(Self.head + "anonymity: {k: 2}\n" + Self.both, scratch: scratch)
    #expect(outcome.status == 3, "\(outcome.stderr)")
    #expect(try scratch.text("lab.csv") == "before\n")
    #expect(try scratch.list() == ["bank.ndjson", "in.csv", "lab.csv", "p.yaml"])
    // A record that only one view finds bad stops both, and says where.
    let strict = Self.head.replacingOccurrences(of: "skip", with: "error") + "anonymity: {k: 2}\n" + Self.both
    let (failed, folder) = try run(strict)
    #expect(failed.status == 3)
    #expect(failed.stderr.contains("record 2, byte offset 59: field 'spend' is not a decimal number"))
    #expect(!failed.stderr.contains("qzx"))
    #expect(try folder.list() == ["in.csv", "p.yaml"])
  }

  /// What one sink's format cannot hold is bad for all, in both passes.
  @Test func formatsThatHoldLess() throws {
    let scratch = try Scratch()
    try scratch.write("in.ndjson", "{\"a\":1,\"b\":[1,2]}\n{\"a\":2,\"b\":3}\n{\"a\":1,\"b\":4}\n{\"a\":1,\"b\":5}\n")
    for more in ["", "anonymity: {k: 3}\n"] {
      try scratch.write(
        "p.yaml",
        """
        version: 1
        name: x
        source: {path: in.ndjson}
        fields: {a: \(more.isEmpty ? "keep" : "{class: quasi}"), b: {keep: {whole: true, because: "a test"}}}
        bad_records: {action: skip}
        \(more)sinks: [{path: a.ndjson, recipient: a}, {path: b.csv, recipient: b}]

        """)
      let outcome = try Veil.run(["run", "p.yaml"], directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(
        outcome.stderr.contains("record 1, byte offset 0: field 'b' is an object or array, which CSV cannot hold"))
      let lines = try scratch.text("a.ndjson").split(separator: "\n")
      let written = rows(try scratch.text("b.csv")).count - 1
      #expect(lines.count == 3 && written == 3)
      #expect(!lines.contains { $0.contains("[1,2]") })
    }
  }

  @Test(arguments: [
    (["--output", "x.csv"], "say which of them with --recipient NAME, for --output is one file"),
    (["--preview", "1"], "say which of them with --recipient NAME, for --preview shows one export"),
    (["--recipient", "bnk"], "has no sink for 'bnk': did you mean 'bank'?"),
    (["--manifest", "lab.csv"], "the export and its manifest would both be lab.csv"),
  ])
  func whatNeedsOneSink(_ arguments: [String], _ message: String) throws {
    let (outcome, scratch) = try run(Self.head + "anonymity: {k: 2}\n" + Self.both, arguments)
    #expect(outcome.status == 2 && outcome.stderr.contains(message), "\(outcome.stderr)")
    #expect(try scratch.list() == ["in.csv", "p.yaml"])
  }

  @Test func previewsAndDryRuns() throws {
    let pipeline = Self.head + "anonymity: {k: 2}\n" + Self.both
    let (preview, scratch) = try run(pipeline, ["--preview", "1", "--recipient", "bank"])
    #expect(preview.status == 0 && preview.text.split(separator: "\n").count == 1, "\(preview.stderr)")
    let (dry, _) = try run(pipeline, ["--dry-run"], scratch: scratch)
    #expect(dry.status == 0 && dry.stderr.contains("would write 3"))
    #expect(try scratch.list() == ["in.csv", "p.yaml"])
  }

  @Test(arguments: [
    ("fields: {email: {class: other, stages: [keep]}}", "is of class 'direct', and a sink cannot change that"),
    ("fields: {email: keep}", "no 'anonymity' can then be claimed"),
    ("fields: {age: keep}", "is part of what 'anonymity' promises to all sinks: a sink may only drop it"),
    ("fields: {age: {hierarchy: {prefix: 1}, stages: [drop]}}", "a sink cannot change the hierarchy of 'age'"),
    ("fields: {phone: drop}", "a sink's rule for 'phone', which the pipeline's 'fields' do not name"),
    ("fields: {name: [drop, keep]}", "'drop' stands alone"),
    ("fields: {name: maks}", "unknown stage 'maks'"),
    (
      "fields: {id: drop, email: drop, age: drop, city: drop, spend: drop}",
      "nothing leaves to this sink: all fields are dropped"
    ),
  ])
  func rulesThatNoSinkMayMake(_ rules: String, _ message: String) throws {
    let sinks = "sinks: [{path: a.csv, recipient: a}, {path: b.csv, recipient: b, \(rules)}]\n"
    let (outcome, scratch) = try run(Self.head + "anonymity: {k: 2}\n" + sinks)
    #expect(outcome.status == 2 && outcome.stderr.contains(message), "\(outcome.stderr)")
    #expect(try scratch.list() == ["in.csv", "p.yaml"])
  }

  @Test func twoSinksOnOneFile() throws {
    let (outcome, scratch) = try run(
      Self.head
        + "sinks: [{path: a.csv, recipient: a}, {path: ./a.csv, recipient: b}]\n"
        .replacingOccurrences(of: "hierarchy", with: ""))
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(try scratch.list() == ["in.csv", "p.yaml"])
    let (same, _) = try run(
      Self.head + "anonymity: {k: 2}\nsinks: [{path: a.csv, recipient: a}, {path: ./a.csv, recipient: b}]\n")
    #expect(same.status == 2 && same.stderr.contains("two sinks would both be"), "\(same.stderr)")
  }

  @Test func tokensThatJoinAreWarnedOf() throws {
    let head = "version: 1\nname: x\nsource: {path: in.csv}\nkeys: {k: {env: VEIL_KEY}}\nunlisted: drop\n"
    let sinks = "sinks: [{path: a.csv, recipient: a}, {path: b.csv, recipient: b}]\n"
    for (stage, warns) in [
      ("{pseudonym: {key: k, derive: none}}", true), ("{hash: {salt: k}}", true), ("{pseudonym: k}", false),
    ] {
      let (outcome, _) = try run(head + "fields: {id: \(stage)}\n" + sinks)
      #expect(outcome.status == 0)
      #expect(outcome.stderr.contains("can join their files") == warns, "\(outcome.stderr)")
    }
  }
}
