import Testing
import VeilConfig

@testable import VeilEngine

/// Labels speak of keys only where a pipeline has some.
@Suite struct LabelWordTests {
  private func words(_ yaml: String, label expected: String = "pseudonymous") throws -> String {
    let (pipeline, text) = try RunRig().compile(yaml)
    let label = ExportLabel(try #require(pipeline, "\(text)"), evidence: .none, part: nil, measured: [])
    #expect(label.text == expected)
    return (label.reasons + label.limitations).joined(separator: "\n")
  }

  @Test func keysAreNamedWhereThereAreSome() throws {
    let words = try words("keys: {k: {env: K}}\nfields: {a: {pseudonym: {key: k}}, b: drop}\n")
    #expect(words.contains("whoever has the keys, or joins on them, can single people out by the tokens of a"))
    #expect(words.contains("who has the keys, or knows enough of a person, can find them"))
  }

  @Test(arguments: ["{truncate: {keep: 2}}", "{hash: {unkeyed: true}}"])
  func keysAreNotNamedWhereThereAreNone(_ rule: String) throws {
    let words = try words("fields: {a: \(rule), b: drop}\n")
    #expect(!words.contains("has the keys"))
    #expect(words.contains("who knows enough of a person can find them"))
    let isToken = rule.contains("hash")
    #expect(words.contains("whoever joins on them can single people out by the tokens of a") == isToken)
  }

  @Test("Some values whole of what names a person are personal data, and a part is not")
  func partsOfNames() throws {
    #expect(
      try words("fields: {a: {class: direct, stages: [{mask: {last: 4}}]}, b: drop}\n")
        .contains("parts of what names a person leave: a"))
    #expect(
      try words("fields: {a: {class: direct, stages: [{truncate: {keep: 2}}]}, b: drop}\n", label: "personal data")
        .contains("these name a person, and some values leave whole or nearly so: a"))
  }
}
