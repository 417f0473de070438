import VeilConfig

/// The options of one use of a stage, and the pipeline around it.
struct StageOptions {
  let reader: OptionReader
  /// The field that the stage works on, as the pipeline writes it.
  let field: String
  let config: PipelineConfig
  let diagnostics: Diagnostics

  /// Reads the name of a key that the pipeline declares.
  func key(_ option: String) -> String? {
    guard let node = reader.node(option), let name = reader.string(option) else { return nil }
    if config.keys.contains(where: { $0.name == name }) { return name }
    if name.utf8.count >= 32 || name.utf8.contains(UInt8(ascii: ":")) {
      // A user may have written the key itself here.
      diagnostics.conceal(node)
      diagnostics.error(
        at: node.mark, "'\(option)' takes the name of a key under 'keys', never a key",
        help: "declare it, for example  keys: {customers: {file: keys/customers.key}}")
      return nil
    }
    diagnostics.error(
      at: node.mark, "no key is called '\(name)'",
      suggest: Diagnostics.nearest(name, in: config.keys.map(\.name)),
      help: "declare it under 'keys', for example  keys: {\(name): {file: keys/\(name).key}}")
    return nil
  }

  /// Reads whether tokens begin with the id of their key, which requires a key ring.
  func keyPrefix(_ key: String?) -> Bool {
    guard reader.bool("prefix", default: false) else { return false }
    requireRing(key, for: "prefix")
    return true
  }

  func requireRing(_ key: String?, for option: String) {
    guard let found = config.keys.first(where: { $0.name == key }) else { return }
    if case .ring = found.source { return }
    reader.error(
      option, "'\(option)' needs a key ring, and '\(found.name)' is a single key",
      help: "make one with  veil key ring new keys/\(found.name).ring.yaml")
  }

  /// The number of errors so far. `let before = options.errorCount` lets a stage see whether an error was added.
  var errorCount: Int { diagnostics.errorCount }
}
