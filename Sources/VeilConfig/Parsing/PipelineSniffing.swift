extension PipelineParser {
  /// Returns whether a YAML file is meant as a pipeline, and not as a key ring, a policy or a list of recipients: it
  /// has a source, a sink or fields, or it cannot be read, so that no broken pipeline is overlooked.
  public static func looksLikePipeline(path: String) -> Bool {
    guard case .success(let bytes) = readSmallFile(path, limit: YAMLDocument.sizeLimit) else { return true }
    let diagnostics = Diagnostics(path: path, source: bytes, kind: .pipeline(stages: []))
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return true }
    return ["source", "fields", "sink", "sinks"].contains { root[$0] != nil }
  }
}
