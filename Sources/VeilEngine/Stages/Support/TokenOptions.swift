import Glibc
import VeilConfig

/// The options that `hash` and `pseudonym` share: the form of a token, and what happens to nulls.
struct TokenOptions: Sendable {
  let format: TokenFormat
  /// Whether an empty cell or null gets the token of the empty value instead of staying empty.
  let tokenizesNull: Bool
  /// Whether the run checks that no two values get the same token.
  let isUnique: Bool
  /// The number of people that the advice about lengths assumes.
  private let people: Int

  /// With fewer bits, tokens collide or can be searched too easily, so `allow_short` is required.
  static let safeBits = 80

  /// Whether different values have different tokens: the run checks it, or the tokens are long enough.
  var tellsApart: Bool { isUnique || format.bits >= Self.safeBits }

  static let documentation: [StageDocumentation.Option] = [
    .init("encoding", "hex, base32, base64url, uuid or decimal", .optional("hex"), "how the token is spelt"),
    .init(
      "length", "bits, a multiple of 8 (of 4 for hex)", .optional("the whole digest; 122 for uuid"),
      "how much of the digest is kept, from its start; under 80 bits only with allow_short"),
    .init("allow_short", "true or false", .optional("false"), "lets length be under 80 bits, down to 16"),
    .init(
      "null", "keep or token", .optional("keep"), "whether an empty cell stays empty or gets the empty value's token"),
    .init(
      "unique", "true or false", .optional("false"),
      "fails the run if two values got one token; takes about 100 bytes of memory for each value, up to 50 million"),
    .init(
      "people", "a whole number", .optional("1000000000"),
      "how many people there may be, for what `veil check` says about the chance that two share a token"),
  ]

  /// Returns nil if an option is wrong, and reports the mistakes to `options`.
  init?(_ options: StageOptions, digestBits: Int) {
    let before = options.errorCount
    let reader = options.reader
    let encoding = reader.choice("encoding", of: TokenEncoding.self) ?? .hex
    let isShortAllowed = reader.bool("allow_short", default: false)
    tokenizesNull = reader.choice("null", of: ["keep", "token"], default: "keep") == "token"
    isUnique = reader.bool("unique", default: false)
    people = reader.int("people", range: 2...1_000_000_000_000, default: 1_000_000_000)
    var bits = digestBits
    if encoding == .uuid {
      bits = 122
      if let given = reader.int("length"), given != bits {
        reader.error("length", "a uuid always holds 122 bits", help: "leave 'length' out")
      }
    } else if let given = reader.int("length", range: 16...digestBits) {
      bits = given
      let unit = encoding == .hex ? 4 : 8
      if given % unit != 0 {
        reader.error("length", "'length' must be a multiple of \(unit) bits with encoding \(encoding.rawValue)")
      }
      if given < Self.safeBits, !isShortAllowed {
        reader.error(
          "length", "a token of \(given) bits is too short: different people would get the same one",
          help: "take 80 or more, or add 'allow_short: true' if that is meant")
      }
    }
    guard options.errorCount == before else { return nil }
    format = TokenFormat(encoding, bits: bits)
  }

  /// A sentence with the probability that any two of that many people get the same token, and what follows from it.
  var collisionBound: String { collisionBound(people: people) }

  func collisionBound(people: Int) -> String {
    let crowd = people == 1_000_000_000 ? "1 billion people" : "\(people) people"
    // The decimal logarithm of the birthday bound, n^2 / 2^(bits + 1).
    let logarithm = 2 * log10(Double(people)) - Double(format.bits + 1) * log10(2)
    let number = Self.scientific(abs(logarithm))
    if logarithm >= 0 {
      return "of \(crowd), about \(number) pairs would share a token of \(format.bits) bits"
        + (isUnique ? "; the run will fail at the first" : ": take more bits")
    }
    return
      "among \(crowd), the chance that any two share a token of \(format.bits) bits is at most 1 in \(number)"
      + (logarithm > -6 && !isUnique ? ": take more bits, or have the run check with 'unique: true'" : "")
  }

  /// Returns ten to a power of 0 or more, with one decimal: `2.3e59`.
  private static func scientific(_ logarithm: Double) -> String {
    var exponent = Int(logarithm)
    var tenths = Int((pow(10, logarithm - Double(exponent)) * 10).rounded())
    if tenths >= 100 {
      tenths /= 10
      exponent += 1
    }
    return "\(tenths / 10).\(tenths % 10)e\(exponent)"
  }
}
