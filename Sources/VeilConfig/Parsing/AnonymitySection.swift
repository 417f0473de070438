extension PipelineReading {
  func anonymity(_ pipeline: OptionReader, source: SourceConfig) -> AnonymityConfig? {
    let known = ["k", "l", "t", "suppress", "recoding", "effort", "labels", "count", "suppressed"]
    guard let reader = section("anonymity", of: pipeline, known: known), let mark = reader.mark else { return nil }
    let k = reader.requiredInt("k", range: 2 ... .max, help: "k is how many must look alike: k: 10")
    let diversity = perField("l", reader) { field, node in
      self.diversity(node).map { AnonymityConfig.Diversity(field: field, model: $0, mark: node.mark) }
    }
    let closeness = perField("t", reader) { field, node in
      self.closeness(node).map { AnonymityConfig.Closeness(field: field, distance: $0, mark: node.mark) }
    }
    let count = reader.choice("count", of: AnonymityConfig.Counting.self)
    if count == .subjects, source.subjectMark == nil {
      reader.error("count", "'count: subjects' needs 'source.subject', the field that says whose a record is")
    }
    let recoding = reader.choice("recoding", of: AnonymityConfig.Recoding.self) ?? .local
    let labels = reader.choice("labels", of: AnonymityConfig.Labels.self) ?? .hierarchy
    if labels == .sets, recoding == .global {
      reader.error(
        "labels", "'labels: sets' does not go with 'recoding: global', which writes one level a column",
        help: "leave one of the two out")
    }
    return AnonymityConfig(
      k: k ?? 2,
      marks: .init(
        section: mark, k: reader.mark(of: "k") ?? mark, recoding: reader.mark(of: "recoding") ?? mark,
        suppress: reader.mark(of: "suppress") ?? mark),
      diversity: diversity, closeness: closeness,
      suppress: suppress(reader),
      recoding: recoding, effort: reader.choice("effort", of: AnonymityConfig.Effort.self) ?? .normal, labels: labels,
      count: count ?? (source.subject == nil ? .records : .subjects),
      suppressed: reader.choice("suppressed", of: AnonymityConfig.Suppressed.self) ?? .drop)
  }

  private func suppress(_ reader: OptionReader) -> Share {
    guard let text = reader.string("suppress") else { return .zero }
    guard let share = Share(text) else {
      let percent = Share(text + "%") != nil ? "write \(text)% if that is meant" : nil
      reader.error(
        "suppress", "'suppress' must be a share such as 5% or 0.05, from 0 to 100%, not \(quote(text))", help: percent)
      return .zero
    }
    return share
  }

  /// A mapping from sensitive fields to what is asked of each.
  private func perField<Demand>(
    _ key: String, _ reader: OptionReader, _ read: (FieldPath, ConfigNode) -> Demand?
  ) -> [Demand] {
    guard let node = reader.node(key) else { return [] }
    guard let entries = node.entries, !entries.isEmpty else {
      let example = key == "l" ? "{diagnosis: 3}" : "{diagnosis: 0.2}"
      reader.error(key, "\(quote(key)) must be a mapping of sensitive fields, such as \(example)")
      return []
    }
    var seen: [FieldPath: Mark] = [:]
    return entries.compactMap { entry in
      guard let field = sensitiveField(entry.key) else { return nil }
      if let first = seen.updateValue(entry.key.mark, forKey: field) {
        diagnostics.error(at: entry.key, "\(quote(field.description)) is there twice, first on line \(first.line)")
        return nil
      }
      return read(field, entry.value)
    }
  }

  private func sensitiveField(_ key: ConfigNode) -> FieldPath? {
    let text = key.text ?? ""
    do throws(FieldPathError) {
      let path = try FieldPath(text)
      guard let field = fields[path] else {
        diagnostics.error(
          at: key, "there is no field \(quote(text)) under 'fields'",
          suggest: Diagnostics.nearest(text, in: fields.all.map(\.path.description)))
        return nil
      }
      if field.fieldClass != .sensitive, !fields.unsure.contains(path) {
        diagnostics.error(
          at: key, "field \(quote(text)) is of class '\(field.fieldClass.rawValue)'",
          help: "l and t protect fields of 'class: sensitive'")
      }
      return path
    } catch {
      diagnostics.error(at: key, "\(quote(text)) is not a field: \(error.message)", help: error.help)
      return nil
    }
  }

  private func diversity(_ node: ConfigNode) -> AnonymityConfig.Diversity.Model? {
    if node.entries != nil {
      let reader = OptionReader(node: node, context: "'l'", known: ["entropy"], diagnostics: diagnostics)
      guard let l = reader.requiredDouble("entropy") else { return nil }
      if l <= 1 { reader.error("entropy", "'entropy' must be above 1") }
      return .entropy(l)
    }
    guard let l = node.int, l >= 2 else {
      diagnostics.error(at: node, "l must be a whole number, 2 or more, or {entropy: 3}")
      return nil
    }
    return .distinct(l)
  }

  private func closeness(_ node: ConfigNode) -> Double? {
    guard let t = node.double, (0...1).contains(t) else {
      diagnostics.error(at: node, "t must be a number from 0 to 1")
      return nil
    }
    return t
  }
}
