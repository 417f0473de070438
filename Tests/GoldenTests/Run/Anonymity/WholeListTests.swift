import Foundation
import Testing

/// A JSON list leaves as one value, however common its elements are: it is measured as a whole and by its length.
@Suite("Lists as a whole")
struct WholeListTests {
  private static func pipeline(_ fields: String, sink: String = "out.ndjson", more: String = "") -> String {
    "version: 1\nname: test\nsource: {path: in.ndjson}\nfields: {city: {class: quasi}, \(fields)}\n"
      + "keys: {k: {env: VEIL_TEST_KEY}}\nanonymity: {k: 2}\nsink: {path: \(sink)}\n" + more
  }

  /// Sixty records whose lists are the sets of bits of a number from 1 on: common elements, and no two lists alike.
  private static func lists(_ member: (Int) -> String) -> String {
    (0..<60).map { "{\"city\":\"\($0 % 2 == 0 ? "Wien" : "Graz")\",\(member($0))}\n" }.joined()
  }

  private static func bits(_ number: Int) -> [String] {
    (0..<6).filter { (number + 1) >> $0 & 1 == 1 }.map { "c\($0)" }
  }

  private static func join(_ parts: [String]) -> String { "[" + parts.joined(separator: ",") + "]" }

  private func run(_ scratch: Scratch, _ yaml: String) throws -> Outcome {
    try scratch.write("p.yaml", yaml)
    return try Veil.run(
      ["run", "p.yaml", "--report", "report.json"], environment: TestKey.environment, directory: scratch.root)
  }

  private func measured(_ scratch: Scratch) throws -> [[String: Any]] {
    let report = try JSONSerialization.jsonObject(with: scratch.data("report.json")) as? [String: Any]
    let exports = try #require(report?["measured"] as? [[String: Any]])
    return try #require(exports.first?["fields"] as? [[String: Any]])
  }

  @Test(
    "By its elements together, or by its length",
    arguments: [
      ("\"codes[]\": keep", "whole"), ("\"items[].c\": keep, \"items[].d\": drop", "whole"),
      ("\"deep.items[].c\": keep, \"deep.items[].d\": drop", "whole"), ("\"many[]\": keep", "length"),
      ("\"many[]\": {constant: x}", "length"), ("\"many[]\": {encrypt: {key: k, random: true}}", "length"),
      ("\"rich[].d\": keep, \"rich[].e\": {encrypt: {key: k, random: true}}", "length"),
      ("o: {keep: {whole: true, because: x}}, o.f: drop", "whole"),
    ], ["out.ndjson", "out.json"])
  func tells(_ rule: (fields: String, part: String), sink: String) throws {
    let scratch = try Scratch()
    try scratch.write(
      "in.ndjson",
      Self.lists { number in
        let codes = Self.bits(number).map { "\"\($0)\"" }
        let items = Self.join(codes.map { "{\"c\":\($0),\"d\":\(number)}" })
        let rich = Self.join((0..<number).map { "{\"d\":1,\"e\":\"\($0)\"}" })
        let many = Self.join(Array(repeating: "\"a\"", count: number))
        let object = codes.map { "\($0):1" }.joined(separator: ",")
        switch rule.fields.dropFirst().prefix(4) {
        case "code": return "\"codes\":\(Self.join(codes))"
        case "item": return "\"items\":\(items)"
        case "deep": return "\"deep\":{\"items\":\(items)}"
        case "rich": return "\"rich\":\(rich)"
        case "many": return "\"many\":\(many)"
        default: return "\"o\":{\(object),\"f\":\(number)}"
        }
      })
    for order in ["keyed", "input"] {
      let outcome = try run(scratch, Self.pipeline(rule.fields, sink: sink, more: "order: \(order)\n"))
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("; pseudonymous"), "\(rule.fields): \(outcome.stderr)")
      let said = rule.part == "whole" ? "(as a whole)" : "(its length)"
      #expect(outcome.stderr.contains("\(said)' tells people apart: 60 of 60 values occur once"), "\(outcome.stderr)")
      let fields = try measured(scratch)
      let found = try #require(fields.first { $0["part"] as? String == rule.part }, "\(fields)")
      #expect(found["tells_apart"] as? Bool == true && found["of_one_person"] as? Int == 60)
      // The elements by themselves tell nobody.
      #expect(fields.allSatisfy { $0["part"] != nil || $0["tells_apart"] as? Bool == false }, "\(fields)")
      let verified = try Veil.run(
        ["verify", sink, "--pipeline", "p.yaml"], environment: TestKey.environment, directory: scratch.root)
      #expect(verified.status == 0, "\(verified.text)")
      #expect(verified.text.contains("\(said)' tells people apart: 60 of 60 values occur once"), "\(verified.text)")
    }
  }

  @Test("Lists that many share tell nobody, and run and verify count the same")
  func common() throws {
    let scratch = try Scratch()
    try scratch.write(
      "in.ndjson", Self.lists { number in "\"codes\":\(Self.join(Self.bits(number % 4).map { "\"\($0)\"" }))" })
    let outcome = try run(scratch, Self.pipeline("\"codes[]\": keep", more: "checks: [{tells_apart: none}]\n"))
    #expect(outcome.status == 0 && outcome.stderr.contains("; k-anonymous (k=2)"), "\(outcome.stderr)")
    let fields = try measured(scratch)
    let whole = try #require(fields.first { $0["part"] as? String == "whole" })
    #expect(whole["values"] as? Int == 60 && whole["different"] as? Int == 4)
    let verified = try Veil.run(["verify", "out.ndjson", "--pipeline", "p.yaml"], directory: scratch.root)
    #expect(verified.status == 0 && !verified.text.contains("apart"), "\(verified.text)")
  }

  @Test("A check makes it an error, unless the rules of what is in it are excepted, in the run and in verify")
  func checks() throws {
    let scratch = try Scratch()
    try scratch.write(
      "in.ndjson", Self.lists { number in "\"codes\":\(Self.join(Self.bits(number).map { "\"\($0)\"" }))" })
    let strict = Self.pipeline("\"codes[]\": keep", more: "checks: [{tells_apart: none}]\n")
    let broken = try run(scratch, strict)
    #expect(broken.status == 1 && !scratch.exists("out.ndjson"), "\(broken.stderr)")
    #expect(broken.stderr.contains("'codes (as a whole)' does"), "\(broken.stderr)")
    let excepted = try run(
      scratch, Self.pipeline("\"codes[]\": keep", more: "checks: [{tells_apart: {except: [\"codes[]\"]}}]\n"))
    #expect(excepted.status == 0, "\(excepted.stderr)")
    try scratch.write("p.yaml", strict)
    let verified = try Veil.run(["verify", "out.ndjson", "--pipeline", "p.yaml"], directory: scratch.root)
    #expect(verified.status == 1 && verified.text.contains("NOT MET"), "\(verified.text)")
  }

  @Test("Of several people, each person's lists count once; the same on any number of threads and chunks, and per sink")
  func people() throws {
    let scratch = try Scratch()
    var rows = ""
    for person in 0..<60 {
      for _ in 0..<3 {
        let codes = Self.join(Self.bits(person).map { "\"\($0)\"" })
        rows += "{\"id\":\"p\(person)\",\"city\":\"Wien\",\"codes\":\(codes),\"other\":[\"a\"]}\n"
      }
    }
    try scratch.write("in.ndjson", rows)
    let yaml =
      "version: 1\nname: t\nsource: {path: in.ndjson, subject: id}\nfields: {id: drop, city: {class: quasi}, \"codes[]\": keep, \"other[]\": keep}\n"
      + "anonymity: {k: 5}\nsinks:\n  - {path: a.json, recipient: a}\n"
      + "  - {path: b.ndjson, recipient: b, fields: {\"codes[]\": drop}}\n"
    try scratch.write("p.yaml", yaml)
    var told: Set<String> = []
    for (threads, size) in [(1, 1_000_000), (3, 300)] {
      let outcome = try Veil.run(
        ["run", "p.yaml", "--threads", "\(threads)", "--report", "report.json"],
        environment: ["VEIL_CHUNK_BYTES": "\(size)"], directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("a.json (pseudonymous), b.ndjson (k-anonymous (k=5)"), "\(outcome.stderr)")
      #expect(
        outcome.stderr.contains("'codes (as a whole)' tells people apart: 60 of 60 values belong to one person alone"),
        "\(outcome.stderr)")
      let report = try JSONSerialization.jsonObject(with: scratch.data("report.json")) as? [String: Any]
      let measured = try JSONSerialization.data(
        withJSONObject: try #require(report?["measured"]), options: .sortedKeys)
      told.insert(String(decoding: measured, as: UTF8.self))
    }
    #expect(told.count == 1, "\(told)")
  }
}
