extension ConfigNode {
  /// A JSON document that the tool wrote itself, such as a manifest; nil where it is none. What it writes of JSON is
  /// YAML as well.
  public static func json(_ bytes: [UInt8]) -> ConfigNode? {
    let diagnostics = Diagnostics(path: "", source: [])
    let node = YAMLDocument.read(bytes, diagnostics: diagnostics, limit: .max)
    return diagnostics.hasErrors ? nil : node
  }
}
