import VeilConfig
import VeilCrypto

/// Encrypts the characters of an alphabet with FF1 (NIST SP 800-38G).
struct FormatPreserving: Stage {
  static let documentation = StageDocumentation(
    name: "fpe",
    summary: "encrypts a number or code into another of the same length and look (FF1, NIST SP 800-38G)",
    options: [
      .init("key", "a key's name", .key, "the key under 'keys' that values are encrypted with"),
      .init(
        "alphabet", "digits, lower, upper, letters, alphanumeric or hex", .optional("digits"),
        "the characters that are encrypted: 0-9, a-z, A-Z, a-z and A-Z, 0-9 with both, or 0-9 and a-f"),
      .init(
        "characters", "2 to 62 ASCII characters", .optional("those of 'alphabet'", excludes: "alphabet"),
        "an alphabet of your own, in place of 'alphabet'"),
      .init(
        "keep_prefix", "a whole number, 0 to 64", .optional("0"),
        "how many characters of the alphabet stay at the front, such as a country's or an issuer's"),
      .init(
        "keep_separators", "true or false", .optional("true"),
        "whether ASCII punctuation and spaces outside the alphabet stay where they are, or make the value invalid"),
      .init(
        "luhn", "true or false", .optional("false"),
        "the last digit is a check digit (ISO/IEC 7812): it must be right, and is made right again"),
      .init(
        "domain", "text", .optional("the field's name"),
        "fields of one domain get the same results for the same values, others never do"),
    ],
    shorthand: "key",
    example: "phone: {fpe: {key: customers, keep_prefix: 2}}",
    promise: """
      Whoever lacks the key can neither turn a result back nor test a guess. Length, separators, the kept prefix and \
      which values are equal still show, and a result cannot be told from a real value: it may be somebody else's. \
      Values that could be fewer than a million are refused. Pseudonymous, not anonymous.
      """)

  private let key: String
  private let domain: String
  private let alphabet: Alphabet
  private let keptPrefix: Int
  private let keepsSeparators: Bool
  private let hasCheckDigit: Bool

  private static let alphabets: [(name: String, characters: StaticString)] = [
    ("digits", "0123456789"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("alphanumeric", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("hex", "0123456789abcdef"),
  ]

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    let key = options.key("key")
    domain = reader.has("domain") ? reader.requiredString("domain") ?? "" : options.field
    if domain.utf8.count > FF1.tweakLimit / 2 { reader.error("domain", "'domain' is longer than 512 bytes") }
    keptPrefix = reader.int("keep_prefix", range: 0...64, default: 0)
    keepsSeparators = reader.bool("keep_separators", default: true)
    hasCheckDigit = reader.bool("luhn", default: false)
    let name = reader.choice("alphabet", of: Self.alphabets.map(\.name)) ?? "digits"
    let own = reader.has("characters") ? reader.requiredString("characters") : nil
    let characters = own ?? Self.alphabets.first { $0.name == name }.map { "\($0.characters)" } ?? ""
    let alphabet = Alphabet(characters)
    if alphabet == nil, own != nil {
      reader.error("characters", "'characters' must be 2 to 62 different ASCII characters, none of them a control")
    }
    if hasCheckDigit, own != nil || name != "digits" {
      reader.error("luhn", "'luhn' goes with digits only", help: "leave 'alphabet' and 'characters' out")
    }
    guard let key, let alphabet, options.errorCount == before else { return nil }
    self.key = key
    self.alphabet = alphabet
  }

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .reversible }
  /// Its length, its separators and what is kept of its front show.
  var makesTokens: Bool { false }
  var isBoundToRecipient: Bool { true }
  var tellsApart: Bool { true }
  var keyUse: KeyUse? { KeyUse(key: key, domain: domain) }
  var joins: String? { "fields of the domain '\(domain)' under the same key, for the same recipient, in all files" }

  /// It maps the accepted values one-to-one onto themselves, so only an accepted value can be an output.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    var digits: [UInt8] = []
    var places: [Int] = []
    return StageVerdict(form.read(value, digits: &digits, places: &places) == nil)
  }

  private var form: FormatPreservingForm {
    FormatPreservingForm(
      alphabet: alphabet, keptPrefix: keptPrefix, keepsSeparators: keepsSeparators,
      checkDigits: hasCheckDigit ? 1 : 0, shortest: FF1.shortest(radix: alphabet.characters.count))
  }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    let secret = try environment.domainKey(key, purpose: "fpe", domain: domain)
    // The tweak is the domain, a zero, and the prefix of the value that is kept. So values with different prefixes do
    // not show that their other characters are equal.
    let tweak = Array(domain.utf8) + [0]
    return FormatPreservingRewriter(
      cipher: try FF1(key: secret, radix: alphabet.characters.count, tweakCount: tweak.count + keptPrefix),
      tweak: tweak, form: form)
  }
}

/// The characters that FF1 counts with: different ASCII characters.
struct Alphabet: Sendable {
  let characters: [UInt8]
  /// The digit for each byte; 255 for a byte that is not in the alphabet.
  let digits: [UInt8]

  init?(_ text: String) {
    let characters = Array(text.utf8)
    guard 2...62 ~= characters.count, characters.allSatisfy({ 0x20...0x7E ~= $0 }),
      Set(characters).count == characters.count
    else { return nil }
    var digits = [UInt8](repeating: 255, count: 256)
    for (digit, character) in characters.enumerated() { digits[Int(character)] = UInt8(digit) }
    self.characters = characters
    self.digits = digits
  }
}

/// Computes check digits of card numbers by ISO/IEC 7812-1, annex B.
enum Luhn {
  /// Returns the check digit that belongs after `digits`.
  static func checkDigit(_ digits: some BidirectionalCollection<UInt8>) -> UInt8 {
    var sum = 0
    var doubles = true
    for digit in digits.reversed() {
      let value = Int(digit) * (doubles ? 2 : 1)
      sum += value > 9 ? value - 9 : value
      doubles.toggle()
    }
    return UInt8((10 - sum % 10) % 10)
  }
}

/// Which values `fpe` takes, and where their digits stand.
private struct FormatPreservingForm {
  let alphabet: Alphabet
  let keptPrefix: Int
  let keepsSeparators: Bool
  let checkDigits: Int
  /// The fewest digits that FF1 encrypts.
  let shortest: Int

  /// Reads the digits of a value and their places into empty arrays; answers why the value is not taken.
  @inline(__always)
  func read(_ value: Span<UInt8>, digits: inout [UInt8], places: inout [Int]) -> FailureReason? {
    let table = alphabet.digits
    for index in value.indices {
      let byte = value[index]
      let digit = table[Int(byte)]
      if digit < 255 {
        // The kept prefix and a check digit are added to the longest length.
        guard digits.count < FF1.longest + 65 else { return FailureReason("is too long for 'fpe'", .length) }
        digits.append(digit)
        places.append(index)
      } else if !(keepsSeparators && Self.isSeparator(byte)) {
        return FailureReason("holds a character outside the alphabet of 'fpe'")
      }
    }
    let count = digits.count - keptPrefix - checkDigits
    guard count >= shortest else {
      return FailureReason("is too short for 'fpe': fewer than a million values could be meant")
    }
    guard count <= FF1.longest else { return FailureReason("is too long for 'fpe'", .length) }
    if checkDigits > 0, Luhn.checkDigit(digits.dropLast()) != digits.last {
      return FailureReason("has a wrong check digit")
    }
    return nil
  }

  /// Returns whether a byte is ASCII punctuation or a space.
  @inline(__always)
  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}

private struct FormatPreservingRewriter: Rewriter {
  let cipher: FF1
  let tweak: [UInt8]
  let form: FormatPreservingForm

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    let (cipher, form, domainCount, characters) = (cipher, form, tweak.count, form.alphabet.characters)
    let (keptPrefix, checkDigits) = (form.keptPrefix, form.checkDigits)
    var tweak = self.tweak + [UInt8](repeating: 0, count: keptPrefix)
    var digits: [UInt8] = []
    var places: [Int] = []
    column.rewriteValues(of: field, in: batch) { value, out in
      digits.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
      if let reason = form.read(value, digits: &digits, places: &places) { return .invalid(reason) }
      let count = digits.count - keptPrefix - checkDigits
      for index in 0..<keptPrefix { tweak[domainCount + index] = digits[index] }
      // Sound: `count` digits follow the prefix, and the tweak has the length that the cipher was made for.
      let isDone = unsafe digits.withUnsafeMutableBufferPointer { digits in
        unsafe tweak.withUnsafeBufferPointer { tweak in
          guard let first = digits.baseAddress, let tweak = tweak.baseAddress else { return false }
          return unsafe cipher.encrypt(first + keptPrefix, count: count, tweak: tweak)
        }
      }
      guard isDone else { return .invalid(FailureReason("cannot be encrypted by 'fpe'")) }
      if checkDigits > 0 { digits[digits.count - 1] = Luhn.checkDigit(digits.dropLast()) }
      let start = out.count
      out.append(value)
      for (digit, place) in zip(digits, places) { out[start + place] = characters[Int(digit)] }
      return .text
    }
  }
}
