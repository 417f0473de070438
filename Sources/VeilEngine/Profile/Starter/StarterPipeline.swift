import VeilConfig
public import VeilGround

/// A first pipeline for some data, with comments that give the reasons. It holds no value of the data, only names of
/// fields and the form of values.
extension DataProfile {
  /// Returns YAML that `veil check` accepts. Throws if the data has no field.
  public func starter(_ options: DataOptions) throws(RunError) -> String {
    guard !columns.isEmpty else {
      throw RunError(.inputOutput, "\(path): there is no record whose fields could be named")
    }
    let name = Self.pipelineName(options.path)
    let key = "export"
    // A JSON key that looks like somebody's value must not be printed, so it gets no rule, and the run stops at it.
    let shown = columns.filter { format.isSeparated || !ShownName.isHidden($0.path.description) }
    guard !shown.isEmpty else {
      throw RunError(.mismatch, "\(path): the names of all fields look like values, and a pipeline would show them")
    }
    var rules = shown.map { column in
      let hasParts = columns.contains { $0.isPart(of: column) }
      return (column: column, rule: StarterRule(column, key: key, records: records, hasParts: hasParts))
    }
    // A pipeline from which nothing leaves is not valid.
    if !rules.contains(where: \.rule.leaves) {
      let place = rules.firstIndex { $0.column.path.singleKey != nil } ?? 0
      rules[place].rule = .placeholder(for: rules[place].column)
    }
    var out = """
      # A first pipeline for \(Self.comment(options.path)), proposed by `veil init` from \(records) records. Read each line before you use it:
      # it was written without knowing what the data means, who gets the export, and what they know already.
      # No value of the data is in here. `veil check` and `veil explain` say what the pipeline would do.
      version: 1
      name: \(name)
      # purpose: why this export exists

      source:
        path: \(Self.quoted(options.path))  # relative to this file

      """
    if DataFormat(fileName: options.path) != format { out += "  format: \(format.rawValue)\n" }
    if let subject = subject(rules.map(\.column)) {
      out +=
        "  subject: \(Self.quoted(subject.path.description))  # says which person a record is about: k counts people, not records\n"
    }
    if options.csv != CSVDialect() {
      var parts: [String] = []
      if let byte = options.csv.delimiter { parts.append("delimiter: \(Self.quoted(String(UnicodeScalar(byte))))") }
      if options.csv.isHeaderStated || !options.csv.header { parts.append("header: \(options.csv.header)") }
      out += "  csv: {\(parts.joined(separator: ", "))}\n"
    }
    if rules.contains(where: \.rule.usesKey) {
      out += """

        keys:
          \(key): {file: keys/\(name).key}  # veil key new keys/\(name).key; whoever has it can find people again

        """
    }
    out += "\nfields:  # what is not named here stops the run\n"
    for (column, rule) in rules {
      out += "  # \(Self.comment(rule.comment))\n  \(Self.quoted(column.path.description)): \(rule.rule)\n"
    }
    if shown.count < columns.count {
      out +=
        "  # \(columns.count - shown.count) fields are not listed: their names look like somebody's values. Say 'unlisted: drop' to leave them out\n"
    }
    let hasQuasi = rules.contains { $0.rule.isQuasi }
    if hasQuasi {
      out += """

        anonymity:
          k: 5  # how many must look alike
          suppress: 5%  # at most this share of records may be left out to get there

        """
      if let risk, risk.uniqueShare > 0 {
        out +=
          "  # today \(Share.percent(risk.uniqueShare)) of records are alone by \(Self.comment(quasi.map(\.description).joined(separator: ", ")))\n"
      }
      if let sensitive = rules.first(where: { $0.rule.isSensitive }) {
        out +=
          "  # k does not hide what all of a class share: l-diversity does, as in  l: {\(Self.comment(sensitive.column.path.description)): 2}\n"
      }
    } else {
      out +=
        "\n# No field was found that singles people out together with others, so there is no 'anonymity': look again.\n"
    }
    out += "\nsink: {path: \(name)-veiled.\(format.rawValue)}\n"
    return out
  }

  /// Returns the field that probably says which person a record is about; nil if there is none.
  private func subject(_ columns: [ColumnFinding]) -> ColumnFinding? {
    let identifiers = columns.filter {
      [.identifier, .medicalRecord, .username].contains($0.role) && !$0.isRepeated && $0.missing == 0
    }
    return identifiers.first { FieldNameGuess.namesPerson($0.name) }
  }

  // MARK: YAML

  /// Makes a pipeline's name from the name of the file.
  private static func pipelineName(_ path: String) -> String {
    let file = path == "-" ? "" : path.split(separator: "/").last.map(String.init) ?? ""
    var name = ""
    for scalar in file.split(separator: ".").first.map(String.init)?.unicodeScalars ?? "".unicodeScalars {
      let isWord = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      name.unicodeScalars.append(isWord ? scalar : "-")
    }
    name = String(name.drop { $0 == "-" }.prefix(60))
    return name.isEmpty ? "export" : name
  }

  /// Returns a text in a form that YAML reads as the same text: unquoted if it is a word, otherwise in double quotes.
  static func quoted(_ text: String) -> String {
    let bytes = text.utf8
    let isWord = bytes.allSatisfy { $0 &- 0x30 <= 9 || $0 | 0x20 &- 0x61 < 26 || $0 == 0x5F }
    if isWord, let first = bytes.first, first > 0x39, !["null", "true", "false"].contains(text.lowercased()) {
      return text
    }
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _
      where scalar.value < 0x20 || 0x7F...0xA0 ~= scalar.value || scalar.value == 0x2028 || scalar.value == 0x2029
        || scalar.value == 0xFEFF:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// Returns a comment's text without anything that could end its line.
  private static func comment(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { ShownName.line(String($0)) }.joined(
      separator: " ")
  }
}
