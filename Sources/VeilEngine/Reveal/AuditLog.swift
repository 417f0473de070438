import Glibc
import VeilConfig
import VeilCrypto

/// The record of who turned tokens back and why: one line of JSON each time, in a file that only its owner can read.
/// It names figures and digests, never a token's value.
public struct AuditLog {
  private let path: String

  public init(path: String) { self.path = path }

  /// What one line says.
  public struct Entry {
    public var reason: String
    public var pipeline: CompiledPipeline
    public var field: String
    public var recipient: String?
    /// Where the tokens came from.
    public var source: String
    public var tokens: [[UInt8]]
    public var keys: [String: String]
    /// `revealed`, or `refused` with the place of the token that did not open.
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

  /// Appends a line and brings it to the disk; what is revealed must wait for that.
  public func append(_ entry: Entry) throws(RunError) {
    let tokens = StreamingSHA256()
    for token in entry.tokens {
      let line = token + [0x0A]
      unsafe line.withUnsafeBytes { unsafe tokens.update($0) }
    }
    let pipeline = StreamingSHA256()
    unsafe entry.pipeline.config.sourceBytes.withUnsafeBytes { unsafe pipeline.update($0) }
    let line = JSONValue.object([
      ("time", .text(Timestamp.now().description)), ("event", .text("reveal")), ("result", .text(entry.result)),
      ("reason", .text(entry.reason)), ("user_id", .integer(Int(getuid()))),
      ("pipeline", .text(entry.pipeline.config.path)), ("pipeline_sha256", .text(pipeline.finalizeHex())),
      ("field", .text(entry.field)), ("recipient", .optional(entry.recipient)), ("source", .text(entry.source)),
      ("tokens", .integer(entry.tokens.count)), ("tokens_sha256", .text(tokens.finalizeHex())),
      ("keys", .object(entry.keys.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
      ("tool_version", .text(entry.toolVersion)),
    ]).line
    try write(Array(line.utf8))
  }

  private func write(_ bytes: [UInt8]) throws(RunError) {
    func failure(_ code: Int32) -> RunError {
      RunError(.inputOutput, unsafe "the audit log \(path) cannot be written: \(String(cString: strerror(code)))")
    }
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
      throw RunError(.inputOutput, "the audit log \(path) must be a file that only you can read (mode 0600)")
    }
    // One call, so that lines of two commands do not mix.
    guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw failure(errno)
    }
  }
}
