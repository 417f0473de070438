import Testing
import VeilConfig

@Suite struct FieldPathTests {
  @Test(arguments: [
    ("email", [PathStep.key("email")]),
    ("address.city", [.key("address"), .key("city")]),
    ("items[].sku", [.key("items"), .elements, .key("sku")]),
    ("grid[][]", [.key("grid"), .elements, .elements]),
    ("'odd.key'", [.key("odd.key")]),
    ("a.'it''s [odd]'[].b", [.key("a"), .key("it's [odd]"), .elements, .key("b")]),
    ("Driver's name", [.key("Driver's name")]),
    ("''", [.key("")]),
    ("名前.姓", [.key("名前"), .key("姓")]),
  ])
  func reads(text: String, steps: [PathStep]) throws {
    let path = try FieldPath(text)
    #expect(path.steps == steps)
    #expect(path.description == text)
    #expect(try FieldPath(path.description) == path)
  }

  @Test(arguments: ["", ".", "a.", ".a", "a..b", "[]", "a[", "a[0]", "a]", "'a", "'a'b", "a[]b", "a[x].b", "a.[]"])
  func refuses(text: String) {
    #expect(throws: FieldPathError.self) { try FieldPath(text) }
  }

  @Test func quotingIsNoDifference() throws {
    #expect(try FieldPath("'email'") == FieldPath("email"))
    #expect(try FieldPath("'email'").description == "email")
    #expect(FieldPath(key: "a.b").description == "'a.b'")
    #expect(FieldPath(key: "a.b").singleKey == "a.b")
    #expect(try FieldPath("a.b").singleKey == nil)
    #expect(try FieldPath("a[]").singleKey == nil)
  }

  @Test func namesAreComparedByBytes() throws {
    let composed = try FieldPath("caf\u{E9}")
    let decomposed = try FieldPath("cafe\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }
}
