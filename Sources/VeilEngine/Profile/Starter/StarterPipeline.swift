import VeilConfig
public import VeilGround

/// A first pipeline for some data, with comments that give the reasons. It holds no value of the data, only names of
/// fields and the form of values.
extension DataProfile {
  /// The key of the proposal.
  private static let key = "export"

  /// Reads the data and returns YAML that `veil check` accepts. Throws if the data has no field.
  /// - Parameter target: the file that the pipeline is written to; paths in it are then relative to its folder. Nil if
  ///   the pipeline goes to standard output, for a file in the current folder.
  public static func starter(_ options: DataOptions, target: String?) throws(RunError) -> String {
    let profile = try profile(options, countsSubsets: false) { columns, _ in
      rules(columns).filter { $0.rule.isQuasi && !$0.column.isNameHidden }.map(\.column.path)
    }
    return try profile.starter(options, target: target)
  }

  private typealias FieldRule = (column: ColumnFinding, rule: StarterRule)

  private static func rules(_ columns: [ColumnFinding]) -> [FieldRule] {
    var rules = columns.filter { !$0.isMapKey }.map { column in
      let hasParts = columns.contains { $0.isPart(of: column) }
      return (column: column, rule: StarterRule(column, key: key, hasParts: hasParts))
    }
    if rules.contains(where: \.rule.isQuasi) {
      for index in rules.indices { rules[index].rule.dropJoining() }
    }
    return rules
  }

  private func starter(_ options: DataOptions, target: String?) throws(RunError) -> String {
    guard !columns.isEmpty else {
      throw RunError(.inputOutput, "\(path): there is no record whose fields could be named")
    }
    let name = Self.pipelineName(options.path)
    // A JSON key that looks like somebody's value must not be printed, so it gets no rule, and the run stops at it.
    let shown = columns.filter { format.isSeparated || !$0.isNameHidden }
    guard !shown.isEmpty else {
      throw RunError(.mismatch, "\(path): the names of all fields look like values, and a pipeline would show them")
    }
    let key = Self.key
    var rules = Self.rules(columns).filter { rule in shown.contains { $0.path == rule.column.path } }
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
        path: \(YAMLText.scalar(Self.sourcePath(options.path, target)))  # relative to this file

      """
    if DataFormat(fileName: options.path) != format { out += "  format: \(format.rawValue)\n" }
    if let subject = subject(rules.map(\.column)) {
      out +=
        "  subject: \(YAMLText.scalar(subject.path.description))  # says which person a record is about: k counts people, not records\n"
    }
    if let encoding = options.encoding { out += "  encoding: \(encoding.name)\n" }
    if options.csv != CSVDialect() {
      var parts: [String] = []
      if let byte = options.csv.delimiter { parts.append("delimiter: \(YAMLText.scalar(String(UnicodeScalar(byte))))") }
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
      out += "  # \(Self.comment(rule.comment))\n  \(YAMLText.scalar(column.path.description)): \(rule.rule)\n"
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
      let hasRepeats = columns.contains { $0.isNamedLikeIdentifier && $0.uniqueShare < 1 }
      if subject(columns) == nil, !hasRepeats {
        out +=
          "  # k counts records: if somebody can have several, say under 'source' which field tells whose a record is (subject)\n"
      }
      if subject(columns) == nil, hasRepeats {
        out += "  count: records  # people have several records, and no field says in each whose it is: decide\n"
      }
      if let risk, risk.uniqueShare > 0 {
        out +=
          "  # today \(Share.percent(risk.uniqueShare)) of records are alone by \(Self.comment(quasi.map(\.description).joined(separator: ", ")))\n"
      }
      if let sensitive = rules.first(where: { $0.rule.isSensitive }) {
        out +=
          "  # to publish a sensitive field, keep it and add a model: k does not hide what all of a class share, as l does: l: {\(Self.comment(sensitive.column.path.description)): 2}\n"
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
    let named = columns.filter { $0.isNamedLikeIdentifier && $0.role.fieldClass == .direct && $0.missing == 0 }
    return named.first { [.identifier, .medicalRecord, .username].contains($0.role) } ?? named.first
  }

  // MARK: YAML

  /// Returns the path of the data as a pipeline in the file `target` writes it.
  private static func sourcePath(_ path: String, _ target: String?) -> String {
    guard let target, path != "-", !path.hasPrefix("/") else { return path }
    return FilePath.relative(path, toFolderOf: target)
  }

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

  /// Returns a comment's text without anything that could end its line.
  private static func comment(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { ShownName.line(String($0)) }.joined(
      separator: " ")
  }
}

extension ColumnFinding {
  /// Whether the field is called like a person's identifier, and a record has one at most.
  fileprivate var isNamedLikeIdentifier: Bool {
    !isRepeated && values > 0 && FieldNameGuess.identifiesPerson(path.plainName)
  }
}
