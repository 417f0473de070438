extension PipelineReading {
  func records(_ pipeline: OptionReader) -> RecordsConfig {
    var records = RecordsConfig()
    let known = ["where", "consent", "retention", "erasure", "corrections"]
    guard let reader = section("records", of: pipeline, known: known) else { return records }
    if let node = reader.node("where") {
      if node.isNull { reader.error("where", "'where' has no value", help: "{field: NAME, in: [VALUE, VALUE]}") }
      let parts = node.items ?? (node.isNull ? [] : [node])
      if node.items?.isEmpty == true { reader.error("where", "'where' is an empty list") }
      records.filters = parts.compactMap(filter)
    }
    records.consent = consent(reader, pipeline)
    records.retention = retention(reader)
    records.erasure = erasure(reader)
    records.corrections = corrections(reader, pipeline)
    return records
  }

  private func filter(_ node: ConfigNode) -> RecordFilter? {
    let kinds = ["in", "not_in", "equals"]
    let reader = OptionReader(node: node, context: "'where'", known: ["field"] + kinds, diagnostics: diagnostics)
    let field = requiredFieldPath("field", reader)
    let given = kinds.filter(reader.has)
    guard given.count == 1, let kind = given.first else {
      if given.count > 1 || node.isNull || reader.isMapping && kinds.allSatisfy(reader.isAbsent) {
        diagnostics.error(at: node, "'where' must have exactly one of 'in', 'not_in' and 'equals'")
      }
      return nil
    }
    let condition: RecordFilter.Condition?
    switch kind {
    case "in": condition = values(kind, reader).map { .anyOf($0) }
    case "not_in": condition = values(kind, reader).map { .noneOf($0) }
    default: condition = reader.string(kind).map { .equals($0) }
    }
    guard let field, let condition else { return nil }
    return RecordFilter(field: field, condition: condition, mark: node.mark)
  }

  /// Reads a list of at least one text.
  func values(_ key: String, _ reader: OptionReader) -> [String]? {
    guard let values = reader.strings(key) else { return nil }
    if values.isEmpty { reader.error(key, "\(quote(key)) is an empty list") }
    return values
  }

  private func consent(_ records: OptionReader, _ pipeline: OptionReader) -> ConsentConfig? {
    let isLedger = records.node("consent")?["ledger"] != nil
    let known = isLedger ? Self.ledgerKeys : ["field", "granted", "ledger"]
    guard let reader = filled("consent", of: records, known: known, example: "{field: NAME, granted: [\"true\"]}")
    else { return nil }
    if isLedger { return consentLedger(reader, pipeline) }
    let field = requiredFieldPath("field", reader)
    let help = "name the values that mean yes, such as [\"true\"]"
    let granted = reader.require("granted", help: help) ? values("granted", reader) : nil
    guard let field, let granted, let mark = reader.mark else { return nil }
    return ConsentConfig(field: field, granted: granted, mark: mark)
  }

  private func retention(_ records: OptionReader) -> RetentionConfig? {
    let example = "{field: NAME, keep: 24 months}"
    guard let reader = filled("retention", of: records, known: ["field", "keep"], example: example) else { return nil }
    let field = requiredFieldPath("field", reader)
    guard let text = reader.requiredString("keep", help: "such as 24 months") else { return nil }
    guard let keep = CalendarPeriod(text) else {
      reader.error(
        "keep", "'keep' must be a number of days, weeks, months or years such as 24 months, not \(quote(text))",
        help: "write a whole number from 1 to 10000, a space and the unit")
      return nil
    }
    guard let field, let mark = reader.mark else { return nil }
    return RetentionConfig(field: field, keep: keep, mark: mark)
  }

  private func erasure(_ records: OptionReader) -> ErasureConfig? {
    let known = ["file", "column", "field", "normalize"]
    let example = "{file: PATH, column: NAME, field: NAME}"
    guard let reader = filled("erasure", of: records, known: known, example: example) else { return nil }
    let file = reader.require("file") ? path("file", reader) : nil
    let column = reader.requiredString("column")
    let field = requiredFieldPath("field", reader)
    let normalize = reader.node("normalize").map { stages($0, of: "'normalize'") } ?? []
    guard let file, let column, let field, let mark = reader.mark else { return nil }
    return ErasureConfig(file: file, column: column, field: field, normalize: normalize, mark: mark)
  }

  /// Returns a reader for a section that must not be empty: if somebody forgot to fill it, it must not silently mean no
  /// rule.
  func filled(
    _ key: String, of reader: OptionReader, known: [String], example: String
  ) -> OptionReader? {
    guard let node = reader.node(key) else { return nil }
    guard !node.isNull else {
      reader.error(key, "\(quote(key)) has no value", help: example)
      return nil
    }
    return section(key, of: reader, known: known)
  }
}
