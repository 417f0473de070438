import VeilConfig
import VeilCrypto

/// A cryptographic digest of a salt's bytes followed by the value's.
struct Hash: Stage {
  static let documentation = StageDocumentation(
    name: "hash",
    summary: "writes a digest of the value, behind a salt that is a key",
    options: [
      .init("algorithm", "sha256, sha384, sha512, sha3-256 or blake2b512", default: "sha256", "which digest"),
      .init("salt", "a key's name", "whose bytes are hashed in front of each value's; this, or unkeyed: true"),
      .init("unkeyed", "true", default: "false", "hashes the value alone, which hides nothing that can be guessed"),
    ] + TokenOptions.documentation,
    example: "phone: [digits, {hash: {algorithm: sha256, salt: phones}}]",
    promise: """
      Whoever lacks the salt cannot test guesses; whoever has it can try every phone number there is. Equal values \
      stay equal, so people can be followed and counted: pseudonymous, not anonymous. Prefer `pseudonym`.
      """)

  private let algorithm: DigestAlgorithm
  private let salt: String?
  private let token: TokenOptions

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    algorithm = reader.choice("algorithm", of: DigestAlgorithm.self) ?? .sha256
    salt = options.key("salt", required: false)
    let isUnkeyed = reader.bool("unkeyed", default: false)
    if reader.has("salt"), isUnkeyed {
      reader.error("unkeyed", "'salt' and 'unkeyed: true' contradict each other; only one can hold")
    } else if isUnkeyed {
      reader.warn(
        "unkeyed",
        "an unkeyed hash of '\(options.field)' hides nothing that can be guessed: anyone can hash guesses, such as a "
          + "list of e-mail addresses or all phone numbers, and compare",
        help: "give it 'salt: KEY', or use 'pseudonym'")
    } else if reader.isAbsent("salt") {
      reader.require("salt", help: "name a key under 'keys', or say 'unkeyed: true' to do without")
    }
    guard let token = TokenOptions(options, digestBits: algorithm.byteCount * 8),
      options.errorCount == before, salt != nil || isUnkeyed
    else { return nil }
    self.token = token
  }

  var tokenFormat: TokenFormat? { token.format }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    let prefix = try salt.map { try environment.keys.key($0) }
    return TokenRewriter(source: DigestContext(algorithm, prefix: prefix), options: token)
  }
}
