import Glibc
import VeilConfig
import VeilCrypto
public import VeilGround

extension AuditLog {
  /// What a line of the audit log says about revealed tokens: figures and digests, never the value of a token.
  public struct Entry {
    public var reason: String
    public var pipeline: CompiledPipeline
    public var field: String
    public var recipient: String?
    /// Where the tokens came from.
    public var source: String
    public var tokens: [[UInt8]]
    public var keys: [String: String]
    /// `revealed`, or `refused` with the place of the token that could not be decrypted.
    public var result: String
    public var toolVersion: String

    public init(
      reason: String, pipeline: CompiledPipeline, field: String, recipient: String?, source: String, tokens: [[UInt8]],
      keys: [String: String], result: String, toolVersion: String
    ) {
      self.reason = reason
      self.pipeline = pipeline
      self.field = field
      self.recipient = recipient
      self.source = source
      self.tokens = tokens
      self.keys = keys
      self.result = result
      self.toolVersion = toolVersion
    }
  }

  /// Appends a line and brings it to the disk. Nothing may be revealed before.
  public func append(_ entry: Entry) throws(RunError) {
    let tokens = StreamingSHA256()
    for token in entry.tokens {
      let line = token + [0x0A]
      unsafe line.withUnsafeBytes { unsafe tokens.update($0) }
    }
    try append(
      "reveal",
      [
        ("result", .text(entry.result)), ("reason", .text(entry.reason)), ("user_id", .integer(Int(getuid()))),
        ("pipeline", .text(entry.pipeline.config.path)),
        ("pipeline_sha256", .text(StreamingSHA256.hex(entry.pipeline.config.sourceBytes))),
        ("field", .text(entry.field)), ("recipient", .optional(entry.recipient)), ("source", .text(entry.source)),
        ("tokens", .integer(entry.tokens.count)), ("tokens_sha256", .text(tokens.finalizeHex())),
        ("keys", .object(entry.keys.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
        ("tool_version", .text(entry.toolVersion)),
      ])
  }
}
