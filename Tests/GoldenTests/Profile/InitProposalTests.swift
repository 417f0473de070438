import Foundation
import Testing

/// What `veil init` proposes must publish nobody: numbers that say whose a record is are no quantities, however often they
/// repeat.
@Suite struct InitProposalTests {
  /// A table with 60 made-up people in 600 records.
  private static func table() -> String {
    var random = SystemRandomNumberGenerator()
    func digits(_ count: Int) -> String {
      String(Int.random(in: 1...9, using: &random)) + (1..<count).map { _ in "\(Int.random(in: 0...9))" }.joined()
    }
    let people = (0..<60).map { _ in
      [digits(9), digits(6), "DE" + digits(7), "0" + digits(9), digits(Int.random(in: 8...11))]
    }
    var text = "a_number,member,ref,xq,vq,religious,drugs,race,duration,amount,visits\n"
    for record in 0..<600 {
      let flags = (0..<3).map { _ in "\(Int.random(in: 0...1))" }
      let measures = [
        digits(Int.random(in: 1...6)), "\"\(digits(Int.random(in: 1...4))),\(digits(2))\"", "\(Int.random(in: 0...40))",
      ]
      text += (people[record % 60] + flags + measures).joined(separator: ",") + "\n"
    }
    return text
  }

  private func rules(of text: String) -> [String: String] {
    var rules: [String: String] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("  ") && !line.hasPrefix("  #") {
      let parts = line.dropFirst(2).split(separator: ":", maxSplits: 1)
      if parts.count == 2 { rules[String(parts[0])] = String(parts[1].dropFirst()) }
    }
    return rules
  }

  @Test("Codes that repeat are identifiers, quantities are not, and flags of special categories are sensitive")
  func codesAndQuantities() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", Self.table())
    let proposal = rules(of: try scratch.veil("init in.csv").text)
    for name in ["a_number", "member", "ref", "vq"] {
      // A token would join the ten records of a person.
      #expect(proposal[name] == "{class: direct, stages: [drop]}", "\(name): \(proposal[name] ?? "-")")
    }
    #expect(proposal["xq"] == "{class: direct, stages: [drop]}")
    for name in ["religious", "drugs", "race"] {
      #expect(proposal[name] == "{class: sensitive, stages: [drop]}", "\(name): \(proposal[name] ?? "-")")
    }
    for name in ["duration", "visits"] {
      #expect(proposal[name] == "{class: quasi, hierarchy: {interval: auto}}", "\(name): \(proposal[name] ?? "-")")
    }
    #expect(proposal["amount"] == "{class: direct, stages: [drop]}")
  }

  @Test("Parts of names and phones in nested records are known")
  func nested() throws {
    let scratch = try Scratch()
    let record =
      #"{"name":[{"family":"Muster","given":["Eva"]}],"contact":{"phones":["+49 30 1234567"]},"#
      + #""given":["A"],"age":3}"#
    try scratch.write("in.ndjson", record + "\n")
    let text = try scratch.veil("init in.ndjson").text
    for (name, title) in [("name[].family", "name"), ("given[]", "name"), ("contact.phones[]", "phone number")] {
      #expect(text.contains("# \(title): its name; several in one record: decide\n  \"\(name)\": drop"), "\(name)")
    }
  }

  @Test("How many records are alone is said of the fields that are proposed")
  func alone() throws {
    let scratch = try Scratch()
    var text = "age,a,b,c\n"
    for record in 0..<900 {
      let place = record * 611 % 900
      text += "\(20 + record % 2),\(place % 30),\(place / 30),\(record % 7)\n"
    }
    try scratch.write("in.csv", text)
    let proposal = try scratch.veil("init in.csv").text
    #expect(proposal.contains("# today 100 % of records are alone by age, a, b, c\n"), "\(proposal)")
  }

  @Test("It names no key that looks like a value, also where it would be a quasi-identifier")
  func hiddenKeys() throws {
    let scratch = try Scratch()
    try scratch.write(
      "in.ndjson", (0..<60).map { "{\"age\":\($0 % 3),\"sex\":\"\($0 % 2)\",\"anna schmidt\":\($0 % 4)}\n" }.joined())
    let text = try scratch.veil("init in.ndjson").text
    #expect(!text.contains("anna") && text.contains("1 fields are not listed"), "\(text)")
    #expect(try !scratch.veil("profile in.ndjson").text.contains("anna"))
  }

  @Test("A web address that holds an e-mail address is a web address")
  func webAddresses() throws {
    let scratch = try Scratch()
    try scratch.write(
      "in.csv", "x,y\n" + (0..<30).map { "https://example.com/users/ann\($0)@example.org/orders,\($0 % 2)\n" }.joined())
    #expect(rules(of: try scratch.veil("init in.csv").text)["x"] == "{class: direct, stages: [drop]}")
    #expect(try scratch.veil("profile in.csv").text.contains("100 % are web addresses"))
  }

  @Test("--output writes a new file, whose paths are relative to its folder")
  func output() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.root + "/data", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: scratch.root + "/pipelines", withIntermediateDirectories: true)
    try scratch.write("data/in.csv", "age,town\n" + String(repeating: "1,A\n2,B\n", count: 6))
    #expect(try scratch.veil("init data/in.csv --output pipelines/p.yaml").status == 0)
    #expect(try scratch.text("pipelines/p.yaml").contains("path: \"../data/in.csv\""))
    #expect(try scratch.veil("check pipelines/p.yaml --input data/in.csv").status == 0)
    let again = try scratch.veil("init data/in.csv --output pipelines/p.yaml")
    #expect(again.status == 3)
    #expect(again.stderr.contains("it is left as it is"))
  }
}
