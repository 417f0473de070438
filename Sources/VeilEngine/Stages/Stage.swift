import VeilConfig
import VeilCrypto

/// One configured step of a field's rule.
///
/// A stage is made from its options when the pipeline is read; one that exists cannot be misconfigured. It is a value
/// that any thread may share; what rewrites cells on one thread is its `Rewriter`.
protocol Stage: Sendable {
  /// The stage's name, options and promise. Help, the reference page and the accepted keys derive from it.
  static var documentation: StageDocumentation { get }

  /// Reads the options, reports every mistake to `options` and answers nil if there was one.
  init?(_ options: StageOptions)

  /// What becomes of the field. No default: that a field is kept or dropped is told by it.
  var effect: StageEffect { get }

  /// What the tokens look like that it writes; nil where it writes none, or none of one length.
  var tokenFormat: TokenFormat? { get }

  /// Whether a published value could be one that this stage wrote, by its look. `veil verify` goes by it.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict

  /// Whether it writes tokens, which show nothing of any value to whoever lacks the key.
  var makesTokens: Bool { get }

  /// Whether the recipient's name is part of the key of its tokens, so that two recipients cannot join theirs.
  var isBoundToRecipient: Bool { get }

  /// The name and version of the normalization it does, which the tokens made behind it are bound to.
  var normalization: String? { get }

  /// Whether the run fails where two values get one token.
  var mustBeUnique: Bool { get }

  /// The key whose earlier tokens it writes to a crosswalk.
  var carriesOverFrom: String? { get }

  /// Other fields whose values it looks at, as they came.
  var lookedAt: [FieldPath] { get }

  /// What it leaves of a value. Where what it writes differs from the value, this is not `.readable`.
  var fate: ValueFate { get }

  /// Whether it makes one token of each value, and of no two values the same but by a chance that can be left out.
  var tellsApart: Bool { get }

  /// Which other values get the same tokens, in words that follow "joins with"; nil where it makes none.
  var joins: String? { get }

  /// Files that it was made from.
  var filesRead: [FileRead] { get }

  /// The key that it works with; nil where it has none.
  var keyUse: KeyUse? { get }

  /// Makes what does the work on one thread, with prepared keys and states of its own.
  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter
}

/// A file that a stage was made from.
struct FileRead: Sendable {
  /// As the pipeline names it.
  let path: String
  /// Of the bytes that were read, in hex.
  let sha256: String
}

/// What a stage's key is used for.
struct KeyUse: Sendable {
  /// As the pipeline names it.
  let key: String
  /// What its use is bound to besides the recipient; empty where it is used as it is.
  let domain: String
}

/// Whether a stage could have written a value.
enum StageVerdict: Sendable, Equatable {
  case yes
  case no
  /// The stage leaves such a value as it is: the stages in front tell more.
  case passedOn
  /// Any value could be one; `because` says why.
  case unknown(because: String)

  init(_ isPossible: Bool) { self = isPossible ? .yes : .no }
}

enum StageEffect: Sendable {
  /// The value leaves as it came.
  case keep
  /// The field does not leave.
  case drop
  /// The value is rewritten.
  case rewrite
}

/// A stage that makes no tokens and has no key. What a privacy claim rests on has no default: a stage states each of these
/// facts, or states all of them at once by this name.
protocol TokenlessStage: Stage {}

extension TokenlessStage {
  var makesTokens: Bool { false }
  var tellsApart: Bool { false }
  var joins: String? { nil }
  var isBoundToRecipient: Bool { false }
  var keyUse: KeyUse? { nil }
}

/// These have defaults, because no privacy claim is false where a stage leaves one out: a stage is given no other field's
/// values than those of `lookedAt`, and the rest only adds checks and records.
extension Stage {
  var tokenFormat: TokenFormat? { nil }
  var normalization: String? { nil }
  var mustBeUnique: Bool { false }
  var carriesOverFrom: String? { nil }
  var lookedAt: [FieldPath] { [] }
  var filesRead: [FileRead] { [] }
  var name: String { Self.documentation.name }
}

/// Rewrites one column of one batch at a time. Belongs to one thread.
protocol Rewriter {
  /// Looks at a batch before any of its fields is rewritten: the place to read other fields as they came.
  func prepare(_ batch: Batch)
  func rewrite(_ column: Column, of field: Int, in batch: Batch)
}

extension Rewriter {
  func prepare(_ batch: Batch) {}
}

/// What a stage is given when a run starts: the keys, and for whom the run is.
struct StageEnvironment {
  var keys: KeyStore
  /// The recipient the sink names; empty when it names none.
  let recipient: String
  /// The normalization that values have passed before they come to the stage.
  var normalization: String?
  /// Which column of a batch holds a field that a stage said it looks at.
  var column: (FieldPath) -> Int? = { _ in nil }
  /// What stages report about the run as a whole; nil where there is no run.
  var ledger: TokenRegister?

  init(keys: KeyStore, recipient: String) {
    self.keys = keys
    self.recipient = recipient
  }

  /// Makes what does the work of stages that follow one another.
  func rewriters(of stages: [any Stage]) throws -> [any Rewriter] {
    var environment = self
    return try stages.map { stage in
      defer { environment.normalization = stage.normalization ?? environment.normalization }
      return try stage.rewriter(environment)
    }
  }

  /// What tokens begin with that carry their key's id: `k3_`; nothing for others.
  func tokenPrefix(_ name: String, isWanted: Bool) throws -> [UInt8] {
    guard isWanted, let id = try keys.active(name).id else { return [] }
    return Array("\(id)_".utf8)
  }

  /// The key of a domain under the root key that a pipeline names. What values were normalized by is part of it: tokens
  /// of values that were treated differently do not join by chance.
  func domainKey(_ name: String, purpose: String, domain: String, count: Int = 32) throws -> SecretBytes {
    try DomainKey.derive(
      root: keys.key(name), purpose: purpose, recipient: recipient, domain: domain, normalization: normalization,
      count: count)
  }
}
