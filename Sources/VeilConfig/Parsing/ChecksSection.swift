/// Reads `checks:`, a list. An item is one check, such as `not_null: email`, and may have a `severity`.
extension PipelineReading {
  private static let kinds = [
    "max_dropped", "min_records", "k", "candidates", "max_suppressed", "not_null", "unique", "accepted_values",
    "row_count",
  ]

  func checks(_ pipeline: OptionReader, anonymity: AnonymityConfig?, unlisted: Unlisted) -> [CheckConfig] {
    guard let node = pipeline.node("checks") else { return [] }
    guard let items = node.items, !items.isEmpty else {
      let what = node.items == nil ? node.summary : "an empty list"
      pipeline.error(
        "checks", "'checks' must be a list of checks, not \(what)",
        help: "such as  - min_records: 1000  or  - {not_null: email, severity: warn}")
      return []
    }
    let checks = items.flatMap { item in self.checks(of: item) }
    for check in checks {
      switch check.kind {
      case .k, .maxSuppressed:
        if anonymity == nil {
          diagnostics.error(at: check.mark, "'\(check.name)' needs an 'anonymity' section, and there is none")
        }
      case .candidates:
        if anonymity?.count != .subjects {
          diagnostics.error(
            at: check.mark, "'\(check.name)' counts people, and needs 'source.subject' and an 'anonymity' section")
        }
      default: break
      }
      if let field = check.field { checkLeaves(field, for: check, unlisted: unlisted) }
    }
    return checks
  }

  /// Returns the checks of an item: most items have one, but `not_null` and `unique` may name several fields.
  private func checks(of item: ConfigNode) -> [CheckConfig] {
    let reader = OptionReader(
      node: item, context: "a check", known: Self.kinds + ["severity"], diagnostics: diagnostics)
    let severity = reader.choice("severity", of: CheckConfig.Severity.self) ?? .error
    let given = Self.kinds.filter(reader.has)
    guard given.count == 1, let key = given.first else {
      if given.count > 1 || (reader.isMapping && Self.kinds.allSatisfy(reader.isAbsent)) {
        diagnostics.error(
          at: item, "a check is exactly one of \(OptionReader.list(Self.kinds))",
          help: "write each as an item of its own:  - min_records: 1000")
      }
      return []
    }
    return kinds(key, reader).map { kind, name in
      CheckConfig(kind: kind, severity: severity, name: name, mark: reader.keyMark(of: key) ?? item.mark)
    }
  }

  private func kinds(_ key: String, _ reader: OptionReader) -> [(CheckConfig.Kind, String)] {
    let text = reader.node(key)?.text ?? ""
    func named(_ kind: CheckConfig.Kind?) -> [(CheckConfig.Kind, String)] {
      kind.map { [($0, "\(key): \(text)")] } ?? []
    }
    switch key {
    case "max_dropped": return named(limit(key, reader).map { .maxDropped($0) })
    case "max_suppressed": return named(limit(key, reader).map { .maxSuppressed($0) })
    case "min_records": return named(reader.int(key, range: 1...Int.max).map { .minRecords($0) })
    case "k": return named(reader.int(key, range: 2...Int.max).map { .k($0) })
    case "candidates": return named(reader.int(key, range: 2...Int.max).map { .candidates($0) })
    case "not_null": return fields(key, reader).map { (.notNull($0), "\(key): \($0)") }
    case "unique": return fields(key, reader).map { (.unique($0), "\(key): \($0)") }
    case "accepted_values": return acceptedValues(reader).map { [$0] } ?? []
    default: return rowCount(reader).map { [$0] } ?? []
    }
  }

  private func limit(_ key: String, _ reader: OptionReader) -> CheckConfig.Limit? {
    guard let text = reader.string(key) else { return nil }
    if let count = reader.node(key)?.int, count >= 0 { return .count(count) }
    if text.hasSuffix("%"), let share = Share(text) { return .share(share) }
    reader.error(key, "\(quote(key)) must be a number of records or a share such as 5%, not \(quote(text))")
    return nil
  }

  private func fields(_ key: String, _ reader: OptionReader) -> [FieldPath] {
    guard let names = reader.strings(key) else { return [] }
    if names.isEmpty { reader.error(key, "\(quote(key)) names no field") }
    var paths: [FieldPath] = []
    for name in names {
      do {
        paths.append(try FieldPath(name))
      } catch {
        reader.error(key, "\(quote(name)) is not a field: \(error.message)", help: error.help)
      }
    }
    return paths
  }

  private func acceptedValues(_ check: OptionReader) -> (CheckConfig.Kind, String)? {
    guard let reader = section("accepted_values", of: check, known: ["field", "values"]) else { return nil }
    let field = requiredFieldPath("field", reader)
    guard reader.require("values"), let values = reader.strings("values") else { return nil }
    if values.isEmpty { reader.error("values", "'values' is an empty list") }
    guard let field else { return nil }
    return (.acceptedValues(field, values), "accepted_values: \(field)")
  }

  private func rowCount(_ check: OptionReader) -> (CheckConfig.Kind, String)? {
    guard let reader = section("row_count", of: check, known: ["manifest", "within"]) else { return nil }
    let manifest = path("manifest", reader)
    if let manifest, let word = PathTemplate(manifest).placeholders.map(\.rawValue).min() {
      reader.error(
        "manifest", "'manifest' is one file, and {\(word)} is not filled in here",
        help: "write the manifest of every run to the same path, which the next one replaces")
    }
    guard let text = reader.requiredString("within", help: "such as  within: 20%") else { return nil }
    guard text.hasSuffix("%"), let share = Share(text) else {
      reader.error("within", "'within' must be a share such as 20%, not \(quote(text))")
      return nil
    }
    return (.rowCount(manifest: manifest, within: share), "row_count: within \(text)")
  }

  /// Reports a check of a field that does not leave, because it would always hold.
  private func checkLeaves(_ path: FieldPath, for check: CheckConfig, unlisted: Unlisted) {
    // A rule applies to all fields below its path, except those for which a longer path has a rule.
    let ruling = fields.all.filter { path.steps.starts(with: $0.path.steps) }
    if let rule = ruling.max(by: { $0.path.steps.count < $1.path.steps.count }) {
      if rule.stages.contains(where: { $0.name == "drop" }) {
        diagnostics.error(at: check.mark, "'\(check.name)': the field is dropped, and a check looks at what leaves")
      }
    } else if unlisted != .keep {
      diagnostics.error(
        at: check.mark,
        "'\(check.name)': no rule under 'fields' lets this field leave, and a check looks at what leaves",
        suggest: Diagnostics.nearest(path.description, in: fields.all.map(\.path.description)))
    }
  }
}
