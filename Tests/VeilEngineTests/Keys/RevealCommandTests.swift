import Foundation
import Testing

/// `veil reveal` and `veil key` as people use them.
@Suite struct RevealCommandTests {
  @Test func answersAndWritesItDown() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("veil-reveal-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    func veil(_ arguments: String..., input: String = "", status: Int32 = 0) throws -> String {
      let made = try PlantedKeyTests.run(
        arguments, input: input, environment: ["VEIL_TEST_WORDS": "correct horse battery staple"])
      let output = String(decoding: made.output, as: UTF8.self)
      #expect(made.status == status, "\(arguments): \(output)")
      return output
    }

    let ring = path("crm.ring.yaml")
    #expect(try veil("key", "ring", "new", ring, "--passphrase-env", "VEIL_TEST_WORDS").contains("k1 is active"))
    try """
    version: 1
    name: crm
    source: {path: in.csv}
    keys: {crm: {ring: crm.ring.yaml}}
    fields:
      id: keep
      account: [{normalize: iban/v1}, {encrypt: {key: crm, prefix: true}}]
    sink: {path: out.csv, recipient: lab}

    """.write(toFile: path("p.yaml"), atomically: true, encoding: .utf8)
    try "id,account\n1,DE89 3704 0044 0532 0130 00\n2,\n3,GB82WEST12345698765432\n".write(
      toFile: path("in.csv"), atomically: true, encoding: .utf8)
    _ = try veil("run", path("p.yaml"))
    let tokens = try text("out.csv").split(separator: "\n").dropFirst().map {
      $0.split(separator: ",").last.map(String.init) ?? ""
    }
    #expect(tokens[0].hasPrefix("k1_s1_") && tokens.count == 3)

    let wanted = "token,value\n\(tokens[0]),DE89370400440532013000\n\(tokens[2]),GB82WEST12345698765432\n"
    let base = ["reveal", path("p.yaml"), "--field", "account", "--reason", "request 1"]
    #expect(
      try veil(base[0], base[1], base[2], base[3], base[4], base[5], "--input", path("out.csv")) == wanted)
    #expect(
      try veil(base[0], base[1], base[2], base[3], base[4], base[5], input: "\(tokens[0])\n\n\(tokens[2])\n") == wanted)

    // One wrong token, and nothing is shown.
    let refused = try veil(
      base[0], base[1], base[2], base[3], base[4], base[5], input: "\(tokens[0])\n\(tokens[2])A\n", status: 1)
    #expect(refused.contains("the token at line 2: ") && !refused.contains("DE89") && !refused.contains(tokens[2]))
    _ = try veil("reveal", path("p.yaml"), "--field", "account", "--reason", " ", input: tokens[0], status: 2)
    _ = try veil("reveal", path("p.yaml"), "--field", "account", input: tokens[0], status: 2)
    _ = try veil("reveal", path("p.yaml"), "--field", "id", "--reason", "r", input: tokens[0], status: 2)

    let lines = try text("p.yaml.audit.jsonl").split(separator: "\n")
    #expect(lines.count == 3 && lines.allSatisfy { $0.contains("\"recipient\": \"lab\"") && !$0.contains("DE89") })
    #expect(lines[0].contains("\"revealed\"") && lines[2].contains("\"refused at line 2\""))
    let mode = try FileManager.default.attributesOfItem(atPath: path("p.yaml.audit.jsonl"))[.posixPermissions] as? Int
    #expect(mode == 0o600)

    // Where the log cannot be written, nothing is shown.
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path("p.yaml.audit.jsonl"))
    let silent = try veil(base[0], base[1], base[2], base[3], base[4], base[5], input: tokens[0], status: 3)
    #expect(!silent.contains("DE89"))

    #expect(try veil("key", "ring", "rotate", ring).contains("k2 is active"))
    #expect(try veil("key", "ring", "retire", ring, "k1").contains("k1 is retired"))
    #expect(try veil("key", "ring", "inspect", ring).hasPrefix("k1: retired, created "))
    _ = try veil("key", "ring", "retire", ring, "k2", status: 2)
    _ = try veil("key", "ring", "new", ring, status: 3)
  }
}
