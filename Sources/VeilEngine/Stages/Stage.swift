import VeilConfig
import VeilCrypto

/// One configured step of a field's rule.
///
/// A stage is made from its options when the pipeline is read, so a stage that exists cannot be misconfigured. It is a
/// value that any thread may share. Its `Rewriter` rewrites the cells on one thread.
protocol Stage: Sendable {
  /// The stage's name, options and privacy promise. Help, the reference page and the accepted keys are derived from it.
  static var documentation: StageDocumentation { get }

  /// Reads the options. Reports every mistake to `options`, and returns nil if there was one.
  init?(_ options: StageOptions)

  /// What becomes of the field. No default: it decides whether the field is kept or dropped.
  var effect: StageEffect { get }

  /// The form of the tokens that the stage writes; nil if it writes none, or tokens of different lengths.
  var tokenFormat: TokenFormat? { get }

  /// Whether a published value could be one that this stage wrote, by its look. `veil verify` goes by it.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict

  /// Whether it writes tokens, which show nothing of any value to whoever lacks the key.
  var makesTokens: Bool { get }

  /// Whether the key of the tokens depends on the recipient's name, so that two recipients cannot join their tokens.
  var isBoundToRecipient: Bool { get }

  /// The name and version of the normalization that the stage does. Tokens of later stages are bound to it.
  var normalization: String? { get }

  /// Whether the run fails if two values get the same token.
  var mustBeUnique: Bool { get }

  /// The previous key, if the stage writes a crosswalk from the tokens under it.
  var carriesOverFrom: String? { get }

  /// The other fields whose original values the stage reads.
  var lookedAt: [FieldPath] { get }

  /// What it leaves of a value. Where what it writes differs from the value, this is not `.readable`.
  var fate: ValueFate { get }

  /// Whether the stage writes one token for each value and, except with negligible probability, different tokens for
  /// different values.
  var tellsApart: Bool { get }

  /// Which other values get the same tokens, in words that follow "joins with"; nil if the stage writes no tokens.
  var joins: String? { get }

  /// The files that the stage was made from.
  var filesRead: [FileRead] { get }

  /// The key that the stage uses; nil if it uses none.
  var keyUse: KeyUse? { get }

  /// Makes the rewriter for one thread, with its own prepared keys and state.
  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter
}

/// A file that a stage was made from.
struct FileRead: Sendable {
  /// The path as the pipeline writes it.
  let path: String
  /// The SHA-256 of the bytes that were read, in hex.
  let sha256: String
}

/// What a stage's key is used for.
struct KeyUse: Sendable {
  /// The name of the key in the pipeline.
  let key: String
  /// What the derived key depends on besides the recipient; empty if the key is used as it is.
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
  /// The value is written unchanged.
  case keep
  /// The field is not written.
  case drop
  /// The value is rewritten.
  case rewrite
}

/// A stage that makes no tokens and has no key. What a privacy claim rests on has no default. A stage states each of these
/// facts, or all of them at once by this name.
protocol TokenlessStage: Stage {}

extension TokenlessStage {
  var makesTokens: Bool { false }
  var tellsApart: Bool { false }
  var joins: String? { nil }
  var isBoundToRecipient: Bool { false }
  var keyUse: KeyUse? { nil }
}

/// These have defaults, because no privacy claim is false where a stage leaves one out. A stage is given no other field's
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

/// Rewrites one column of one batch at a time. One thread owns it.
protocol Rewriter {
  /// Reads a batch before any of its fields is rewritten. A rewriter that needs the original values of other fields
  /// reads them here.
  func prepare(_ batch: Batch)
  func rewrite(_ column: Column, of field: Int, in batch: Batch)
}

extension Rewriter {
  func prepare(_ batch: Batch) {}
}

/// The keys and the recipient, which a stage gets when a run starts.
struct StageEnvironment {
  var keys: KeyStore
  /// The recipient that the sink names; empty if it names none.
  let recipient: String
  /// The normalization that the earlier stages have applied to the values.
  var normalization: String?
  /// Returns the column of a batch for a field in the stage's `lookedAt`.
  var column: (FieldPath) -> Int? = { _ in nil }
  /// Collects what stages report about the run as a whole; nil if there is no run.
  var register: TokenRegister?

  init(keys: KeyStore, recipient: String) {
    self.keys = keys
    self.recipient = recipient
  }

  /// Makes the rewriters of stages that follow one another.
  func rewriters(of stages: [any Stage]) throws -> [any Rewriter] {
    var environment = self
    return try stages.map { stage in
      defer { environment.normalization = stage.normalization ?? environment.normalization }
      return try stage.rewriter(environment)
    }
  }

  /// Returns the prefix of tokens that carry the id of their key, such as `k3_`; empty for other tokens.
  func tokenPrefix(_ name: String, isWanted: Bool) throws -> [UInt8] {
    guard isWanted, let id = try keys.active(name).id else { return [] }
    return Array("\(id)_".utf8)
  }

  /// Derives the key of a domain from the root key that a pipeline names. The derivation includes the normalization, so
  /// that tokens of values that were normalized in different ways do not join by chance.
  func domainKey(_ name: String, purpose: String, domain: String, count: Int = 32) throws -> SecretBytes {
    try DomainKey.derive(
      root: keys.key(name), purpose: purpose, recipient: recipient, domain: domain, normalization: normalization,
      count: count)
  }
}
