import Testing
import VeilConfig
import VeilCrypto

@testable import VeilEngine

@Suite struct TokenStageTests {
  @Test func hashesSaltThenValue() throws {
    // SHA-256 of "abc" (FIPS 180-4's example), and of the salt's 32 bytes followed by it.
    try expect(
      "{hash: {unkeyed: true}}",
      [("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), (.null, .null)])
    try expect(
      "{hash: {unkeyed: true, algorithm: sha3-256}}",
      [("abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")])
    #expect(
      try one("{hash: {unkeyed: true}}", .composite("{}"), json: true)
        == .bad("is an object or array where a single value is needed"))
    // A number is hashed as its text.
    #expect(try one("{hash: {salt: salt}}", .literal("1.50"), json: true) == one("{hash: {salt: salt}}", "1.50"))
    // An empty JSON string is a value; a null is one only where it is said to be.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    try expect("{hash: {unkeyed: true}}", json: true, [("", .text(empty)), (.null, .null)])
    try expect("{hash: {unkeyed: true, \"null\": token}}", [(.null, .text(empty))])
    try expect("{hash: {unkeyed: true, null: token}}", [(.null, .text(empty))])
  }

  @Test func pseudonymsAreHMAC() throws {
    // By openssl: printf %s "$text" | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    try expect(
      "{pseudonym: {key: test, derive: none}}",
      [
        ("user@example.com", "a2338a592a541ed0b0f667e0ab5ea16e52df675a4d0b0b774346c102eb27ddf4"), (.null, .null),
      ])
    let derived = try one("{pseudonym: {key: test}}", "a")
    let same = try one("{pseudonym: {key: test, domain: f}}", "a")
    let other = try one("{pseudonym: {key: test, domain: g}}", "a")
    let plain = try one("{pseudonym: {key: test, derive: none}}", "a")
    #expect(derived == same && derived != other && derived != plain && other != plain)
    #expect(try one("{pseudonym: test}", "a") == derived)
    var harness = StageHarness("{pseudonym: {key: test}}")
    harness.recipient = "partner"
    #expect(try harness.run(["a"]) != [derived])
  }

  /// What stands between the values of a long column, and how long they are, changes none of their tokens.
  @Test(arguments: [
    "{pseudonym: {key: test, derive: none}}", "{hash: {salt: salt}}", "{hash: {salt: salt, null: token}}",
  ])
  func longColumnsHaveTheTokensOfSingleValues(rule: String) throws {
    let kinds: [Value] = (0..<40).map { index in
      switch index {
      case 7: .null
      case 13: .composite("[1]")
      case 20: .text(String(repeating: "x", count: 1_500))
      case 21: ""
      default: .text("person\(String(repeating: "-", count: index))@example.org")
      }
    }
    let singly = try kinds.map { try one(rule, $0, json: true) }
    for period in [40, 12] {
      let order = (0..<6_000).map { $0 % period }
      let tokens = try StageHarness(rule).run(order.map { kinds[$0] }, json: true)
      #expect(tokens == order.map { singly[$0] })
    }
  }

  /// Every algorithm, encoding and length, against hashlib, hmac, base64 and uuid.
  @Test func agreesWithPython() throws {
    let lines = try python(
      #"""
      import base64, hashlib, hmac, uuid
      key, salt = bytes(range(32)), bytes(range(32, 64))
      values = ["", "a", "user@example.com", "Zoë 漢字", "x" * 22, "x" * 23, "x" * 55, "x" * 56, "x" * 200, "y" * 5000]
      def derive(recipient, domain):
          info = b"".join(len(f.encode()).to_bytes(4, "big") + f.encode() for f in ("veil/v1", "pseudonym", recipient, domain))
          prk = hmac.digest(bytes(32), key, "sha256")
          return hmac.digest(prk, info + b"\1", "sha256")
      def spell(d, encoding, bits):
          cut = d[:(bits + 7) // 8]
          if encoding == "hex": return d.hex()[:bits // 4]
          if encoding == "base32": return base64.b32encode(cut).decode().rstrip("=").lower()
          if encoding == "base64url": return base64.urlsafe_b64encode(cut).decode().rstrip("=")
          if encoding == "decimal": return str(int.from_bytes(cut, "big")).zfill(len(str(2 ** bits - 1)))
          n = int.from_bytes(d[:16], "big")
          n = n & ~(0xF << 76) | 8 << 76
          n = n & ~(3 << 62) | 2 << 62
          return str(uuid.UUID(int=n))
      names = {"sha256": "sha256", "sha384": "sha384", "sha512": "sha512", "sha3-256": "sha3_256", "blake2b512": "blake2b"}
      makers = []
      for name, py in names.items():
          h = lambda v, py=py, p=b"": hashlib.new(py, p + v).digest()
          makers.append((f"hash: {{algorithm: {name}, unkeyed: true", h))
          makers.append((f"hash: {{algorithm: {name}, salt: salt", lambda v, h=h: h(v, p=salt)))
      makers.append(("pseudonym: {key: test, derive: none", lambda v: hmac.digest(key, v, "sha256")))
      makers.append(("pseudonym: {key: test", lambda v: hmac.digest(derive("", "f"), v, "sha256")))
      makers.append(("pseudonym: {key: test, domain: é", lambda v: hmac.digest(derive("", "é"), v, "sha256")))
      for rule, make in makers:
          whole = 8 * len(make(b""))
          for encoding in ("hex", "base32", "base64url", "decimal", "uuid"):
              lengths = [None] if encoding == "uuid" else [None, 80, 96, 104, 128, 160, 168, 192, 248, 256, 16, 24, 64]
              if encoding == "hex": lengths += [84, 100, 20, 252]
              for bits in lengths:
                  length = "" if bits is None else f", length: {bits}, allow_short: true"
                  for v in values:
                      print("{" + rule + f", encoding: {encoding}{length}}}}}", v, spell(make(v.encode()), encoding, bits or whole), sep="\t")
      """#)
    #expect(lines.count > 7000)
    var index = 0
    while index < lines.count {
      let rule = lines[index][0]
      let run = lines[index...].prefix { $0[0] == rule }
      try compare(rule, run.map { Array($0[1...]) }, json: true) { .text($0[1]) }
      index += run.count
    }
  }

  @Test func optionsAreChecked() {
    #expect(refusal("hash") == "stage 'hash' needs 'salt'")
    #expect(refusal("{hash: {unkeyed: false}}") == "stage 'hash' needs 'salt'")
    #expect(
      refusal("{hash: {salt: salt, unkeyed: true}}")
        == "'salt' and 'unkeyed: true' contradict each other; only one can hold")
    #expect(refusal("{hash: {salt: slat}}") == "no key is called 'slat'")
    #expect(refusal("{hash: {salt: salt, algorithm: md5}}")?.hasPrefix("'algorithm' must be one of sha256") == true)
    #expect(refusal("pseudonym") == "stage 'pseudonym' needs 'key'")
    #expect(
      refusal("{pseudonym: {key: test, derive: none, domain: x}}") == "'domain' has no effect with 'derive: none'")
    #expect(refusal("{pseudonym: {key: test, domain: \"\"}}") == "'domain' must not be empty")
    #expect(refusal("{pseudonym: {key: test, length: 64}}")?.hasPrefix("a token of 64 bits is too short") == true)
    #expect(refusal("{pseudonym: {key: test, length: 64, allow_short: true}}") == nil)
    #expect(refusal("{pseudonym: {key: test, length: 8, allow_short: true}}") == "'length' must be between 16 and 256")
    #expect(refusal("{pseudonym: {key: test, length: 264}}") == "'length' must be between 16 and 256")
    #expect(refusal("{hash: {salt: salt, algorithm: sha512, length: 264}}") == nil)
    #expect(
      refusal("{pseudonym: {key: test, length: 82}}") == "'length' must be a multiple of 4 bits with encoding hex")
    #expect(
      refusal("{pseudonym: {key: test, length: 84, encoding: base32}}")
        == "'length' must be a multiple of 8 bits with encoding base32")
    #expect(refusal("{pseudonym: {key: test, length: 128, encoding: uuid}}") == "a uuid always holds 122 bits")
    // A key where a key's name belongs is not repeated.
    let secret = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    #expect(refusal("{pseudonym: {key: \"\(secret)\"}}") == "'key' takes the name of a key under 'keys', never a key")
    #expect(!StageHarness("{pseudonym: {key: \"\(secret)\"}}").diagnostics.render().contains("0001"))
  }

  @Test func saysWhatTokensAreWorth() {
    func notes(_ rule: String) -> [String] { StageHarness(rule).diagnostics.all.map(\.message) }
    #expect(
      notes("{pseudonym: {key: test}}") == [
        "field 'f': among 1 billion people, the chance that any two share a token of 256 bits is at most 1 in 2.3e59"
      ])
    #expect(
      notes("{pseudonym: {key: test, encoding: uuid}}").first?.hasSuffix("of 122 bits is at most 1 in 1.1e19") == true)
    #expect(notes("{pseudonym: {key: test, length: 80}}").first?.hasSuffix("of 80 bits is at most 1 in 2.4e6") == true)
    #expect(
      notes("{pseudonym: {key: test, length: 32, allow_short: true}}") == [
        "field 'f': of 1 billion people, about 1.2e8 pairs would share a token of 32 bits: take more bits"
      ])
    let warning = StageHarness("{hash: {unkeyed: true}}").diagnostics.warnings.map(\.message)
    #expect(warning.count == 1 && warning[0].contains("anyone can hash guesses"))
    #expect(notes("{hash: {salt: salt}}") == [])
  }
}
