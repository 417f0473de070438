extension PipelineParser {
  /// Returns whether a YAML file is meant as a pipeline, and not as a key ring, a policy or a list of recipients: it
  /// has a source, a sink or fields, or it cannot be read, so that no broken pipeline is overlooked.
  public static func looksLikePipeline(path: String) -> Bool {
    guard case .success(let bytes) = readSmallFile(path, limit: YAMLDocument.sizeLimit) else { return true }
    let diagnostics = Diagnostics(path: path, source: bytes)
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return true }
    return ["source", "fields", "sink", "sinks"].contains { root[$0] != nil }
  }

  /// Returns whether a line begins like a section of a pipeline. The file need not be valid YAML for that.
  static func resemblesPipeline(_ bytes: [UInt8]) -> Bool {
    let words = ["version", "source", "fields", "sink", "sinks"].map { Array($0.utf8) }
    return bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).contains { line in
      // The word may be a key in quotes or braces, or follow a byte order mark.
      let start = line.drop { [0x20, 0x22, 0x27, 0x7B, 0xEF, 0xBB, 0xBF].contains($0) }
      return words.contains { word in
        let rest = start.dropFirst(word.count).drop { [0x20, 0x22, 0x27].contains($0) }
        return start.starts(with: word) && rest.first == UInt8(ascii: ":")
      }
    }
  }
}
