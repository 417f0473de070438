import Testing

@testable import VeilEngine

@Suite struct TextStageTests {
  @Test func keepAndDrop() throws {
    try expect(
      "keep", json: true, [("a", "a"), (.literal("1.0"), .literal("1.0")), (.composite("[1]"), .composite("[1]"))])
    try expect("drop", [("a", .null), ("", .null)])
    #expect(StageHarness("keep").stages.first?.effect == .keep)
    #expect(StageHarness("drop").stages.first?.effect == .drop)
  }

  @Test func constantReplacesEverythingButNull() throws {
    try expect(
      "{constant: x}", json: true, [("a", "x"), (.literal("1"), "x"), (.composite("{}"), "x"), (.null, .null)])
    try expect("{constant: 5}", json: true, [("a", .literal("5"))])
    try expect("{constant: -0.5e3}", json: true, [("a", .literal("-0.5e3"))])
    try expect("{constant: true}", json: true, [("a", .literal("true"))])
    try expect("{constant: \"5\"}", json: true, [("a", "5")])
    // JSON has no such numbers.
    for number in ["007", ".5", "5.", "+5", "-.5", "1.e3"] {
      try expect("{constant: \(number)}", json: true, [("a", .text(number))])
    }
    try expect("{constant: {value: \"\"}}", json: true, [("a", "")])
    try expect("{constant: \"\"}", [("a", .null)])
    #expect(refusal("{constant: {}}") == "stage 'constant' needs 'value'")
    #expect(refusal("{constant: [1]}") == "'value' must be a single value, not a list")
    #expect(refusal("{constant: {value: ~}}") == "'value' has no value")
  }

  @Test func nullFillsNulls() throws {
    try expect("{null: none}", [(.null, "none"), ("a", "a")])
    try expect("{null: 0}", json: true, [(.null, .literal("0")), (.literal("1"), .literal("1")), ("", "")])
    try expect("[{null: {becomes: none}}, uppercase]", [(.null, "NONE"), ("a", "A")])
    // What trimming leaves empty is empty.
    try expect("[trim, {null: none}]", [("  ", "none")])
    try expect("[trim, {null: none}]", json: true, [("  ", "")])
    try expect("[{constant: x}, {null: none}]", [("a", "x"), (.null, "none")])
    #expect(refusal("{null: {}}") == "stage 'null' needs 'becomes'")
    #expect(refusal("{null: \"\"}") == "'becomes' needs a value to write")
  }

  @Test func trimTakesWhiteSpaceOffBothEnds() throws {
    let spaces: [UInt32] = [
      0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
    ]
    for value in spaces + Array(0x2000...0x200A) {
      let space = String(Unicode.Scalar(value)!)
      #expect(try one("trim", .text("\(space) a b\(space)\(space)")) == "a b", "U+\(String(value, radix: 16))")
    }
    // Not White_Space: zero width space, byte order mark, information separators, a lone combining mark.
    for other in ["\u{200B}a", "\u{FEFF}a", "\u{1C}a", "a\u{301}", "é"] {
      #expect(try one("trim", .text(other)) == .text(other))
    }
    try expect("trim", json: true, [("", ""), ("   ", ""), (" x", "x"), (.literal("1.0"), .literal("1.0"))])
    try expect("trim", [("   ", .null), ("x ", "x")])
    #expect(
      try one("trim", .composite("{}"), json: true) == .bad("is an object or array where a single value is needed"))
  }

  @Test func casesMapFully() throws {
    try expect(
      "lowercase",
      [
        ("AZaz@[`{09", "azaz@[`{09"), ("ÄÖÜ", "äöü"), ("İ", "i\u{307}"), ("ΟΔΟΣ", "οδος"), ("Σ", "σ"),
        ("ΑΣ.Σ", "ασ.ς"), ("ΑΣ'Α", "ασ'α"), ("ǅ", "ǆ"),
      ])
    try expect("uppercase", [("azAZ`{", "AZAZ`{"), ("straße", "STRASSE"), ("ŉ", "ʼN"), ("ﬃ", "FFI"), ("ς", "Σ")])
  }

  @Test func nfcComposes() throws {
    try expect(
      "nfc",
      [
        ("e\u{301}", "é"), ("abc", "abc"), ("\u{212B}", "Å"), ("\u{1100}\u{1161}", "가"), ("ﬁ", "ﬁ"),
        ("q\u{307}\u{323}", "q\u{323}\u{307}"), ("\u{958}", "\u{915}\u{93C}"),
      ])
    // Canonically equal strings are equal in Swift: compare the bytes.
    guard case .text(let made) = try one("nfc", "e\u{301}") else { throw Unexpected() }
    #expect(Array(made.utf8) == [0xC3, 0xA9])
  }

  struct Unexpected: Error {}

  @Test func digitsOfAnyScript() throws {
    try expect(
      "digits", json: true,
      [
        ("+49 (0) 30-1234", "490301234"), ("１２３", "123"), ("٣४", "34"), ("𝟗", "9"), ("²½Ⅷ十", ""),
        (.literal("-12.5e3"), "1253"),
      ])
    try expect("digits", [("none", .null)])
  }

  @Test func maskHidesShortValuesWhole() throws {
    try expect("mask", json: true, [("abc", "***"), ("", ""), (.literal("123"), "***")])
    try expect(
      "{mask: {first: 2, last: 1}}", [("abcdef", "ab***f"), ("abcd", "ab*d"), ("abc", "***"), ("ab", "**"), ("a", "*")])
    try expect("{mask: {last: 4, with: \"•\"}}", [("DE12345678", "••••••5678"), ("5678", "••••")])
    try expect("{mask: {first: 1}}", [("éàü", "é**"), ("👩‍👧", "👩**")])
    try expect("{mask: {first: 1000000, last: 1000000}}", [("abc", "***")])
    #expect(refusal("{mask: {with: ab}}") == "'with' must be one character")
    #expect(refusal("{mask: {with: \"\"}}") == "'with' must be one character")
    #expect(refusal("{mask: {first: -1}}") == "'first' must be between 0 and 1000000")
  }

  /// Python's tables stand for Unicode's: every scalar it knows, alone and among others.
  @Test func agreesWithPythonOnUnicode() throws {
    let lines = try python(
      #"""
      import random, sys, unicodedata as u
      r = random.Random(7)
      # A small letter without a capital may be given one by a later version of Unicode than Python's.
      every = [chr(c) for c in range(0x110000) if u.category(chr(c)) not in ("Cn", "Cs", "Co")]
      every = [c for c in every if u.category(c) != "Ll" or c.upper() != c]
      marks = [c for c in every if u.combining(c)]
      hangul = [chr(c) for c in range(0x1100, 0x1200)]
      cased = [c for c in every if c.lower() != c or c.upper() != c]
      # By blocks of 50 scalars between spaces, all there are.
      samples = [" ".join(every[i:i + 50]) for i in range(0, len(every), 50)]
      for _ in range(8000):
          pool = [every, marks, hangul, cased, "ΑΣσ.' a"]
          samples.append("".join(r.choice(r.choice(pool)) for _ in range(r.randint(1, 8))))
      h = lambda s: s.encode().hex()
      for s in samples:
          digits = "".join(str(u.decimal(c)) for c in s if u.category(c) == "Nd")
          print(h(s), h(u.normalize("NFC", s)), h(s.lower()), h(s.upper()), h(digits), sep="\t")
      """#)
    #expect(lines.count > 10_000)
    let given = lines.map { Value.text(text(hex: $0[0])) }
    for (place, rule) in ["nfc", "lowercase", "uppercase", "digits"].enumerated() {
      let made = try StageHarness(rule).run(given, json: true)
      var wrong: [String] = []
      for (line, got) in zip(lines, made) {
        guard case .text(let got) = got else { throw Unexpected() }
        if Array(got.utf8) != Array(text(hex: line[place + 1]).utf8) { wrong.append(line[0]) }
      }
      #expect(wrong.isEmpty, "\(rule) of \(wrong.prefix(5)), \(wrong.count) in all")
    }
  }
}
