import Testing

@testable import VeilConfig

@Suite struct YAMLTests {
  @Test func placesAreCountedInCharactersFromOne() throws {
    let (root, diagnostics) = read("ä: {\"ö\": x}\nlist:\n  - 'q'\n  - |\n    text\n")
    #expect(told(diagnostics).isEmpty)
    let entries = try #require(root?.entries)
    #expect(root?.mark == Mark(line: 1, column: 1))
    let inner = try #require(entries[0].value.entries?.first)
    #expect(inner.key.mark == Mark(line: 1, column: 5))
    #expect(inner.value.mark == Mark(line: 1, column: 10))
    #expect(inner.value.end == Mark(line: 1, column: 11))
    let items = try #require(entries[1].value.items)
    #expect(items.map(\.mark) == [Mark(line: 3, column: 5), Mark(line: 4, column: 5)])
    #expect(items.map(\.isQuoted) == [true, true])
    #expect(items[1].text == "text\n")
  }

  @Test func aByteOrderMarkIsNotACharacter() throws {
    let (root, _) = read("\u{FEFF}a: b")
    #expect(root?["a"]?.mark == Mark(line: 1, column: 4))
  }

  @Test func scalarsMeanWhatTheyAreAskedFor() throws {
    let text =
      "[no, true, \"true\", 12, \"12\", 0x1F, 1.50, 1e400, null, ~, , \"null\", -3, 99999999999999999999, True]"
    let (root, diagnostics) = read(text.replacing(", ,", with: ", '',"))
    #expect(told(diagnostics).isEmpty)
    let items = try #require(root?.items)
    #expect(items.map(\.bool) == [nil, true] + Array(repeating: nil, count: 13))
    #expect(items.map(\.int).compactMap { $0 } == [12, -3])
    #expect(items.map(\.isNull).filter { $0 }.count == 2)
    #expect(items[6].double == 1.5)
    #expect(items[6].number?.text == "1.50")
    #expect(items[7].double == nil)
    #expect(items[13].int == nil)
    #expect(items[13].double == 1e20)
    #expect(items[0].text == "no")
  }

  @Test(arguments: [
    ("", "the file is empty [`veil init DATA` prints a starter pipeline]"),
    ("# nothing\n", "the file is empty [`veil init DATA` prints a starter pipeline]"),
    ("a: &x 1", "1:4 anchors ('&name') are not allowed in a pipeline"),
    ("a: !!str 1", "1:4 tags ('!name') are not allowed in a pipeline"),
    ("a: ! b", "1:4 tags ('!name') are not allowed in a pipeline"),
    ("a: !x!y 1", "1:4 tags ('!name') are not allowed in a pipeline"),
    ("a: 1\nb: 2\na: 3", "3:1 duplicate key 'a', first given on line 1, column 1"),
    ("a: {b: 1, \"b\": 2}", "1:11 duplicate key 'b', first given on line 1, column 5"),
    ("? [x]\n: y", "1:3 a key must be text, and this one is a list"),
    ("a: 1\n---\nb: 2", "2:1 a pipeline file holds one document, and a second begins here"),
    (
      "a: b: c",
      "1:5 a ':' is not allowed here [check the indentation, or put text that holds ': ' in quotes]"
    ),
    (
      "a:\n\t- b",
      "2:1 this character cannot begin a value "
        + "[indent with spaces, not tabs; put text that begins with @, ` or % in quotes]"
    ),
    ("a: 'x\nb: 1", "1:4 the quote that begins here is not closed"),
    ("a: [1, 2", "2:1 expected ',' or ']' here, in the list that begins on line 1"),
    ("a: \u{FFFE}", "1:4 control characters are not allowed"),
    ("a: {b:}", "1:6 this ':' needs a space behind it, or quotes around the text it is part of"),
    ("a: 1\nb\nc: 2", "3:1 expected a key and ':' here [check the indentation and the lines before]"),
    (
      "- a\nb: c", "2:1 expected '- ' and the next item here, in the list that begins on line 1 [check the indentation]"
    ),
    ("a: b\u{1}", "1:5 control characters are not allowed"),
    (String(repeating: "[", count: 40), "1:33 nested deeper than 32 levels"),
    (String(repeating: "- ", count: 40), "1:65 nested deeper than 32 levels"),
  ])
  func refuses(text: String, error: String) {
    let found = told(read(text).diagnostics)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(error) == true, "\(found)")
  }

  @Test func thirtyTwoLevelsAreAllowed() {
    let text = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(told(read(text).diagnostics).isEmpty)
  }

  @Test func aliasesEndTheReading() {
    let (root, diagnostics) = read("a: &x 1\nb: *x\n<<: *x\n")
    #expect(root == nil)
    #expect(
      diagnostics.errors.map(\.mark) == [
        Mark(line: 1, column: 4), Mark(line: 2, column: 4), Mark(line: 3, column: 5),
      ])
  }

  @Test func theFirstBadByteHasAPlace() {
    let bytes = Array("a: 1\nb: ü".utf8) + [0xC3, 0x28]
    let diagnostics = Diagnostics(path: "p", source: bytes, kind: .pipeline(stages: []))
    diagnostics.accept()
    #expect(YAMLDocument.read(bytes, diagnostics: diagnostics) == nil)
    #expect(told(diagnostics) == ["2:5 this is not UTF-8 [save the file as UTF-8]"])
    #expect(diagnostics.render().contains("2:5"))
  }

  @Test func atMostAMebibyte() {
    let line = "# " + String(repeating: "x", count: 1021) + "\n"
    let full = "a: 1\n" + String(repeating: line, count: 1023)
    #expect(told(read(full).diagnostics).isEmpty)
    let over = told(read(full + line + line).diagnostics)
    #expect(over == ["the file is larger than 1 MiB, the limit for a pipeline"])
  }

  @Test(
    arguments: [
      ("0", 0.0, 0), ("-12", -12, -12), ("+7", 7, 7), ("007", 7, 7), ("1.5", 1.5, nil), (".5", 0.5, nil),
      ("5.", 5, nil),
      ("1e3", 1000, nil), ("1E-2", 0.01, nil),
    ] as [(String, Double, Int?)])
  func numbers(text: String, value: Double, integer: Int?) {
    #expect(ConfigNumber(text)?.value == value)
    #expect(ConfigNumber(text)?.integer == integer)
  }

  @Test(arguments: ["", "-", ".", "1e", "e5", "0x10", "inf", "nan", "1_000", "1,5", " 1", "1 ", "1e999", "--1", "١"])
  func noNumbers(text: String) {
    #expect(ConfigNumber(text) == nil)
  }
}
