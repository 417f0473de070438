import VeilConfig
import VeilCrypto
public import VeilGround

/// The reason why a token was not decrypted. It never contains the token or its value.
public struct TokenProblem: Error, Equatable, CustomStringConvertible {
  public let description: String
}

/// Decrypts the tokens of one field to their values, with the keys that the pipeline names.
///
/// Only `encrypt` makes tokens that can be decrypted and that prove their origin. A token is refused if it was changed,
/// or made under another key, recipient, table, field or normalization.
public struct TokenReader {
  private let form: [UInt8]
  private let otherForm: [UInt8]
  private let ciphers: [(id: String?, cipher: TokenCipher)]
  private let retired: Set<String>
  /// The fingerprints of the keys in use, by name and id.
  public let keys: [String: String]
  /// The recipient for whom the tokens were made; nil if there is none.
  public let recipient: String?

  /// - Parameters:
  ///   - field: The field as the pipeline writes it; its last stage must be `encrypt`.
  ///   - recipient: The recipient for whom the tokens were made; nil if the pipeline has one sink, whose recipient is
  ///     then used.
  public init(_ compiled: CompiledPipeline, field: String, recipient: String?) throws(RunError) {
    do {
      try self.init(compiled, of: field, recipient: recipient)
    } catch {
      throw RunError(any: error)
    }
  }

  private init(_ compiled: CompiledPipeline, of field: String, recipient: String?) throws {
    let recipients = compiled.config.sinks.map { $0.recipient ?? "" }
    guard let recipient = recipient ?? (recipients.count == 1 ? recipients[0] : nil),
      let place = recipients.firstIndex(of: recipient)
    else {
      let known = recipients.map { $0.isEmpty ? "none" : "'\($0)'" }.joined(separator: ", ")
      throw RunError(
        .invalid, "say for whom the tokens were made (--recipient): the pipeline's recipients are \(known)")
    }
    let view = compiled.views[place]
    guard let rule = view.fields.first(where: { $0.config.path.description == field }) else {
      let near = Diagnostics.nearest(field, in: view.fields.map(\.config.path.description))
      throw RunError(.invalid, "the pipeline has no field '\(field)'\(near.map { ": did you mean '\($0)'?" } ?? "")")
    }
    guard let stage = rule.stages.last as? Encrypt, !rule.isDropped else {
      throw RunError(.invalid, "the tokens of '\(field)' cannot be turned back: its last stage is not 'encrypt'")
    }
    let store = try KeyStore.load(compiled, reads: true)
    self.recipient = recipient.isEmpty ? nil : recipient
    var environment = StageEnvironment(keys: store, recipient: recipient)
    environment.normalization = rule.stages.dropLast().compactMap(\.normalization).last
    ciphers = try store.readable(stage.key).map { key in
      environment.keys = store.using(key, for: stage.key)
      return (key.id, try stage.cipher(environment))
    }
    retired = try Self.retired(stage.key, compiled.config)
    form = Array(stage.form.utf8)
    otherForm = Array((stage.isRandom ? "s1_" : "g1_").utf8)
    keys = store.fingerprints.filter { $0.key == stage.key || $0.key.hasPrefix(stage.key + "/") }
  }

  private static func retired(_ name: String, _ config: PipelineConfig) throws -> Set<String> {
    guard case .ring(let path)? = config.key(named: name)?.source else { return [] }
    return Set(try KeyRingFile.read(config.resolve(path)).entries.filter { $0.state == .retired }.map(\.id))
  }

  /// Returns the value of a token. The problem names no content; the caller adds which token it was.
  public func value(of token: some Collection<UInt8>) throws(TokenProblem) -> [UInt8] {
    var rest = Array(token)
    var readers = ciphers
    if !rest.starts(with: form), !rest.starts(with: otherForm), let end = rest.firstIndex(of: UInt8(ascii: "_")) {
      let id = String(decoding: rest[..<end], as: UTF8.self)
      if retired.contains(id) { throw TokenProblem(description: "its key is retired") }
      readers = ciphers.filter { $0.id == id }
      guard !readers.isEmpty else {
        throw TokenProblem(description: "it is no token of this field, or its key is not in the ring")
      }
      rest.removeFirst(end + 1)
    }
    guard rest.starts(with: form), let sealed = Base64URL.decode(rest.dropFirst(form.count)) else {
      throw TokenProblem(description: "it is no token as this field's 'encrypt' writes them")
    }
    for reader in readers {
      if let value = reader.cipher.open(sealed) { return value }
    }
    throw TokenProblem(
      description: "it does not open: it was changed, or made under another key, recipient, table or field")
  }
}
