extension PipelineParser {
  /// Whether a YAML file means to be a pipeline, and not a key ring, a policy or a list of recipients: it has a source, a
  /// sink or fields, or cannot be read, so that nothing wrong goes unseen.
  public static func looksLikePipeline(path: String) -> Bool {
    guard case .success(let bytes) = readSmallFile(path, limit: YAMLDocument.sizeLimit) else { return true }
    let diagnostics = Diagnostics(path: path, source: bytes)
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return true }
    return ["source", "fields", "sink", "sinks"].contains { root[$0] != nil }
  }
}
