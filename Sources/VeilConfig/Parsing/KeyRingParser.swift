/// Reads key ring files. All errors of a file are reported together.
public enum KeyRingParser {
  static let sections = ["version", "keys"]

  public static func load(path: String) -> (ring: KeyRingConfig?, diagnostics: Diagnostics) {
    PipelineParser.load(path, kind: .keyRing, parse: parse(bytes:path:))
  }

  public static func parse(bytes: [UInt8], path: String) -> (ring: KeyRingConfig?, diagnostics: Diagnostics) {
    let diagnostics = Diagnostics(path: path, source: bytes, kind: .keyRing)
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return (nil, diagnostics) }
    let reader = OptionReader(
      node: root, context: "the key ring", known: sections, diagnostics: diagnostics)
    if let version = reader.requiredInt("version", help: "begin the file with 'version: 1'"), version != 1 {
      reader.error("version", "this version of key rings is not known; it must be 1")
    }
    reader.require("keys")
    let node = reader.node("keys")
    if let node, node.entries?.isEmpty ?? true {
      diagnostics.conceal(node)
      reader.error("keys", "'keys' is a mapping of ids, such as {k1: {state: active, file: customers.k1.key}}")
    }
    let parser = PipelineReading(diagnostics: diagnostics, stageNames: [])
    let entries = (node?.entries ?? []).compactMap { entry(parser, $0) }
    if !diagnostics.hasErrors {
      let active = entries.filter { $0.state == .active }.count
      if active != 1 {
        reader.error("keys", "one key of a ring is active, and \(active) of this one's are")
      }
    }
    if !diagnostics.hasErrors { diagnostics.accept() }
    return (diagnostics.hasErrors ? nil : KeyRingConfig(entries: entries), diagnostics)
  }

  private static func entry(_ parser: PipelineReading, _ entry: ConfigNode.Entry) -> KeyRingConfig.Entry? {
    let id = entry.key.text ?? ""
    let more = ["state", "created", "not_after"]
    if !isID(id) {
      parser.diagnostics.error(at: entry.key, "a key's id holds 1 to 16 of the letters a to z and digits, as k1")
    }
    let kinds = ["file", "env", "command", "wrapped"]
    let source = parser.keySource(id, entry, kinds: kinds, more: more)
    guard entry.value.entries != nil else { return nil }
    let reader = OptionReader(
      node: entry.value, context: "key \(quote(id))", known: kinds + more + ["timeout"],
      diagnostics: parser.diagnostics, at: entry.key.mark)
    reader.require("state", help: "active, accepted or retired")
    let state = reader.choice("state", of: KeyRingConfig.State.self)
    let (created, notAfter) = (day("created", reader), day("not_after", reader))
    guard let source, let state else { return nil }
    return KeyRingConfig.Entry(id: id, state: state, created: created, notAfter: notAfter, source: source)
  }

  public static func isID(_ text: String) -> Bool {
    text != "s1" && text != "g1" && 1...16 ~= text.utf8.count
      && text.utf8.allSatisfy { 0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 }
  }

  private static func day(_ key: String, _ reader: OptionReader) -> String? {
    guard let text = reader.string(key) else { return nil }
    let isDay = WrittenDay.isOne(text)
    if !isDay { reader.error(key, "\(quote(key)) must be a day as YYYY-MM-DD") }
    return isDay ? text : nil
  }
}
