import Foundation
import Testing
import VeilConfig
import VeilCrypto

@testable import VeilEngine
@testable import VeilGround

/// Two tables, two recipients, a rotation, a crosswalk and a rights request, in a folder of their own.
@Suite struct KeyStoryTests {
  final class Story {
    let folder: String

    init() throws {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("veil-story-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      folder = url.path
      _ = try KeyRingFile.create(path("customers.ring.yaml"), passphrase: nil, notAfter: nil)
      try write("people.csv", "person,email,account\n1,ann@x.org,DE1\n2,bob@x.org,\"DE,2\"\n3,eve@x.org,DE3\n")
      try write("orders.csv", "order,customer\n10,2\n11,1\n12,2\n")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ name: String, _ text: String) throws {
      try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    }

    func rows(_ name: String) throws -> [[String]] {
      try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").dropFirst().map { line in
        line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
    }

    func compile(_ source: String, _ fields: String, to sink: String, recipient: String) throws -> CompiledPipeline {
      let name = sink + ".yaml"
      try write(
        name,
        """
        version: 1
        name: crm
        source: {path: \(source)}
        keys: {customers: {ring: customers.ring.yaml}}
        fields: {\(fields)}
        sink: {path: \(sink), recipient: \(recipient)}

        """)
      let (pipeline, diagnostics) = PipelineCompiler.load(path: path(name))
      return try #require(pipeline, "\(diagnostics.render())")
    }

    @discardableResult
    func run(_ source: String, _ fields: String, to sink: String, recipient: String) throws -> CompiledPipeline {
      let compiled = try compile(source, fields, to: sink, recipient: recipient)
      var options = RunOptions(toolVersion: "test")
      options.manifest = path(sink + ".manifest.json")
      options.threads = 2
      _ = try Pipeline(compiled, RunJob(compiled.config, options)).run()
      return compiled
    }
  }

  static let person = "{pseudonym: {key: customers, domain: person, prefix: true}}"
  static let people =
    "person: \(person), email: {pseudonym: {key: customers}}, account: {encrypt: {key: customers, prefix: true}}"
  static let orders = "order: keep, customer: \(person)"

  @Test func story() throws {
    let story = try Story()
    for recipient in ["lab", "bank"] {
      try story.run("people.csv", Self.people, to: "people-\(recipient).csv", recipient: recipient)
      try story.run("orders.csv", Self.orders, to: "orders-\(recipient).csv", recipient: recipient)
    }
    let (lab, bank) = (try story.rows("people-lab.csv"), try story.rows("people-bank.csv"))
    let orders = try story.rows("orders-lab.csv")
    // Within one recipient the tables join as they did before.
    #expect(orders.map(\.[1]) == [lab[1][0], lab[0][0], lab[1][0]])
    #expect(Set(lab.map(\.[0])).count == 3 && lab.allSatisfy { $0[0].hasPrefix("k1_") })
    // Between recipients, and between domains, nothing joins.
    #expect(Set(lab.joined()).isDisjoint(with: bank.joined()))
    #expect(Set(orders.map(\.[1])).isDisjoint(with: bank.joined()))
    #expect(try Set(story.rows("orders-bank.csv").map(\.[1])).isSubset(of: bank.map(\.[0])))

    // A new key: other tokens, and a crosswalk that leads from the old ones to the new ones.
    #expect(try KeyRingFile.rotate(story.path("customers.ring.yaml"), notAfter: nil).id == "k2")
    let carried = Self.people.replacing("prefix: true}}, email", with: "prefix: true, crosswalk: walk.csv}}, email")
    let compiled = try story.run("people.csv", carried, to: "people-2.csv", recipient: "lab")
    let new = try story.rows("people-2.csv")
    #expect(Set(new.joined()).isDisjoint(with: lab.joined()) && new.allSatisfy { $0[0].hasPrefix("k2_") })
    let walk = Dictionary(uniqueKeysWithValues: try story.rows("walk.csv").map { ($0[0], $0[1]) })
    #expect(walk == Dictionary(uniqueKeysWithValues: zip(lab.map(\.[0]), new.map(\.[0]))))
    let mode = try FileManager.default.attributesOfItem(atPath: story.path("walk.csv"))[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let manifest = try String(contentsOfFile: story.path("people-2.csv.manifest.json"), encoding: .utf8)
    #expect(manifest.contains("\"customers/k1\": \"") && manifest.contains("\"customers/k2\": \""))

    // A rights request: tokens of both keys open, in this field and for this recipient alone.
    let reader = try TokenReader(compiled, field: "account", recipient: nil)
    for (old, fresh, value) in zip3(lab, new, ["DE1", "DE,2", "DE3"]) {
      #expect(try reader.value(of: old[2].utf8) == Array(value.utf8))
      #expect(try reader.value(of: fresh[2].utf8) == Array(value.utf8))
    }
    for wrong in [
      bank[0][2], lab[0][0], lab[0][1], "", "k2_", "s1_", "k9_s1_AAAA", String(new[0][2].dropLast()), new[0][2] + "A",
    ] {
      #expect(throws: TokenProblem.self, "\(wrong)") { try reader.value(of: wrong.utf8) }
    }
    let columns = try TokenColumn.read(story.path("people-2.csv"), column: "account")
    #expect(
      columns.map(\.record) == [1, 2, 3] && columns.map { String(decoding: $0.token, as: UTF8.self) } == new.map(\.[2]))

    // A retired key serves nothing any more.
    #expect(throws: RunError.self) { try KeyRingFile.retire(story.path("customers.ring.yaml"), id: "k2") }
    try KeyRingFile.retire(story.path("customers.ring.yaml"), id: "k1")
    let strict = try TokenReader(compiled, field: "account", recipient: nil)
    #expect(throws: TokenProblem(description: "its key is retired")) { try strict.value(of: lab[0][2].utf8) }
    #expect(try strict.value(of: new[0][2].utf8) == Array("DE1".utf8))
    #expect(throws: RunError.self) { try story.run("people.csv", carried, to: "people-3.csv", recipient: "lab") }
    #expect(!FileManager.default.fileExists(atPath: story.path("people-3.csv")))
  }

  func zip3(_ a: [[String]], _ b: [[String]], _ c: [String]) -> [([String], [String], String)] {
    zip(zip(a, b), c).map { ($0.0, $0.1, $1) }
  }

  @Test func auditLines() throws {
    let story = try Story()
    let compiled = try story.run("people.csv", Self.people, to: "out.csv", recipient: "lab")
    let log = AuditLog(path: story.path("audit.jsonl"))
    let entry = AuditLog.Entry(
      reason: "access \"request\"\nnumber 1", pipeline: compiled, field: "account", recipient: "lab", source: "out.csv",
      tokens: [Array("abc".utf8)], keys: ["customers/k1": "00"], result: "revealed", toolVersion: "test")
    try log.append(entry)
    try log.append(entry)
    let lines = try String(contentsOfFile: story.path("audit.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["reason"] as? String == "access \"request\"\nnumber 1" && object?["tokens"] as? Int == 1)
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: story.path("audit.jsonl"))
    #expect(throws: RunError.self) { try log.append(entry) }
    #expect(throws: RunError.self) { try AuditLog(path: story.folder).append(entry) }
  }

  @Test func expiredKeysMakeNoTokens() throws {
    let story = try Story()
    _ = try KeyRingFile.rotate(story.path("customers.ring.yaml"), notAfter: CalendarDate("2020-01-01"))
    let error = #expect(throws: RunError.self) {
      try story.run("people.csv", Self.people, to: "out.csv", recipient: "lab")
    }
    #expect(error?.kind == .invalid && error?.description.contains("makes no tokens after 2020-01-01") == true)
    // What was made before can still be read.
    let compiled = try story.compile("people.csv", Self.people, to: "out.csv", recipient: "lab")
    _ = try TokenReader(compiled, field: "account", recipient: "lab")
    #expect(throws: RunError.self) { try TokenReader(compiled, field: "account", recipient: "other") }
    #expect(throws: RunError.self) { try TokenReader(compiled, field: "email", recipient: nil) }
    #expect(throws: RunError.self) { try TokenReader(compiled, field: "acount", recipient: nil) }
  }

  @Test func ringsAreChecked() throws {
    let story = try Story()
    _ = try KeyRingFile.rotate(story.path("customers.ring.yaml"), notAfter: CalendarDate("2020-01-01"))
    _ = try story.compile("people.csv", Self.people, to: "out.csv", recipient: "lab")
    let expired = PipelineCompiler.load(path: story.path("out.csv.yaml")).diagnostics.warnings.map(\.message)
    #expect(expired == ["k2, the active key of 'customers', makes no tokens after 2020-01-01"])
    try story.write("customers.ring.yaml", "version: 1\nkeys: {k1: {state: accepted, file: a}}\n")
    let (pipeline, diagnostics) = PipelineCompiler.load(path: story.path("out.csv.yaml"))
    #expect(pipeline == nil)
    #expect(
      diagnostics.errors.map(\.message) == [
        "the ring of key 'customers', line 2: one key of a ring is active, and 0 of this one's are"
      ])
  }

  @Test func ringsOnlyWhereRingsAre() {
    #expect(refusal("{pseudonym: {key: test, prefix: true}}")?.contains("needs a key ring") == true)
    #expect(refusal("{pseudonym: {key: test, crosswalk: x.csv}}")?.contains("needs a key ring") == true)
    #expect(refusal("{encrypt: {key: test, prefix: true}}")?.contains("needs a key ring") == true)
  }

  @Test func aRingThatIsThereStays() throws {
    let story = try Story()
    #expect(throws: RunError.self) {
      try KeyRingFile.create(story.path("customers.ring.yaml"), passphrase: nil, notAfter: nil)
    }
    #expect(throws: RunError.self) { try KeyRingFile.retire(story.path("customers.ring.yaml"), id: "k7") }
    try story.write("env.ring.yaml", "version: 1\nkeys:\n  k1: {state: active, env: VEIL_TEST_KEY}\n")
    #expect(throws: RunError.self) { try KeyRingFile.rotate(story.path("env.ring.yaml"), notAfter: nil) }
    // Whatever stands in a ring's file is written back as it was meant.
    let ring = KeyRingConfig(entries: [
      .init(
        id: "a1", state: .retired, created: "2020-01-01", notAfter: "2021-01-01",
        source: .command(["pass", "a \"b\" \\"])),
      .init(id: "k2", state: .active, created: nil, notAfter: nil, source: .wrapped("é.key", passphrase: .env("P"))),
    ])
    let read = KeyRingParser.parse(bytes: Array(ring.text.utf8), path: "x").ring
    #expect(read?.text == ring.text && read?.entries.map(\.source) == ring.entries.map(\.source))
  }

  @Test func wrongRingsAreRefused() {
    let wrong = [
      "version: 1\nkeys: {}\n", "version: 1\n", "version: 2\nkeys: {k1: {state: active, file: a}}\n",
      "version: 1\nkeys: {k1: {state: accepted, file: a}}\n",
      "version: 1\nkeys: {k1: {state: active, file: a}, k2: {state: active, file: b}}\n",
      "version: 1\nkeys: {K_1: {state: active, file: a}}\n", "version: 1\nkeys: {k1: {file: a}}\n",
      "version: 1\nkeys: {k1: {state: active}}\n", "version: 1\nkeys: {k1: {state: on, file: a}}\n",
      "version: 1\nkeys: {k1: {state: active, file: a, created: today}}\n",
      "version: 1\nkeys: {k1: {state: active, ring: a}}\n",
      "version: 1\nkeys: {k1: {state: active, wrapped: {file: a}}}\n",
      "version: 1\nkeys: {k1: hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f}\n",
    ]
    for text in wrong {
      let (ring, diagnostics) = KeyRingParser.parse(bytes: Array(text.utf8), path: "x")
      #expect(ring == nil && diagnostics.hasErrors, "\(text)")
      #expect(!diagnostics.render().contains("0405060708"))
    }
  }
}
