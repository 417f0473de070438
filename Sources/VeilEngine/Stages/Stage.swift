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

  /// What becomes of the field.
  var effect: StageEffect { get }

  /// What the tokens look like that it writes; nil where it writes none.
  var tokenFormat: TokenFormat? { get }

  /// Makes what does the work on one thread, with prepared keys and states of its own.
  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter
}

enum StageEffect: Sendable {
  /// The value leaves as it came.
  case keep
  /// The field does not leave.
  case drop
  /// The value is rewritten.
  case rewrite
}

extension Stage {
  var effect: StageEffect { .rewrite }
  var tokenFormat: TokenFormat? { nil }
  var name: String { Self.documentation.name }
}

/// Rewrites one column of one batch at a time. Belongs to one thread.
protocol Rewriter {
  func rewrite(_ column: Column, of field: Int, in batch: Batch)
}

/// What a stage is given when a run starts: the keys, and for whom the run is.
struct StageEnvironment {
  let keys: KeyStore
  /// The recipient the sink names; empty when it names none.
  let recipient: String
}

/// The keys of a pipeline, loaded once a run, by the names that the pipeline gives them.
struct KeyStore: Sendable {
  private let keys: [String: SecretBytes]

  init(_ keys: [String: SecretBytes]) { self.keys = keys }

  /// The key of that name. The options reader has checked that the pipeline declares it.
  func key(_ name: String) throws -> SecretBytes {
    guard let key = keys[name] else { throw MissingKey(name: name) }
    return key
  }

  /// The first bytes of a keyed digest of each key, by name, for manifests.
  var fingerprints: [String: String] { keys.mapValues(\.fingerprint) }
}

struct MissingKey: Error, CustomStringConvertible {
  let name: String
  var description: String { "the key '\(name)' was not loaded" }
}
