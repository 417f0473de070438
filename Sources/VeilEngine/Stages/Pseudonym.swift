import VeilConfig
import VeilCrypto

/// HMAC-SHA-256 of the value (RFC 2104), under a key of its domain.
struct Pseudonym: Stage {
  static let documentation = StageDocumentation(
    name: "pseudonym",
    summary: "writes a keyed token (HMAC-SHA-256) in place of the value: the same value, the same token",
    options: [
      .init("key", "a key's name", "the key under 'keys' that tokens are made with"),
      .init(
        "domain", "text", default: "the field's name",
        "fields of one domain get the same tokens for the same values, others never do"),
      .init(
        "derive", "none", default: "a key for each recipient and domain",
        "none: plain HMAC under the key's own bytes, so that tokens join with those made elsewhere"),
    ] + TokenOptions.documentation,
    shorthand: "key",
    example: "customer_id: {pseudonym: {key: customers}}",
    promise: """
      Whoever lacks the key can neither compute a token nor test a guess, and tokens of different recipients or domains \
      do not join (with `derive: none` they do). Equal values stay equal, so people can be followed and counted: \
      pseudonymous (GDPR, article 4(5)), not anonymous.
      """)

  private let key: String
  /// Nil for the key's own bytes.
  private let domain: String?
  private let token: TokenOptions
  private let field: String

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    reader.require("key", help: "name a key under 'keys'")
    let key = options.key("key", required: false)
    let isPlain = reader.choice("derive", of: ["none"]) != nil
    let domain = reader.has("domain") ? reader.requiredString("domain") : options.field
    if isPlain, reader.has("domain") {
      reader.error(
        "domain", "'domain' has no effect with 'derive: none'", help: "leave one of the two out")
    }
    guard let token = TokenOptions(options, digestBits: 256), let key, let domain, options.errorCount == before
    else { return nil }
    self.key = key
    self.domain = isPlain ? nil : domain
    self.token = token
    field = options.field
    options.diagnostics.note(at: reader.mark, "field '\(options.field)': " + token.collisionBound)
  }

  var tokenFormat: TokenFormat? { token.format }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    let secret =
      try domain.map { try environment.domainKey(key, purpose: "pseudonym", domain: $0) }
      ?? environment.keys.key(key)
    return TokenRewriter(
      source: HMACContext(algorithm: .sha256, key: secret), options: token,
      tracker: token.isUnique ? environment.ledger?.tracker(of: field) : nil)
  }
}
