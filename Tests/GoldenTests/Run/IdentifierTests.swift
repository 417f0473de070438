import Foundation
import Testing

/// Identifiers of people in a field that is said to name nobody: a run looks at the first records, `verify` at all.
@Suite("Identifiers where nobody is said to be named")
struct IdentifierTests {
  /// A kind, and values that are that: made up, with right check digits.
  static let kinds: [(kind: String, values: [String])] = [
    ("an e-mail address", ["anna@example.org", "write to b.braun@example.net, please", "c@example.com"]),
    ("a phone number", ["+43 660 1234567", "call +49 (0) 30 1234567 in the morning", "+441632960961"]),
    ("a phone number", ["0660 1234567", "030/1234 5678", "(0)1 234567890"]),
    ("a phone number", ["06601234567", "06641234568", "00436601234567"]),
    ("a phone number", ["212-555-0123", "415 555 0199", "(212) 555-0187"]),
    ("an IBAN", ["DE89370400440532013000", "AT61 1904 3002 3457 3201", "from GB82 WEST 1234 5698 7654 32 today"]),
    ("a card number", ["4111 1111 1111 1111", "paid with 5500-0000-0000-0004.", "4012888888881881"]),
    ("a MAC address", ["00:1b:63:84:45:e6", "device 00-1B-63-84-45-E7 lost", "00:1B:63:84:45:E8"]),
    ("an IP address", ["192.0.2.17", "2001:db8::7", "198.51.100.3"]),
    ("a VIN", ["1M8GDM9AXKP042788", "JHMCM56557C404453", "1HGCM82633A004352"]),
    ("an IMEI", ["490154203237518", "356938035643809", "352099001761481"]),
    ("a US social security number", ["219-09-9999", "078-05-1120", "457-55-5462"]),
    ("an NHS number", ["943 476 5919", "9434765870", "9434765919"]),
  ]

  private func write(_ scratch: Scratch, _ values: [String], _ format: String, to name: String) throws {
    let rows = values.map { format == "csv" ? "x,\"\($0)\"\n" : "{\"kind\":\"x\",\"note\":\"\($0)\"}\n" }
    try scratch.write("\(name).\(format)", (format == "csv" ? "kind,note\n" : "") + rows.joined())
  }

  private func pipeline(_ format: String, _ rule: String) -> String {
    "version: 1\nname: test\nsource: {path: in.\(format)}\nfields: {kind: {constant: x}, note: \(rule)}\n"
      + "sink: {path: out.\(format)}\n"
  }

  @Test("verify finds every kind, without anonymity", arguments: ["csv", "ndjson"])
  func verifyFinds(_ format: String) throws {
    for (kind, values) in Self.kinds {
      let scratch = try Scratch()
      try write(scratch, values, format, to: "out")
      func verify(_ rule: String) throws -> Outcome {
        try scratch.write("pipeline.yaml", pipeline(format, rule))
        return try Veil.run(["verify", "out.\(format)", "--pipeline", "pipeline.yaml"], directory: scratch.root)
      }
      let found = try verify("keep")
      #expect(found.status == 1 && found.text.contains("values of 'note' hold \(kind)"), "\(kind): \(found.text)")
      for value in values { #expect(!found.text.contains(value)) }
      let allowed = try verify("{class: direct, stages: [keep], because: x}")
      #expect(allowed.status == 0, "\(kind): \(allowed.text)")
    }
  }

  @Test("verify looks where the export is personal data, too")
  func verifyFindsAlways() throws {
    let scratch = try Scratch()
    try scratch.write("out.csv", "email,note\na@example.org,call +43 660 1234567\n")
    try scratch.write(
      "pipeline.yaml",
      "version: 1\nname: t\nsource: {path: in.csv}\n"
        + "fields: {email: {class: direct, stages: [keep], because: x}, note: keep}\nsink: {path: out.csv}\n")
    let found = try Veil.run(["verify", "out.csv", "--pipeline", "pipeline.yaml"], directory: scratch.root)
    #expect(found.status == 1 && found.text.contains("1 value of 'note' holds a phone number"), "\(found.text)")
    #expect(!found.text.contains("'email'"))
  }

  @Test(
    "Ordinary values are no identifiers",
    arguments: [
      ["123456782", "123456783", "123456784", "123456785"], ["2024-03-01", "1999-12-31", "2001-01-01"],
      ["1.50", "+12345678.25", "-3"], ["10.0.19041.1", "1.2", "3.4.5"], ["ISO 8601", "DE89", "A 1111 2222"],
      ["4111111111111112", "1234 5678 9012 3456", "100000000000000"], ["a @ b", "@anna", "x+1 234"],
      ["12:30:45", "00:11:22:33", "aa-bb-cc-dd-ee-ff-00"], ["2024-03-000123", "2024-03-000124", "2024-11-000001"],
      ["0-306-40615-2", "0-19-852663-6", "0-201-53082-1"], ["000012345678", "000012345679", "000012345680"],
      ["012345678905", "036000291452", "049000028911"], ["123 456 789", "1 234 567 890", "987 654 321"],
    ])
  func ordinary(_ values: [String]) throws {
    let scratch = try Scratch()
    try write(scratch, values, "csv", to: "out")
    try scratch.write("pipeline.yaml", pipeline("csv", "keep"))
    let found = try Veil.run(["verify", "out.csv", "--pipeline", "pipeline.yaml"], directory: scratch.root)
    #expect(found.status == 0, "\(found.text)")
  }

  @Test("A run that keeps them is personal data, and says which field", arguments: ["csv", "ndjson"])
  func runFinds(_ format: String) throws {
    for (kind, values) in Self.kinds {
      for (rule, more) in [("keep", ""), ("trim", ""), ("keep", "anonymity")] {
        let scratch = try Scratch()
        try write(scratch, values + values, format, to: "in")
        var yaml = pipeline(format, rule)
        if !more.isEmpty {
          yaml = yaml.replacing("kind: {constant: x}", with: "kind: {class: quasi}") + "anonymity: {k: 2}\n"
        }
        try scratch.write("pipeline.yaml", yaml)
        let outcome = try Veil.run(
          ["run", "pipeline.yaml", "--manifest", "manifest.json"], directory: scratch.root)
        #expect(outcome.status == 0, "\(outcome.stderr)")
        #expect(outcome.stderr.contains("; personal data"), "\(kind), \(rule): \(outcome.stderr)")
        #expect(outcome.stderr.contains("'note' is said to name nobody") && outcome.stderr.contains("hold \(kind)"))
        let manifest = try scratch.text("manifest.json")
        #expect(manifest.contains("\"kind\": \"\(kind)\""), "\(manifest)")
        for value in values { #expect(!outcome.stderr.contains(value) && !manifest.contains(value)) }
      }
    }
  }

  @Test("The first records that leave are looked at, whatever the threads and chunks")
  func sample() throws {
    let scratch = try Scratch()
    var rows = "kind,note,other\n"
    for record in 0..<5000 {
      let note = record % 2 == 0 ? "call +43 660 \(1_000_000 + record) now" : "nothing"
      rows += "\(record % 3),\(note),\(record < 3000 ? "-" : "a\(record)@example.org")\n"
    }
    try scratch.write("in.csv", rows)
    let yaml =
      "version: 1\nname: test\nsource: {path: in.csv}\nfields: {kind: drop, note: keep, other: keep}\n"
      + "records: {where: {field: kind, in: ['0', '1']}}\nsink: {path: out.csv}\n"
    try scratch.write("pipeline.yaml", yaml)
    var told: Set<String> = []
    for (threads, size) in [("1", "1000000"), ("4", "100000"), ("3", "700"), ("2", "1")] {
      let outcome = try Veil.run(
        ["run", "pipeline.yaml", "--threads", threads, "--manifest", "manifest.json"],
        environment: ["VEIL_CHUNK_BYTES": size], directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let manifest = try JSONSerialization.jsonObject(with: scratch.data("manifest.json")) as? [String: Any]
      let outputs = try #require(manifest?["outputs"] as? [[String: Any]])
      let found = try JSONSerialization.data(withJSONObject: try #require(outputs[0]["measured"]), options: .sortedKeys)
      told.insert(String(decoding: found, as: UTF8.self) + "\(manifest?["label"] ?? "")")
      let said = "of 1000 values in the first 1000 records, 500 hold a phone number"
      #expect(outcome.stderr.contains(said), "\(outcome.stderr)")
    }
    #expect(told.count == 1, "\(told)")
  }

  @Test("What is declared to name people is no news")
  func declared() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "kind,note\nx,anna@example.org\ny,b@example.org\n")
    try scratch.write("pipeline.yaml", pipeline("csv", "{class: direct, stages: [keep], because: x}"))
    let outcome = try Veil.run(["run", "pipeline.yaml"], directory: scratch.root)
    #expect(outcome.status == 0 && !outcome.stderr.contains("said to name nobody"), "\(outcome.stderr)")
    try scratch.write("pipeline.yaml", pipeline("csv", "email_domain"))
    let part = try Veil.run(["run", "pipeline.yaml"], directory: scratch.root)
    #expect(part.status == 0 && part.stderr.contains("; pseudonymous"), "\(part.stderr)")
  }
}
