import VeilConfig
import VeilCrypto

extension Basis {
  /// A field's stages as the pipeline writes them; and where they have any, the keys, files and fields behind them, which
  /// may change while the pipeline's text stays as it is.
  static func stages(of field: CompiledField, _ config: PipelineConfig, _ keys: KeyStore) throws -> [Fact] {
    let stages = field.config.stages.map { $0.name + ($0.options.map { text($0) } ?? "") }.joined(separator: ";")
    var facts = [Fact(name: "the stages of '\(field.config.path)'", value: digest(Array(stages.utf8)))]
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
        Fact(name: "what the stages of '\(field.config.path)' use (keys, files, recipient)", value: digest(body.bytes)))
    }
    return facts
  }

  private static func text(_ node: ConfigNode) -> String {
    switch node.kind {
    case .scalar(let text, let isQuoted): "\(isQuoted)\(text.utf8.count):\(text)"
    case .sequence(let items): "[" + items.map { Self.text($0) }.joined() + "]"
    case .mapping(let entries): "{" + entries.map { Self.text($0.key) + Self.text($0.value) }.joined() + "}"
    }
  }
}
