import VeilConfig
import VeilCrypto

/// Writes HMAC-SHA-256 of the value (RFC 2104), under a key derived for its domain.
struct Pseudonym: Stage {
  static let documentation = StageDocumentation(
    name: "pseudonym",
    summary: "writes a keyed token (HMAC-SHA-256) in place of the value: the same value, the same token",
    options: [
      .init("key", "a key's name", .key, "the key under 'keys' that tokens are made with"),
      .init(
        "domain", "text", .optional("the field's name"),
        "fields of one domain get the same tokens for the same values, others never do"),
      .init(
        "derive", "none", .optional("a key for each recipient and domain"),
        "none: plain HMAC under the key's own bytes, so that tokens join with those made elsewhere"),
      .init(
        "prefix", "true or false", .optional("false"),
        "tokens begin with the id of their key in its ring, as k3_…, so that a key can be changed without guessing"),
      .init(
        "crosswalk", "a path, or {path: PATH, from: ID}", .optional("none"),
        "also writes each token of before (of the newest accepted key, or the one named) and now to a CSV file"),
    ] + TokenOptions.documentation,
    shorthand: "key",
    example: "customer_id: {pseudonym: {key: customers}}",
    promise: """
      Whoever lacks the key can neither compute a token nor test a guess, and tokens of different recipients or domains \
      do not join (with `derive: none` they do). Equal values stay equal, so people can be followed and counted: \
      pseudonymous (GDPR, article 4(5)), not anonymous.
      """)

  private let key: String
  /// Nil if the key's own bytes are used.
  private let domain: String?
  private let token: TokenOptions
  private let field: String
  private let hasPrefix: Bool
  private let crosswalk: Crosswalk?

  /// The file that links old tokens to new ones, and the previous key.
  private struct Crosswalk: Sendable {
    var path: String
    var from: String?
  }

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    let key = options.key("key")
    let isUnderived = reader.choice("derive", of: ["none"]) != nil
    let domain = reader.has("domain") ? reader.requiredString("domain") : options.field
    if isUnderived, reader.has("domain") {
      reader.error(
        "domain", "'domain' has no effect with 'derive: none'", help: "leave one of the two out")
    }
    hasPrefix = options.keyPrefix(key)
    crosswalk = Self.crosswalk(options, key)
    guard let token = TokenOptions(options, digestBits: 256), let key, let domain, options.errorCount == before
    else { return nil }
    self.key = key
    self.domain = isUnderived ? nil : domain
    self.token = token
    field = options.field
    options.diagnostics.note(at: reader.mark, "field '\(options.field)': " + token.collisionBound)
  }

  private static func crosswalk(_ options: StageOptions, _ key: String?) -> Crosswalk? {
    let reader = options.reader
    guard let node = reader.node("crosswalk") else { return nil }
    options.requireRing(key, for: "crosswalk")
    var from: String?
    var path: String?
    if node.entries != nil {
      let inner = OptionReader(
        node: node, context: "'crosswalk'", known: ["path", "from"], diagnostics: options.diagnostics,
        at: reader.keyMark(of: "crosswalk"))
      path = inner.requiredString("path")
      from = inner.has("from") ? inner.requiredString("from") : nil
    } else {
      path = reader.requiredString("crosswalk")
    }
    guard let path else { return nil }
    if path == "-"
      || options.config.sinks.contains(where: { $0.path.map(options.config.resolve) == options.config.resolve(path) })
    {
      reader.error("crosswalk", "'crosswalk' needs a file of its own")
    }
    return Crosswalk(path: options.config.resolve(path), from: from)
  }

  var effect: StageEffect { .rewrite }
  var makesTokens: Bool { true }
  var tokenFormat: TokenFormat? { format }

  private var format: TokenFormat {
    var format = token.format
    format.hasKeyPrefix = hasPrefix
    return format
  }

  var isBoundToRecipient: Bool { domain != nil }
  var mustBeUnique: Bool { token.isUnique }
  var keyUse: KeyUse? { KeyUse(key: key, domain: domain ?? "") }

  /// Returns the path of the crosswalk for one recipient, if the stage writes one.
  func crosswalkPath(for recipient: String) -> String? {
    crosswalk?.path.replacing("{recipient}", with: recipient)
  }

  var carriesOverFrom: String? { crosswalk == nil ? nil : key }

  var fate: ValueFate { .token }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(format.matches(value)) }

  var tellsApart: Bool { token.tellsApart }
  var joins: String? {
    guard let domain else { return "tokens of the same value made anywhere with the key '\(key)'" }
    return "fields of the domain '\(domain)' under the key '\(key)', for the same recipient, in all files and runs"
  }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    var made = try tokens(environment)
    made.tracker = token.isUnique ? environment.register?.tracker(of: field, for: environment.recipient) : nil
    guard let crosswalk, let register = environment.register else { return made }
    var before = environment
    let earlier = try environment.keys.earlier(key, id: crosswalk.from)
    before.keys = environment.keys.using(earlier, for: key)
    return CrosswalkRewriter(
      before: try tokens(before), now: made, path: crosswalkPath(for: environment.recipient) ?? crosswalk.path,
      register: register)
  }

  private func tokens(_ environment: StageEnvironment) throws -> TokenRewriter<HMACContext> {
    let secret =
      try domain.map { try environment.domainKey(key, purpose: "pseudonym", domain: $0) }
      ?? environment.keys.key(key)
    return TokenRewriter(
      source: HMACContext(algorithm: .sha256, key: secret), options: token,
      prefix: try environment.tokenPrefix(key, isWanted: hasPrefix))
  }
}

/// Writes tokens under a new key, and records each old and new token for the crosswalk.
private final class CrosswalkRewriter: Rewriter {
  private let before: TokenRewriter<HMACContext>
  private let now: TokenRewriter<HMACContext>
  private let path: String
  private let register: TokenRegister
  private var view: Column?

  init(before: TokenRewriter<HMACContext>, now: TokenRewriter<HMACContext>, path: String, register: TokenRegister) {
    self.before = before
    self.now = now
    self.path = path
    self.register = register
    // A crosswalk without any pairs is written too.
    register.addPairs([], path: path)
  }

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    let view = self.view ?? Column(hasRows: column.hasRows)
    self.view = view
    view.copyPlaces(of: column)
    before.rewrite(view, of: field, in: batch)
    now.rewrite(column, of: field, in: batch)
    var pairs: [(old: [UInt8], new: [UInt8])] = []
    for index in 0..<column.cells.count where !column.cells[index].isNull && !view.cells[index].isNull {
      guard batch.isLive(column.record(ofCell: index)) else { continue }
      pairs.append((Self.bytes(view, index), Self.bytes(column, index)))
    }
    register.addPairs(pairs, path: path)
  }

  private static func bytes(_ column: Column, _ index: Int) -> [UInt8] {
    // Sound: a cell lies within its column's bytes.
    let cell = column.cells[index]
    return unsafe Array(UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count))
  }
}

extension Pseudonym: CollisionBounded {
  func collisionBound(people: Int) -> String { token.collisionBound(people: people) }
}
