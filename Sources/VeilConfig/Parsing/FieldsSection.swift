/// The fields that were read so far, for the sections that refer to them.
struct FieldTable {
  var all: [FieldConfig] = []
  private var index: [FieldPath: Int] = [:]
  /// The paths of rules with errors: their meaning is not known.
  var unsure: Set<FieldPath> = []

  mutating func append(_ field: FieldConfig) {
    index[field.path] = all.count
    all.append(field)
  }

  subscript(path: FieldPath) -> FieldConfig? {
    index[path].map { all[$0] }
  }
}

extension PipelineReading {
  static let ruleKeys = ["class", "hierarchy", "weight", "stages", "because", "purposes", "optional"]

  func fieldTable(_ pipeline: OptionReader, unlisted: Unlisted) -> FieldTable {
    var table = FieldTable()
    let node = pipeline.node("fields")
    if let node, !node.isNull, node.entries == nil {
      pipeline.error("fields", "'fields' is a mapping of field names and their rules, not \(node.summary)")
      return table
    }
    let entries = node?.entries ?? []
    if entries.isEmpty, unlisted != .keep {
      let help = "name the fields that may leave under 'fields'"
      if node != nil {
        diagnostics.error(at: pipeline.keyMark(of: "fields"), "'fields' is empty: nothing would leave", help: help)
      } else if pipeline.isAbsent("fields") {
        diagnostics.error(at: pipeline.mark, "there are no 'fields': nothing would leave", help: help)
      }
    }
    for entry in entries {
      let text = entry.key.text ?? ""
      do throws(FieldPathError) {
        let path = try FieldPath(text)
        if let first = table[path] {
          diagnostics.error(
            at: entry.key, "a second rule for \(quote(path.description)); the first is on line \(first.mark.line)")
          continue
        }
        let before = diagnostics.errorCount
        table.append(field(path, entry))
        if diagnostics.errorCount > before { table.unsure.insert(path) }
      } catch {
        diagnostics.error(at: entry.key, "\(quote(text)) is not a field: \(error.message)", help: error.help)
      }
    }
    return table
  }

  func field(_ path: FieldPath, _ entry: ConfigNode.Entry) -> FieldConfig {
    let owner = "field " + quote(path.description)
    let rule = entry.value
    var field = FieldConfig(path: path, mark: entry.key.mark, fieldClass: .other, stages: [], purposes: [])
    guard let parts = rule.entries else {
      if rule.isNull {
        let help = rule.text == "null" ? "the stage 'null' needs options: {null: {…}}" : Self.ruleHelp
        diagnostics.error(at: entry.key, "no rule given for \(owner)", help: help)
      } else {
        field.stages = stages(rule, of: owner)
      }
      return field
    }
    if parts.contains(where: { Self.ruleKeys.contains($0.key.text ?? "") }) {
      readLongForm(&field, parts: parts, rule: rule, owner: owner)
    } else if let only = parts.first, parts.count == 1 {
      let name = only.key.text ?? ""
      if isStage(name) {
        field.stages = stages(rule, of: owner)
      } else {
        diagnostics.error(
          at: only.key, "unknown stage \(quote(name))",
          suggest: Diagnostics.nearest(name, in: stageNames + Self.ruleKeys),
          help: "`veil stages` lists those there are")
      }
    } else {
      reportSeveral(parts, at: rule, owner: owner)
    }
    return field
  }

  private func readLongForm(
    _ field: inout FieldConfig, parts: [ConfigNode.Entry], rule: ConfigNode, owner: String
  ) {
    let stray = parts.compactMap(\.key.text).filter { isStage($0) && !Self.ruleKeys.contains($0) }
    for part in parts where stray.contains(part.key.text ?? "") {
      diagnostics.error(
        at: part.key, "stage \(quote(part.key.text ?? "")) cannot stand beside 'class' and the like",
        help: "put it under 'stages': stages: [{\(part.key.text ?? ""): …}]")
    }
    let reader = OptionReader(
      node: rule, context: owner, known: Self.ruleKeys + stray, diagnostics: diagnostics, at: field.mark)
    field.fieldClass = reader.choice("class", of: FieldClass.self) ?? .other
    if let node = reader.node("hierarchy") {
      field.hierarchy = hierarchy(node, at: reader.keyMark(of: "hierarchy"), of: owner)
      field.hierarchyMark = reader.keyMark(of: "hierarchy")
      field.missing = missing(node, of: owner)
    }
    if reader.has("weight") {
      field.weight = weight(reader)
      field.weightMark = reader.keyMark(of: "weight")
    }
    if let node = reader.node("stages") { field.stages = stages(node, of: owner) }
    field.because = reader.has("because") ? reader.requiredString("because") : nil
    field.purposes = reader.strings("purposes", default: [])
    field.isOptional = reader.bool("optional", default: false)
    if field.isOptional, field.fieldClass == .quasi {
      reader.error(
        "optional", "\(owner) is a quasi-identifier, and none of these is optional",
        help: "a record without a value has an empty cell or null there")
    }
    if reader.has("purposes"), reader.node("purposes")?.items?.isEmpty == true {
      reader.error("purposes", "'purposes' is an empty list: the field would never leave", help: "write drop instead")
    }
  }

  /// Checks what only the whole file can show: whether classes, hierarchies and the privacy model fit together.
  func checkClasses(_ pipeline: OptionReader) {
    let anonymous = !pipeline.isAbsent("anonymity")
    for field in fields.all where !fields.unsure.contains(field.path) {
      let owner = "field " + quote(field.path.description)
      checkWeight(field, owner, anonymous: anonymous)
      if let mark = field.hierarchyMark {
        if field.fieldClass != .quasi {
          diagnostics.error(
            at: mark, "\(owner) has a hierarchy but is of class '\(field.fieldClass.rawValue)'",
            help: "only 'class: quasi' is generalized")
        } else if !anonymous {
          diagnostics.error(
            at: mark, "\(owner) has a hierarchy, but there is no 'anonymity' section to generalize it",
            help: "add 'anonymity: {k: 10}', or give the field stages instead")
        }
        if let drop = field.stages.first(where: { $0.name == "drop" }) {
          diagnostics.error(at: drop.mark, "\(owner) is dropped and has a hierarchy; it can only have one")
        }
      } else if field.stages.isEmpty, !(field.fieldClass == .quasi && anonymous) {
        diagnostics.error(
          at: field.mark, "no stage says what becomes of \(owner)",
          help: "add 'stages: [keep]' if it may leave as it is, or 'stages: [drop]'")
      }
    }
    let quasi = fields.all.filter { field in
      field.fieldClass == .quasi && (field.hierarchyMark != nil || !field.stages.contains { $0.name == "drop" })
    }
    if pipeline.has("anonymity"), fields.unsure.isEmpty, !fields.all.isEmpty, quasi.isEmpty {
      diagnostics.error(
        at: pipeline.keyMark(of: "anonymity"), "'anonymity' has no quasi-identifier to work on",
        help: "give the fields that single people out 'class: quasi'")
    }
  }
}
