/// Reads the file of recipients that several pipelines share. All errors of the file are reported together.
public enum RecipientsParser {
  public static func load(path: String) -> (recipients: RecipientsConfig?, diagnostics: Diagnostics) {
    PipelineParser.load(path, kind: .recipients, parse: parse(bytes:path:))
  }

  /// Parses a list of recipients with their names, or a mapping from names; it is under `recipients`, or is the whole
  /// file.
  public static func parse(bytes: [UInt8], path: String) -> (recipients: RecipientsConfig?, diagnostics: Diagnostics) {
    let diagnostics = Diagnostics(path: path, source: bytes, kind: .recipients)
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return (nil, diagnostics) }
    var list = root
    if root.entries != nil {
      let reader = OptionReader(
        node: root, context: "the file of recipients", known: ["version", "recipients"], diagnostics: diagnostics)
      if let version = reader.int("version"), version != 1 {
        reader.error("version", "this version of recipients is not known; it must be 1")
      }
      reader.require("recipients", help: "recipients: {acme: {purposes: [analytics], expires: 2027-12-31}}")
      guard let node = reader.node("recipients") else { return (nil, diagnostics) }
      list = node
    }
    var found: [RecipientsConfig.Entry] = []
    let pairs: [(name: ConfigNode?, node: ConfigNode)] =
      list.entries?.map { ($0.key, $0.value) } ?? list.items?.map { (nil, $0) } ?? []
    if pairs.isEmpty {
      diagnostics.error(at: list, "recipients are a mapping of names, or a list, and this is \(list.summary)")
    }
    for (name, node) in pairs {
      guard let entry = entry(name, node, diagnostics: diagnostics) else { continue }
      if let first = found.first(where: { $0.name == entry.name }) {
        diagnostics.error(
          at: entry.mark, "the recipient \(quote(entry.name)) is there twice, first on line \(first.mark.line)")
      }
      found.append(entry)
    }
    if !diagnostics.hasErrors { diagnostics.accept() }
    return (diagnostics.hasErrors ? nil : RecipientsConfig(path: path, entries: found), diagnostics)
  }

  private static func entry(
    _ key: ConfigNode?, _ node: ConfigNode, diagnostics: Diagnostics
  ) -> RecipientsConfig.Entry? {
    let known = ["contact", "contract", "purposes", "expires", "certificate"] + (key == nil ? ["name"] : [])
    let owner = key?.text.map { "recipient \(quote($0))" } ?? "a recipient"
    let reader = OptionReader(
      node: node, context: owner, known: known, diagnostics: diagnostics, at: key?.mark ?? node.mark)
    let name = key?.text ?? (reader.requiredString("name") ?? "")
    func text(_ key: String) -> String? { reader.has(key) ? reader.requiredString(key) : nil }
    reader.require("purposes", help: "what this recipient may get data for: purposes: [analytics]")
    let purposes = reader.strings("purposes", default: [])
    let expires = text("expires")
    if let expires, !WrittenDay.isOne(expires) { reader.error("expires", "'expires' must be a day as YYYY-MM-DD") }
    return RecipientsConfig.Entry(
      name: name, contact: text("contact"), contract: text("contract"), purposes: purposes, expires: expires,
      certificate: text("certificate"), mark: key?.mark ?? node.mark)
  }
}
