import Foundation
import Testing
import VeilConfig
import VeilCrypto

@testable import VeilEngine
@testable import VeilGround

@Suite struct ReversibleStageTests {
  @Test func randomTokensDifferAndOpen() throws {
    let rule = "{encrypt: {key: test, random: true}}"
    let values: [Value] = ["a", "a", "", "Zoë 漢字", .text(String(repeating: "x", count: 1000))]
    let harness = StageHarness(rule)
    let tokens = try harness.run(values, json: true)
    #expect(tokens[0] != tokens[1])
    let stage = try #require(harness.stages[0] as? Encrypt)
    let keys = KeyStore(["test": StageHarness.key.withUnsafeBytes { SecretBytes(copying: $0) }])
    let cipher = try stage.cipher(StageEnvironment(keys: keys, recipient: ""))
    for (value, token) in zip(values, tokens) {
      guard case .text(let given) = value, case .text(let text) = token else {
        Issue.record("\(token)")
        continue
      }
      #expect(text.hasPrefix("g1_"))
      let sealed = try #require(Base64URL.decode(text.utf8.dropFirst(3)))
      #expect(cipher.open(sealed) == Array(given.utf8))
    }
    #expect(try harness.run([.null]) == [.null])
  }

  @Test func base64URL() {
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 171 &+ count) }
      var out = ByteBuffer()
      bytes.withUnsafeBufferPointer { source in
        if let start = source.baseAddress { Base64URL.append(start, count: count, to: &out) }
      }
      let text = out.withBytes(from: 0) { span in span.indices.map { span[$0] } }
      let foundation = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        .replacing("=", with: "")
      #expect(String(decoding: text, as: UTF8.self) == foundation)
      #expect(Base64URL.decode(text) == bytes)
    }
    for wrong in ["A", "AB", "AAB", "AA=", "A+A=", "AA A", "AAAAA"] { #expect(Base64URL.decode(wrong.utf8) == nil) }
  }

  /// What `veil verify` goes by: a raw value never passes for a token, a token always does.
  @Test func tokensAreToldFromValues() throws {
    func passes(_ stage: any Stage, _ text: String) -> StageVerdict {
      stage.couldHaveWritten(Array(text.utf8).span)
    }
    for rule in [
      "{encrypt: test}", "{encrypt: {key: test, random: true}}", "{pseudonym: test}", "{hash: {salt: salt}}",
    ] {
      let harness = StageHarness(rule)
      let stage = try #require(harness.stages.first)
      for token in try harness.run(["", "a", "ab", "abc", .text(String(repeating: "x", count: 99))], json: true) {
        guard case .text(let text) = token else {
          Issue.record("\(token)")
          continue
        }
        #expect(
          passes(stage, text) == .yes && passes(stage, text + "=") == .no && passes(stage, "k1_" + text) == .no)
      }
      for raw in [
        "", "a", "DE89370400440532013000", "s1_", "g1_", "user@example.com", "s1_user@example.com...........",
      ] {
        #expect(passes(stage, raw) == .no)
      }
    }
    // What `fpe` writes looks like a value: only what it does not take is told from it.
    let preserving = try #require(StageHarness("{fpe: test}").stages.first)
    #expect(passes(preserving, "123") == .no && passes(preserving, "123456") == .yes)
    let prefixed = {
      var format = TokenFormat(.base64url, bits: 128)
      format.hasKeyPrefix = true
      return format
    }()
    let token = String(repeating: "_", count: 22)
    for (text, wanted) in [("k3_" + token, true), (token, false), ("K3_" + token, false), ("k3" + token, false)] {
      #expect(prefixed.matches(Array(text.utf8).span) == wanted, "\(text)")
    }
  }

  @Test func formatIsKept() throws {
    let made = try StageHarness("{fpe: {key: test, keep_prefix: 2}}").run(["+49 (30) 1234-567", "+48 (30) 1234-567"])
    guard case .text(let first) = made[0], case .text(let second) = made[1] else {
      Issue.record("\(made)")
      return
    }
    #expect(first.hasPrefix("+49 (") && first.count == 17 && first.dropFirst(5) != "30) 1234-567")
    // The kept prefix is part of the tweak: that two numbers differ in nothing else does not show.
    #expect(first.dropFirst(3) != second.dropFirst(3))
    let cards = try StageHarness("{fpe: {key: test, keep_prefix: 6, luhn: true}}").run([
      "4111111111111111", "4111111111111112",
    ])
    guard case .text(let card) = cards[0] else {
      Issue.record("\(cards)")
      return
    }
    let digits = card.utf8.map { $0 - 48 }
    #expect(card.hasPrefix("411111") && Luhn.checkDigit(digits.dropLast()) == digits.last)
    #expect(cards[1] == .bad("has a wrong check digit"))
    #expect(Luhn.checkDigit([7, 9, 9, 2, 7, 3, 9, 8, 7, 1]) == 3)
  }

  @Test func options() {
    #expect(refusal("encrypt") == "stage 'encrypt' needs 'key'")
    #expect(refusal("{encrypt: {key: nokey}}") == "no key is called 'nokey'")
    #expect(refusal("{encrypt: {key: test, table: \"\"}}") == "'table' must not be empty")
    #expect(refusal("{fpe: {key: test, alphabet: digits, characters: ab}}")?.contains("exclude each other") == true)
    #expect(refusal("{fpe: {key: test, alphabet: digts}}")?.hasPrefix("'alphabet' must be one of digits") == true)
    for own in ["a", "aa", "é1", "a\\tb"] {
      #expect(refusal("{fpe: {key: test, characters: \"\(own)\"}}")?.hasPrefix("'characters' must be 2 to 62") == true)
    }
    #expect(refusal("{date_shift: {days: 0, by: p, key: test}}") == "'days' must be between 1 and 36500")
    #expect(refusal("{date_shift: {days: 1, by: f, key: test}}")?.contains("cannot move by itself") == true)
    #expect(refusal("{date_shift: {days: 1, by: \"a[].b\", key: test}}")?.contains("may have many") == true)
    #expect(refusal("{date_shift: {days: 1, key: test}}") == "stage 'date_shift' needs 'by'")
    #expect(refusal("{normalize: email/v2}")?.hasPrefix("'as' must be one of email/v1") == true)
    #expect(refusal("{normalize: {as: iban/v1, region: DE}}") == "iban/v1 takes no region")
    #expect(refusal("{normalize: {as: name/v1, provider_rules: true}}") == "'provider_rules' goes with email/v1 only")
  }

  @Test func unkeyedHashesOfPeopleNeedAReason() {
    let direct = "{class: direct, stages: [{hash: {unkeyed: true}}]}"
    #expect(refusal(direct)?.hasPrefix("an unkeyed hash of 'f' is refused") == true)
    #expect(refusal("{class: direct, stages: [{hash: {unkeyed: {because: agreed}}}]}") == nil)
    #expect(refusal("{class: direct, stages: [{hash: {unkeyed: {because: \"\"}}}]}") != nil)
    #expect(refusal("{class: direct, stages: [{hash: {unkeyed: {}}}]}") == "'unkeyed' needs 'because'")
    #expect(refusal("{class: direct, stages: [{hash: {salt: salt}}]}") == nil)
    let warnings = StageHarness("{hash: {unkeyed: true}}").diagnostics.warnings.map(\.message)
    #expect(warnings.count == 1 && warnings[0].contains("birth dates"))
  }

  /// Tokens of 16 bits must collide among a thousand values; whole ones must not.
  @Test func collisionsAreFound() throws {
    let values: [Value] = (0..<1000).map { .text("value \($0)") }
    let short = StageHarness("{pseudonym: {key: test, length: 16, allow_short: true, unique: true}}")
    _ = try short.run(values)
    #expect(throws: RunError.self) { try short.ledger.check() }
    let long = StageHarness("{pseudonym: {key: test, unique: true}}")
    _ = try long.run(values)
    _ = try long.run(values)
    try long.ledger.check()
    let unchecked = StageHarness("{pseudonym: {key: test, length: 16, allow_short: true}}")
    _ = try unchecked.run(values)
    try unchecked.ledger.check()
    let hashed = StageHarness("{hash: {salt: salt, length: 16, allow_short: true, unique: true}}")
    _ = try hashed.run(values)
    #expect(throws: RunError.self) { try hashed.ledger.check() }
  }

  /// One person's dates keep their distances; nobody's stay; everything within the days given occurs.
  @Test func datesMoveByPerson() throws {
    var harness = StageHarness("{date_shift: {days: 3, by: person, key: test}}")
    harness.people = (0..<600).map { "p\($0 / 2)" }
    let values: [Value] = (0..<600).map { $0 % 2 == 0 ? "2024-02-28" : "2024-03-02T10:00:00+05:30" }
    let made = try harness.run(values)
    var moves: Set<Int> = []
    for index in stride(from: 0, to: 600, by: 2) {
      guard case .text(let first) = made[index], case .text(let second) = made[index + 1] else {
        Issue.record("\(made[index])")
        continue
      }
      let (from, to) = (try #require(day(first)), try #require(day(String(second.prefix(10)))))
      #expect(to - from == 3 && second.hasSuffix("T10:00:00+05:30"))
      moves.insert(from - 19781)
    }
    #expect(moves == [-3, -2, -1, 1, 2, 3])
    harness.people = Array(repeating: "", count: 600)
    #expect(try harness.run(values).allSatisfy { "\($0)".hasPrefix("bad: cannot be moved") })
  }

  private func day(_ text: String) -> Int? {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = .withFullDate
    return formatter.date(from: text).map { Int($0.timeIntervalSince1970) / 86400 }
  }

  @Test func calendarAgreesWithPython() throws {
    let lines = try python(
      """
      import datetime, random
      random.seed(5)
      last = datetime.date.max.toordinal()
      for _ in range(20000):
          a, b = random.randint(1, last), random.choice([random.randint(1, last), 0])
          b = b or max(1, min(last, a + random.randint(-800, 800)))
          print(datetime.date.fromordinal(a).isoformat(), b - a, datetime.date.fromordinal(b).isoformat(), sep="\\t")
      """)
    for line in lines {
      let bytes = Array(line[0].utf8)
      let moved = ISODate(bytes.span)?.moved(by: Int(line[1]) ?? .max / 2)
      let text = moved.map { String(format: "%04d-%02d-%02d", $0.year, $0.month, $0.day) }
      #expect(text == line[2])
    }
    let first = Array("0001-01-01".utf8)
    let last = Array("9999-12-31".utf8)
    #expect(ISODate(first.span)?.moved(by: -1) == nil && ISODate(last.span)?.moved(by: 1) == nil)
    #expect(ISODate(first.span)?.moved(by: 0)?.year == 1 && ISODate(last.span)?.moved(by: 0)?.day == 31)
  }
}
