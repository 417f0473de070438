import Glibc
import VeilConfig

/// The options that `hash` and `pseudonym` share: how a token is spelt, and what becomes of nulls.
struct TokenOptions: Sendable {
  let format: TokenFormat
  /// Whether an empty cell or null gets the empty value's token, rather than staying empty.
  let tokenizesNull: Bool

  /// Fewer bits than this collide, or can be searched, too easily to be had without asking for them.
  static let safeBits = 80

  static let documentation: [StageDocumentation.Option] = [
    .init("encoding", "hex, base32, base64url, uuid or decimal", default: "hex", "how the token is spelt"),
    .init(
      "length", "bits, a multiple of 8 (of 4 for hex)", default: "the whole digest; 122 for uuid",
      "how much of the digest is kept, from its start; under 80 bits only with allow_short"),
    .init("allow_short", "true or false", default: "false", "lets length be under 80 bits, down to 16"),
    .init(
      "null", "keep or token", default: "keep", "whether an empty cell stays empty or gets the empty value's token"),
  ]

  /// Reports what is wrong to `options`; then the answer is nil.
  init?(_ options: StageOptions, digestBits: Int) {
    let before = options.errorCount
    let reader = options.reader
    let encoding = reader.choice("encoding", of: TokenEncoding.self) ?? .hex
    let isShortAllowed = reader.bool("allow_short", default: false)
    tokenizesNull = reader.choice("null", of: ["keep", "token"], default: "keep") == "token"
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

  /// What the chance is that among a billion people any two get one token, in words.
  var collisionBound: String {
    // The birthday bound, n^2 / 2^(bits + 1), as its decimal logarithm.
    let logarithm = 18 - Double(format.bits + 1) * log10(2)
    let number = Self.scientific(abs(logarithm))
    if logarithm >= 0 {
      return "of 1 billion people, about \(number) pairs would share a token of \(format.bits) bits"
    }
    return
      "among 1 billion people, the chance that any two share a token of \(format.bits) bits is at most 1 in \(number)"
  }

  /// Ten to a power of 0 or more, with one decimal: `2.3e59`.
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
