import VeilConfig
import VeilCrypto

/// Encrypts values with AES-256-SIV (RFC 5297), or with AES-256-GCM (NIST SP 800-38D) and a random nonce.
struct Encrypt: Stage {
  static let documentation = StageDocumentation(
    name: "encrypt",
    summary: "writes a token that `veil reveal` can turn back with the key: the same value, the same token",
    options: [
      .init("key", "a key's name", .key, "the key under 'keys' that tokens are made with"),
      .init(
        "random", "true or false", .optional("false"),
        "true: another token every time (AES-256-GCM, random nonces), so that equal values do not show"),
      .init(
        "prefix", "true or false", .optional("false"),
        "tokens begin with the id of their key in its ring, as k3_s1_…"),
      .init(
        "table", "text", .optional("the pipeline's name"), "tokens of one table and field are the same in all files"),
      .init(
        "field", "text", .optional("the field's name"), "tokens of different fields never join, nor open as another's"),
    ],
    shorthand: "key",
    example: "account: {encrypt: {key: customers}}",
    promise: """
      Whoever lacks the key can neither read a token nor test a guess, but sees how long the value is and, without \
      `random`, which values are equal. Whoever has the key can read everything: pseudonymous (GDPR, article 4(5)), not \
      anonymous. A token made for another recipient, table or field does not open.
      """)

  let key: String
  let isRandom: Bool
  private let hasPrefix: Bool
  private let table: String
  private let field: String

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    let key = options.key("key")
    isRandom = reader.bool("random", default: false)
    hasPrefix = options.keyPrefix(key)
    table = reader.has("table") ? reader.requiredString("table") ?? "" : options.config.name
    field = reader.has("field") ? reader.requiredString("field") ?? "" : options.field
    guard let key, options.errorCount == before else { return nil }
    self.key = key
  }

  var effect: StageEffect { .rewrite }
  var makesTokens: Bool { true }
  var isBoundToRecipient: Bool { true }
  var keyUse: KeyUse? { KeyUse(key: key, domain: "\(table)\0\(field)") }

  /// Checks that the value has the form of a token and at least as many base64url characters as an empty value gives.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    guard let start = hasPrefix ? TokenFormat.keyIDWidth(value) : 0 else { return .no }
    let body = start + form.utf8.count
    let count = value.count - body
    let shortest = Base64URL.characterCount(ofBytes: isRandom ? GCMCipher.overhead : SIVContext.overhead)
    guard count >= shortest, count % 4 != 1, value.extracting(start..<body).isEqual(to: Array(form.utf8).span) else {
      return .no
    }
    for index in body..<value.count where Base64URL.value(of: value[index]) == nil { return .no }
    return .yes
  }

  /// Returns the sealed bytes of a token of this stage, to be opened by its cipher; nil if the value is no such token.
  func sealed(in token: [UInt8]) -> [UInt8]? {
    guard couldHaveWritten(token.span) == .yes else { return nil }
    let start = hasPrefix ? TokenFormat.keyIDWidth(token.span) ?? 0 : 0
    return Base64URL.decode(token.dropFirst(start + form.utf8.count))
  }

  /// The first characters of a token: how it was made, and the version of this layout.
  var form: String { isRandom ? "g1_" : "s1_" }

  var fate: ValueFate { isRandom ? .sealed : .reversible }
  var tellsApart: Bool { !isRandom }
  var joins: String? {
    isRandom
      ? nil : "the field '\(field)' of the table '\(table)' under the key '\(key)', for the same recipient"
  }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    let prefix = try environment.tokenPrefix(key, isWanted: hasPrefix) + Array(form.utf8)
    return EncryptRewriter(cipher: try cipher(environment), prefix: prefix)
  }

  /// Makes the cipher with a key of its own for the recipient and the table. The table and the field are authenticated
  /// with every value.
  func cipher(_ environment: StageEnvironment) throws -> TokenCipher {
    let data = try DomainKey.encode(["veil/v1", table, field])
    if isRandom {
      let secret = try environment.domainKey(key, purpose: "encrypt-random", domain: table)
      return .random(try GCMCipher(key: secret, associatedData: data))
    }
    let secret = try environment.domainKey(key, purpose: "encrypt", domain: table, count: SIVContext.keyByteCount)
    return .deterministic(try SIVContext(key: secret, associatedData: [data]))
  }
}

/// Seals single values. One thread owns it.
enum TokenCipher {
  case deterministic(SIVContext)
  case random(GCMCipher)

  var overhead: Int {
    switch self {
    case .deterministic: SIVContext.overhead
    case .random: GCMCipher.overhead
    }
  }

  @inline(__always)
  func seal(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    switch self {
    case .deterministic(let cipher): unsafe cipher.seal(value, count: count, into: out)
    case .random(let cipher): unsafe cipher.seal(value, count: count, into: out)
    }
  }

  /// Returns the value of a sealed one; nil if it is not authentic.
  func open(_ sealed: [UInt8]) -> [UInt8]? {
    switch self {
    case .deterministic(let cipher): cipher.open(sealed)
    case .random(let cipher): cipher.open(sealed)
    }
  }
}

private struct EncryptRewriter: Rewriter {
  let cipher: TokenCipher
  let prefix: [UInt8]

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    let (cipher, prefix) = (cipher, prefix)
    var sealed = ByteBuffer()
    column.rewriteValues(of: field, in: batch) { value, out in
      let count = value.count + cipher.overhead
      sealed.removeAll()
      sealed.reserve(count)
      out.append(prefix)
      // Sound: the value's bytes are read within its count, and room for the sealed bytes was just reserved.
      unsafe value.withUnsafeBufferPointer { value in
        guard let start = unsafe value.baseAddress ?? UnsafePointer(sealed.start) else { return }
        unsafe cipher.seal(start, count: value.count, into: sealed.end)
      }
      sealed.advance(by: count)
      unsafe Base64URL.append(sealed.start, count: count, to: &out)
      return .plain
    }
  }
}
