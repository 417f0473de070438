extension PipelineReading {
  static let aggregateKeys = ["by", "measures", "noise", "epsilon", "delta", "per_person", "budget"]

  /// Reads the `aggregate` section of a sink; nil if it does not exist or cannot be used.
  func aggregate(_ sink: OptionReader, subject: FieldPath?) -> AggregateConfig? {
    guard let reader = section("aggregate", of: sink, known: Self.aggregateKeys), let mark = reader.mark else {
      return nil
    }
    let by = groups(reader)
    let measures = self.measures(reader)
    let noise = reader.choice("noise", of: AggregateConfig.Noise.self) ?? .laplace
    let epsilon = self.epsilon(reader)
    let isKnown = by.allSatisfy { $0.values != nil }
    let delta = self.delta(reader, isNeeded: !isKnown || noise == .gaussian)
    if subject == nil {
      diagnostics.error(
        at: mark, "'aggregate' needs 'source.subject': what one person adds to a figure must be bounded",
        help: "name the field that says whose a record is")
    }
    var (groups, records) = (1, 1)
    if let bounds = section("per_person", of: reader, known: ["groups", "records"]) {
      groups = bounds.int("groups", range: 1...65_535, default: 1)
      records = bounds.int("records", range: 1...65_535, default: 1)
    }
    reader.require("budget", help: "budget: the file that keeps account of epsilon and delta, such as budget.yaml")
    guard let budget = path("budget", reader), let epsilon, let delta, !measures.isEmpty else { return nil }
    return AggregateConfig(
      by: by, measures: measures, noise: noise, epsilon: epsilon, delta: delta, groupsPerPerson: groups,
      recordsPerGroup: records, budget: budget, mark: mark)
  }

  // MARK: Groups

  private func groups(_ reader: OptionReader) -> [AggregateConfig.Group] {
    guard let node = reader.node("by"), !node.isNull else {
      reader.require("by", help: "by: [country], or by: [] for one row about everybody")
      return []
    }
    var groups: [AggregateConfig.Group] = []
    if let entries = node.entries {
      groups = entries.compactMap { entry in
        guard let field = groupField(entry.key) else { return nil }
        return AggregateConfig.Group(field: field, values: values(entry), mark: entry.key.mark)
      }
    } else if let items = node.items {
      groups = items.compactMap { item in
        groupField(item).map { AggregateConfig.Group(field: $0, values: nil, mark: item.mark) }
      }
    } else {
      reader.error("by", "'by' is a list of fields, or a mapping of fields and their known values, not \(node.summary)")
    }
    var seen: Set<FieldPath> = []
    for group in groups where !seen.insert(group.field).inserted {
      diagnostics.error(at: group.mark, "\(quote(group.field.description)) is there twice")
    }
    return groups
  }

  private func values(_ entry: ConfigNode.Entry) -> [String] {
    let texts = entry.value.items.map { $0.compactMap(\.text) } ?? []
    if texts.isEmpty || texts.count != entry.value.items?.count || Set(texts).count != texts.count {
      diagnostics.error(
        at: entry.value.isNull ? entry.key : entry.value, "the known values of a group are a list of texts, none twice",
        help: "where they are not known, write 'by' as a list of fields")
    }
    return texts
  }

  func groupField(_ node: ConfigNode) -> FieldPath? {
    let text = node.text ?? ""
    do throws(FieldPathError) {
      let path = try FieldPath(text)
      guard fields[path] != nil else {
        diagnostics.error(
          at: node, "there is no field \(quote(text)) under 'fields'",
          suggest: Diagnostics.nearest(text, in: fields.all.map(\.path.description)))
        return nil
      }
      return path
    } catch {
      diagnostics.error(at: node, "\(quote(text)) is not a field: \(error.message)", help: error.help)
      return nil
    }
  }

  // MARK: Measures

  private func measures(_ reader: OptionReader) -> [AggregateConfig.Measure] {
    let help = "measures: {people: {count: people}, spend: {sum: amount, lower: 0, upper: 500}}"
    guard reader.require("measures", help: help), let node = reader.node("measures") else { return [] }
    guard let entries = node.entries, !entries.isEmpty else {
      reader.error("measures", "'measures' is a mapping of names and what they count, not \(node.summary)", help: help)
      return []
    }
    return entries.compactMap { measure($0) }
  }

  private func measure(_ entry: ConfigNode.Entry) -> AggregateConfig.Measure? {
    let name = entry.key.text ?? ""
    if !Self.isName(name) {
      diagnostics.error(at: entry.key, "a measure's name may hold letters, digits, '.', '_' and '-' (ASCII)")
    }
    let reader = OptionReader(
      node: entry.value, context: "measure \(quote(name))", known: ["count", "sum", "lower", "upper", "unit"],
      diagnostics: diagnostics, at: entry.key.mark)
    guard reader.isMapping else { return nil }
    if reader.has("count") {
      if let extra = ["sum", "lower", "upper", "unit"].first(where: { reader.has($0) }) {
        diagnostics.error(at: reader.keyMark(of: extra), "a count has no \(quote(extra))")
      }
      let kinds = ["people", "records"]
      guard let what = reader.choice("count", of: kinds) else { return nil }
      return .init(name: name, kind: what == "people" ? .people : .records, mark: entry.key.mark)
    }
    guard reader.require("sum", help: "{count: people}, {count: records} or {sum: FIELD, lower: 0, upper: 500}"),
      let node = reader.node("sum"), let field = groupField(node)
    else { return nil }
    let help = "one person's part of a sum must be bounded: values beyond are brought to the bound"
    reader.require("lower", help: help)
    reader.require("upper", help: help)
    guard let lower = reader.number("lower"), let upper = reader.number("upper") else { return nil }
    if lower.value > upper.value { reader.error("upper", "'upper' must not be below 'lower'") }
    if lower.value == 0, upper.value == 0 { reader.error("upper", "a sum of nothing but zeros says nothing") }
    let unit = reader.number("unit") ?? ConfigNumber(1)
    if unit.value <= 0 { reader.error("unit", "'unit' must be above 0") }
    return .init(name: name, kind: .sum(field: field, lower: lower, upper: upper, unit: unit), mark: entry.key.mark)
  }

  // MARK: Privacy loss

  private func epsilon(_ reader: OptionReader) -> ConfigNumber? {
    guard reader.require("epsilon", help: "epsilon: 1; the smaller, the more private"),
      let number = reader.number("epsilon")
    else { return nil }
    if number.value < 0.000_001 || number.value > 100 {
      reader.error("epsilon", "'epsilon' must be between 0.000001 and 100")
      return nil
    }
    if number.value > 10 {
      reader.warn("epsilon", "an epsilon above 10 promises next to nothing", help: "usual are 0.1 to 3")
    }
    return number
  }

  private func delta(_ reader: OptionReader, isNeeded: Bool) -> ConfigNumber? {
    guard reader.has("delta") else {
      if isNeeded, reader.isAbsent("delta") {
        diagnostics.error(
          at: reader.mark, "'aggregate' needs 'delta' for gaussian noise, and where groups come from the data",
          help: "delta: 0.000001, far below one in the number of people; or list each group's values under 'by'")
      }
      return isNeeded ? nil : ConfigNumber(0)
    }
    guard let number = reader.number("delta") else { return nil }
    if number.value < 0 || number.value > 0.01 || (isNeeded && number.value < 1e-15) {
      reader.error("delta", "'delta' must be between 1e-15 and 0.01")
      return nil
    }
    return number
  }
}
