/// Reads pipeline files. All errors of a file are reported together.
public enum PipelineParser {
  /// Parses a pipeline file.
  /// - Parameters:
  ///   - bytes: The file, UTF-8.
  ///   - path: Its path, for messages and as the base of relative paths.
  ///   - stageNames: The existing stages; any other name is reported.
  /// - Returns: The pipeline, or nil if the diagnostics hold an error.
  public static func parse(
    bytes: [UInt8], path: String, stageNames: [String]
  ) -> (config: PipelineConfig?, diagnostics: Diagnostics) {
    let (draft, diagnostics) = draft(bytes: bytes, path: path, stageNames: stageNames)
    return (diagnostics.hasErrors ? nil : draft, diagnostics)
  }

  /// Returns as much of the pipeline as could be read, so that errors of its stages are reported together with the
  /// others. It may be used for anything else only if the diagnostics hold no error in the end.
  public static func draft(
    bytes: [UInt8], path: String, stageNames: [String]
  ) -> (draft: PipelineConfig?, diagnostics: Diagnostics) {
    let diagnostics = Diagnostics(path: path, source: bytes, kind: .pipeline(stages: stageNames))
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return (nil, diagnostics) }
    var reading = PipelineReading(diagnostics: diagnostics, stageNames: stageNames)
    let draft = reading.pipeline(root, path: path, bytes: bytes)
    if !diagnostics.hasErrors { diagnostics.accept() }
    return (draft, diagnostics)
  }

  public static func parse(
    text: String, path: String, stageNames: [String]
  ) -> (config: PipelineConfig?, diagnostics: Diagnostics) {
    parse(bytes: Array(text.utf8), path: path, stageNames: stageNames)
  }
}

/// The state while one file is read. The sections are in extensions, one file for each.
struct PipelineReading {
  let diagnostics: Diagnostics
  let stageNames: [String]
  var fields = FieldTable()

  static let sections =
    [
      "version", "name", "purpose", "source", "keys", "records", "fields", "unlisted", "anonymity", "sink", "sinks",
      "bad_records", "recipients", "policy", "checks", "state",
      "microaggregation", "order", "on_file_error",
    ] + accountabilityKeys

  init(diagnostics: Diagnostics, stageNames: [String]) {
    self.diagnostics = diagnostics
    self.stageNames = stageNames
  }

  mutating func pipeline(_ root: ConfigNode, path: String, bytes: [UInt8]) -> PipelineConfig? {
    guard root.entries != nil else {
      diagnostics.error(
        at: root, "a pipeline is a mapping that begins with 'version: 1', and this is \(root.summary)")
      return nil
    }
    let reader = OptionReader(node: root, context: "the pipeline", known: Self.sections, diagnostics: diagnostics)
    if let version = reader.requiredInt("version", help: "begin the file with 'version: 1'"), version != 1 {
      reader.error("version", "this version of the pipeline format is not known; it must be 1")
    }
    let name = self.name(reader)
    let purpose = reader.has("purpose") ? reader.requiredString("purpose") : nil
    let source = self.source(reader)
    let keys = self.keys(reader)
    let records = self.records(reader)
    // If `unlisted` is misspelt, it may mean `keep`; then no error is added for fields that are missing.
    let unlisted = reader.choice("unlisted", of: Unlisted.self) ?? (reader.isAbsent("unlisted") ? .error : .keep)
    fields = fieldTable(reader, unlisted: unlisted)
    let anonymity = self.anonymity(reader, source: source)
    checkClasses(reader)
    if reader.node("unlisted")?.text == "keep" {
      let model = anonymity == nil ? "" : ", and 'anonymity' does not take them for quasi-identifiers"
      reader.warn(
        "unlisted", "fields that no rule names leave as they are\(model)", help: "'unlisted: error' stops at them")
    }
    let sinks = ordered(self.sinks(reader, subject: source.subject), reader, hasAnonymity: reader.has("anonymity"))
    checkSinkFields(sinks, anonymity)
    return PipelineConfig(
      path: path, sourceBytes: bytes, name: name, purpose: purpose, source: source, keys: keys, records: records,
      fields: fields.all, unlisted: unlisted, anonymity: anonymity, sinks: sinks,
      badRecords: badRecords(reader),
      recipients: namedFile("recipients", reader), policy: namedFile("policy", reader),
      checks: checks(reader, anonymity: anonymity, unlisted: unlisted),
      state: state(reader, sinks: sinks),
      onFileError: onFileError(reader, source: source),
      microaggregation: microaggregation(reader, anonymity: anonymity, sinks: sinks),
      accountability: accountability(reader, sinks))
  }

  private func name(_ reader: OptionReader) -> String {
    guard let name = reader.requiredString("name", help: "name: a word for this export, such as customers") else {
      return ""
    }
    if !Self.isName(name) {
      reader.error("name", "'name' may hold letters, digits, '.', '_' and '-' (ASCII), up to 128, not first '.' or '-'")
    }
    return name
  }

  /// Returns whether a text may be a name: it must be safe in file names, metrics and logs.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
    return first != UInt8(ascii: ".") && first != UInt8(ascii: "-") && text.utf8.allSatisfy(isNameByte)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  /// Returns a reader for one section; nil if the section does not exist.
  func section(_ key: String, of reader: OptionReader, known: [String]) -> OptionReader? {
    guard let node = reader.node(key) else { return nil }
    return OptionReader(
      node: node, context: quote(key), known: known, diagnostics: diagnostics, at: reader.keyMark(of: key))
  }

  /// Returns the field path under `key`; reports what is wrong with it.
  func fieldPath(_ key: String, _ reader: OptionReader) -> FieldPath? {
    guard let text = reader.string(key) else { return nil }
    do {
      return try FieldPath(text)
    } catch {
      reader.error(key, "\(quote(text)) is not a field: \(error.message)", help: error.help)
      return nil
    }
  }

  func requiredFieldPath(_ key: String, _ reader: OptionReader) -> FieldPath? {
    reader.require(key) ? fieldPath(key, reader) : nil
  }

  func notYet(_ keys: [String], _ reader: OptionReader) {
    for key in keys where reader.has(key) {
      diagnostics.error(at: reader.keyMark(of: key), "\(quote(key)) in \(reader.context) is not supported yet")
    }
  }
}
