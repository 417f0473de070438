/// Reads the policy that applies to all pipelines. All errors of the file are reported together.
public enum PolicyParser {
  public static func load(path: String) -> (policy: PolicyConfig?, diagnostics: Diagnostics) {
    PipelineParser.load(path, kind: .policy, parse: parse(bytes:path:))
  }

  static let sections = ["version", "purposes", "minimum_k", "digests", "forbidden", "classes", "fields"]

  public static func parse(bytes: [UInt8], path: String) -> (policy: PolicyConfig?, diagnostics: Diagnostics) {
    let diagnostics = Diagnostics(path: path, source: bytes, kind: .policy)
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return (nil, diagnostics) }
    let reader = OptionReader(node: root, context: "the policy", known: sections, diagnostics: diagnostics)
    if let version = reader.int("version"), version != 1 {
      reader.error("version", "this version of policies is not known; it must be 1")
    }
    var policy = PolicyConfig(path: path, fields: [])
    policy.purposes = reader.strings("purposes")
    policy.digests = reader.choice("digests", of: PolicyConfig.Digests.self)
    policy.minimumK = reader.int("minimum_k", range: 2 ... .max)
    for node in list("forbidden", reader) {
      if let field = Self.path(node, diagnostics) {
        policy.fields.append(.init(path: field, isForbidden: true, mark: node.mark))
      }
    }
    for entry in mapping("classes", reader) {
      guard let field = Self.path(entry.key, diagnostics) else { continue }
      let words = FieldClass.allCases.map(\.rawValue)
      guard let text = entry.value.text, let fieldClass = FieldClass(rawValue: text) else {
        diagnostics.error(
          at: entry.value, "a class must be one of \(words.joined(separator: ", "))",
          suggest: Diagnostics.nearest(entry.value.text ?? "", in: words))
        continue
      }
      policy.fields.append(.init(path: field, fieldClass: fieldClass, isForbidden: false, mark: entry.key.mark))
    }
    for entry in mapping("fields", reader) {
      guard let field = Self.path(entry.key, diagnostics) else { continue }
      let inner = OptionReader(
        node: entry.value, context: "field " + quote(entry.key.text ?? ""), known: ["class", "purposes", "forbidden"],
        diagnostics: diagnostics, at: entry.key.mark)
      policy.fields.append(
        .init(
          path: field, fieldClass: inner.choice("class", of: FieldClass.self), purposes: inner.strings("purposes"),
          isForbidden: inner.bool("forbidden", default: false), mark: entry.key.mark))
    }
    if !diagnostics.hasErrors { diagnostics.accept() }
    return (diagnostics.hasErrors ? nil : policy, diagnostics)
  }

  private static func list(_ key: String, _ reader: OptionReader) -> [ConfigNode] {
    guard let node = reader.node(key) else { return [] }
    if node.text != nil, !node.isNull { return [node] }
    if node.items == nil { reader.error(key, "\(quote(key)) must be a list of fields, not \(node.summary)") }
    return node.items ?? []
  }

  private static func mapping(_ key: String, _ reader: OptionReader) -> [ConfigNode.Entry] {
    guard let node = reader.node(key) else { return [] }
    if node.entries == nil { reader.error(key, "\(quote(key)) must be a mapping of fields, not \(node.summary)") }
    return node.entries ?? []
  }

  private static func path(_ node: ConfigNode, _ diagnostics: Diagnostics) -> FieldPath? {
    do throws(FieldPathError) {
      return try FieldPath(node.text ?? "")
    } catch {
      diagnostics.error(at: node, "\(quote(node.text ?? "")) is not a field: \(error.message)", help: error.help)
      return nil
    }
  }
}
