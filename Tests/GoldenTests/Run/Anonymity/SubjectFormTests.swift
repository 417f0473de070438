import Foundation
import Testing

/// People are told apart by their subject as its own stages spell it: whoever reads the export sees one token.
@Suite struct SubjectFormTests {
  private static let form = "mail: [trim, lowercase, {pseudonym: {key: test}}]"

  private func pipeline(_ rules: [String], _ more: String, sink: String = "sink: {path: out.csv}") -> String {
    """
    version: 1
    name: test
    source: {path: in.csv, subject: mail}
    keys: {test: {env: VEIL_TEST_KEY}}
    fields:
    \(rules.map { "  " + $0 }.joined(separator: "\n"))
    \(more)
    \(sink)

    """
  }

  private func anonymous(_ model: String, _ rule: String = form) -> String {
    pipeline([rule, "age: {class: quasi}"], "anonymity: {\(model)}")
  }

  private static let spelt =
    "mail,age\nAnn@x.org,30\nann@x.org,30\n ann@x.org,30\nbob@x.org,40\nBob@x.org,40\nBOB@x.org,40\n"

  @Test func spellingsOfOneAreOnePerson() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", Self.spelt)
    try scratch.write("p.yaml", anonymous("k: 3"))
    let unmet = try PartitionTests.veil(scratch, "run p.yaml", status: 1)
    #expect(unmet.stderr.contains("only 2 people") && !scratch.exists("out.csv"), "\(unmet.stderr)")

    try scratch.write("p.yaml", anonymous("k: 2"))
    try PartitionTests.veil(scratch, "run p.yaml")
    let lines = try scratch.text("out.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(Set(lines.map { $0[0] }).count == 2 && Set(lines.map { $0[1] }) == ["*"])
    let verified = try PartitionTests.veil(scratch, "verify out.csv --pipeline p.yaml")
    #expect(verified.text.contains("k: 2 (people in the smallest class)"), "\(verified.text)")
  }

  /// What a normalizer makes of no value is nobody in particular, and what it refuses is a bad record.
  @Test func whatHasNoFormIsNoPersonOfItsOwn() throws {
    let rule = "mail: [{normalize: {as: email/v1, invalid: null}}, {pseudonym: {key: test}}]"
    let scratch = try Scratch()
    try scratch.write("in.csv", "mail,age\nnone,30\nnobody,30\nunknown,30\n")
    try scratch.write("p.yaml", anonymous("k: 2", rule))
    try PartitionTests.veil(scratch, "run p.yaml", status: 1)
    try scratch.write("p.yaml", anonymous("k: 2", rule.replacing(", invalid: null", with: "")))
    let bad = try PartitionTests.veil(scratch, "run p.yaml", status: 3)
    #expect(bad.stderr.contains("record 1") && bad.stderr.contains("mail"), "\(bad.stderr)")
  }

  /// Also where JSON's records have no such field, or have an object in its place.
  @Test func jsonSpellingsToo() throws {
    let scratch = try Scratch()
    let rows = ["\"Ann@x.org\"", "\"ann@x.org\"", "\" ANN@x.org\"", "\"\"", "null"]
    try scratch.write("in.ndjson", rows.map { "{\"mail\":\($0),\"age\":1}\n" }.joined() + "{\"age\":1}\n")
    func run(_ k: Int, status: Int32) throws {
      try scratch.write(
        "p.yaml",
        anonymous("k: \(k)").replacing("in.csv", with: "in.ndjson").replacing("out.csv", with: "out.ndjson"))
      _ = try PartitionTests.veil(scratch, "run p.yaml", status: status)
    }
    // Ann, and one unknown person.
    try run(2, status: 0)
    try run(3, status: 1)
  }

  @Test func aPlanIsAppliedToPeopleNotSpellings() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", anonymous("k: 2"))
    try scratch.write("in.csv", "mail,age\na@x,30\nb@x,30\nc@x,40\nd@x,40\n")
    try PartitionTests.veil(scratch, "run p.yaml --output first.csv --save-plan p.plan")
    try scratch.write("in.csv", "mail,age\na@x,30\nA@x,30\n a@X,30\n")
    let unmet = try PartitionTests.veil(scratch, "run p.yaml --plan p.plan", status: 1)
    #expect(!scratch.exists("out.csv"), "\(unmet.stderr)")
  }

  @Test func histogramsOfOtherFormsAreNotJoined() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", Self.spelt)
    try scratch.write("p.yaml", anonymous("k: 2"))
    try scratch.write("raw.yaml", anonymous("k: 2", "mail: {pseudonym: {key: test}}"))
    for name in ["p", "raw"] {
      try PartitionTests.veil(scratch, "anonymize observe \(name).yaml --output \(name).hist")
    }
    let refused = try PartitionTests.veil(scratch, "anonymize merge p.hist raw.hist --output all.hist", status: 4)
    #expect(refused.stderr.contains("people, by mail, in the form of trim, lowercase"), "\(refused.stderr)")
    try PartitionTests.veil(scratch, "anonymize decide raw.yaml p.hist --output raw.plan", status: 4)
    try PartitionTests.veil(scratch, "anonymize decide p.yaml p.hist --output p.plan")
    #expect(!scratch.exists("all.hist") && !scratch.exists("raw.plan"))
  }

  @Test func meansAreOfPeopleNotSpellings() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "mail,pay\nAnn@x.org,1\nann@x.org,2\nbob@x.org,90\nBOB@x.org,91\n")
    try scratch.write("p.yaml", pipeline([Self.form, "pay: keep"], "microaggregation: {k: 2, fields: [pay]}"))
    try PartitionTests.veil(scratch, "run p.yaml --manifest m.json")
    let means = try scratch.text("out.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
    #expect(Set(means).count == 1, "\(means)")
    #expect(try scratch.text("m.json").contains("\"groups\": 1"))
  }

  @Test func anAggregateBoundsPeopleNotSpellings() throws {
    let scratch = try Scratch()
    let rows = (0..<300).map { "p\($0)@x.org,DE\nP\($0)@X.org,DE\n p\($0)@x.org,DE\n" }
    try scratch.write("in.csv", "mail,country\n" + rows.joined())
    try scratch.write("budget.yaml", "version: 1\nepsilon: 10\ndelta: 0.001\nspent:\n")
    let sink =
      "sink: {path: out.csv, aggregate: {by: {country: [DE]}, measures: {people: {count: people}}, epsilon: 5, "
      + "per_person: {groups: 1, records: 1}, budget: budget.yaml}}"
    try scratch.write("p.yaml", pipeline([Self.form, "country: keep"], "", sink: sink))
    try PartitionTests.veil(scratch, "run p.yaml")
    let figure = try #require(try scratch.text("out.csv").split(separator: "\n").last?.split(separator: ",").last)
    #expect(abs((Int(figure) ?? 0) - 300) < 60, "\(figure)")
  }

  @Test func sinksAgreeOnWhoIsOnePerson() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", Self.spelt)
    func run(_ other: String, status: Int32) throws -> Outcome {
      let sinks =
        "sinks:\n  - {recipient: a, path: a.csv}\n  - {recipient: b, path: b.csv, fields: {mail: \(other)}}"
      try scratch.write(
        "p.yaml", pipeline([Self.form, "age: {class: quasi}"], "anonymity: {k: 3}", sink: sinks))
      return try PartitionTests.veil(scratch, "run p.yaml", status: status)
    }
    // One whose form is a part of the other's, or who gets none, counts as the other does.
    for other in ["drop", "{pseudonym: {key: test}}", "[trim, {pseudonym: {key: test}}]"] {
      #expect(try run(other, status: 1).stderr.contains("only 2 people"), "\(other)")
    }
    let refused = try run("[lowercase, trim, {pseudonym: {key: test}}]", status: 2)
    #expect(refused.stderr.contains("the sinks bring 'mail' to different forms"), "\(refused.stderr)")
  }
}
