import VeilConfig
import VeilCrypto

extension StageCall {
  /// Returns the digest of stages with their options, as the pipeline writes them.
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
