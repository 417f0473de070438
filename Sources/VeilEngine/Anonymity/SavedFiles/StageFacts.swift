import VeilAnonymity
import VeilConfig
import VeilCrypto

extension Basis {
  /// Returns a field's stages as the pipeline writes them. If there are any, also returns the keys, files and fields
  /// that they use, which may change although the pipeline's text stays the same.
  static func stages(of field: CompiledField, config: PipelineConfig, keys: KeyStore) throws -> [Fact] {
    var facts = [Fact(name: "the stages of '\(field.config.path)'", value: StageCall.digest(of: field.config.stages))]
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
}
