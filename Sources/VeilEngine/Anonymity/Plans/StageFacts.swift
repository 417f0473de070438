import VeilConfig
import VeilCrypto

extension Basis {
  /// A field's stages as the pipeline writes them; and where they have any, the keys, files and fields behind them, which
  /// may change while the pipeline's text stays as it is.
  static func stages(of field: CompiledField, config: PipelineConfig, keys: KeyStore) throws -> [Fact] {
    var facts = [Fact(name: "the stages of '\(field.config.path)'", value: digest(of: field.config.stages))]
    var body = BodyWriter()
    for (number, stage) in field.stages.enumerated() {
      for file in stage.filesRead {
        body.write(number)
        body.write(file.sha256)
      }
      for path in stage.lookedAt {
        body.write(number)
        body.write(path.description)
      }
      guard let use = stage.keyUse else { continue }
      let key = try keys.active(use.key)
      body.write(number)
      body.write(key.id ?? "")
      body.write(key.secret.fingerprint)
      body.write(use.domain)
      body.write(stage.isBoundToRecipient ? config.sinks[0].recipient ?? "" : "")
    }
    if !body.bytes.isEmpty {
      facts.append(
        Fact(
          name: "what the stages of '\(field.config.path)' use (keys, files, recipient)",
          value: StreamingSHA256.hex(body.bytes)))
    }
    return facts
  }

  /// Of stages with their options, as the pipeline writes them.
  static func digest(of calls: [StageCall]) -> String {
    let written = calls.map { $0.name + ($0.options.map { text($0) } ?? "") }
    return StreamingSHA256.hex(Array(written.joined(separator: ";").utf8))
  }

  private static func text(_ node: ConfigNode) -> String {
    switch node.kind {
    case .scalar(let text, let isQuoted): "\(isQuoted)\(text.utf8.count):\(text)"
    case .sequence(let items): "[" + items.map { Self.text($0) }.joined() + "]"
    case .mapping(let entries): "{" + entries.map { Self.text($0.key) + Self.text($0.value) }.joined() + "}"
    }
  }
}
