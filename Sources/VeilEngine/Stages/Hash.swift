import VeilConfig
import VeilCrypto

/// Writes a cryptographic digest of a salt's bytes followed by the value's bytes.
struct Hash: Stage {
  static let documentation = StageDocumentation(
    name: "hash",
    summary: "writes a digest of the value, behind a salt that is a key",
    options: [
      .init("algorithm", "sha256, sha384, sha512, sha3-256 or blake2b512", .optional("sha256"), "which digest"),
      .init("salt", "a key's name", .oneOf(secrets), "whose bytes are hashed in front of each value's"),
      .init(
        "unkeyed", "true, or {because: text}", .oneOf(secrets),
        "hashes the value alone, which hides nothing that can be guessed; a field of class direct needs the reason"),
    ] + TokenOptions.documentation,
    example: "phone: [digits, {hash: {algorithm: sha256, salt: phones}}]",
    promise: """
      Whoever lacks the salt cannot test guesses; whoever has it can try every phone number there is. Equal values \
      stay equal, so people can be followed and counted: pseudonymous, not anonymous. Prefer `pseudonym`.
      """)

  /// `unkeyed: false` says no more than leaving it out.
  private static let secrets = OptionGroup(
    ["salt", "unkeyed"], switches: ["unkeyed"], missing: "'salt'",
    conflict: "'salt' and 'unkeyed: true' contradict each other; only one can hold",
    help: "name a key under 'keys', or say 'unkeyed: true' to do without")

  private let algorithm: DigestAlgorithm
  private let salt: String?
  private let token: TokenOptions
  private let field: String

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    algorithm = reader.choice("algorithm", of: DigestAlgorithm.self) ?? .sha256
    salt = options.key("salt")
    let isUnkeyed = Self.isUnkeyed(options)
    field = options.field
    guard let token = TokenOptions(options, digestBits: algorithm.byteCount * 8),
      options.errorCount == before, salt != nil || isUnkeyed
    else { return nil }
    self.token = token
  }

  /// Reads `unkeyed`, and reports how little an unkeyed hash protects.
  private static func isUnkeyed(_ options: StageOptions) -> Bool {
    let reader = options.reader
    guard let node = reader.node("unkeyed") else { return false }
    var reason: String?
    if node.entries != nil {
      let inner = OptionReader(
        node: node, context: "'unkeyed'", known: ["because"], diagnostics: options.diagnostics,
        at: reader.keyMark(of: "unkeyed"))
      reason = inner.requiredString("because", help: "say why nobody is harmed when the values are guessed")
    } else if reader.bool("unkeyed", default: false) == false {
      return false
    }
    let rule = options.config.fields.first { $0.path.description == options.field }
    if rule?.fieldClass == .direct, reason == nil {
      reader.error(
        "unkeyed",
        "an unkeyed hash of '\(options.field)' is refused: the field names people (class direct), and whoever hashes all "
          + "guesses has them back",
        help: "use 'pseudonym' or give it 'salt: KEY'; or acknowledge it: unkeyed: {because: \"…\"}")
    } else {
      reader.warn(
        "unkeyed",
        "an unkeyed hash of '\(options.field)' hides nothing that can be guessed: anyone can hash guesses and compare. A "
          + "graphics card tries 10 billion a second: all postcodes and birth dates at once, all of a country's phone "
          + "numbers or national ids in seconds, a list of e-mail addresses in less",
        help: "give it 'salt: KEY', or use 'pseudonym'")
    }
    return true
  }

  var effect: StageEffect { .rewrite }
  var tokenFormat: TokenFormat? { token.format }
  var makesTokens: Bool { true }
  var isBoundToRecipient: Bool { false }
  var mustBeUnique: Bool { token.isUnique }
  var keyUse: KeyUse? { salt.map { KeyUse(key: $0, domain: "") } }

  var fate: ValueFate { salt == nil ? .guessable : .token }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(token.format.matches(value)) }

  var tellsApart: Bool { token.tellsApart }
  var joins: String? {
    salt.map { "every hash of the same value under the salt '\($0)'" }
      ?? "every hash of the same value, made by anybody"
  }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    let prefix = try salt.map { try environment.keys.key($0) }
    return TokenRewriter(
      source: DigestContext(algorithm, prefix: prefix), options: token,
      tracker: token.isUnique ? environment.register?.tracker(of: field, for: environment.recipient) : nil)
  }
}

extension Hash: CollisionBounded {
  func collisionBound(people: Int) -> String { token.collisionBound(people: people) }
}
