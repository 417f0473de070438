// The rules of a sink that replace those of the pipeline. What a field is (its class, its hierarchy) is said once for
// all sinks; what happens to it may differ. So no sink can give up a guarantee that holds for the others.
extension PipelineReading {
  func sinkFields(_ sink: OptionReader) -> [SinkField] {
    guard let node = sink.node("fields") else { return [] }
    guard let entries = node.entries, !entries.isEmpty else {
      sink.error("fields", "'fields' of a sink is a mapping of the fields that it treats otherwise")
      return []
    }
    var seen: [FieldPath: Mark] = [:]
    return entries.compactMap { entry in
      let text = entry.key.text ?? ""
      do throws(FieldPathError) {
        let path = try FieldPath(text)
        if let first = seen.updateValue(entry.key.mark, forKey: path) {
          diagnostics.error(
            at: entry.key, "a second rule for \(quote(path.description)); the first is on line \(first.line)")
          return nil
        }
        guard let base = fields[path] else {
          diagnostics.error(
            at: entry.key, "a sink's rule for \(quote(path.description)), which the pipeline's 'fields' do not name",
            suggest: Diagnostics.nearest(text, in: fields.all.map(\.path.description)),
            help: "name it there too: 'drop', if it leaves to this sink only")
          return nil
        }
        return sinkField(base, entry)
      } catch {
        diagnostics.error(at: entry.key, "\(quote(text)) is not a field: \(error.message)", help: error.help)
        return nil
      }
    }
  }

  private func sinkField(_ base: FieldConfig, _ entry: ConfigNode.Entry) -> SinkField? {
    let before = diagnostics.errorCount
    let rule = field(base.path, entry)
    guard diagnostics.errorCount == before else { return nil }
    let name = quote(base.path.description)
    if let node = entry.value["class"], rule.fieldClass != base.fieldClass {
      diagnostics.error(
        at: node, "field \(name) is of class '\(base.fieldClass.rawValue)', and a sink cannot change that",
        help: "a field is the same for every recipient: set the class in the pipeline's 'fields'")
    }
    if let node = entry.value["optional"], rule.isOptional != base.isOptional {
      diagnostics.error(
        at: node, "whether the input has \(name) is the same for all sinks", help: "say it in the pipeline's 'fields'")
    }
    if let mark = rule.hierarchyMark {
      diagnostics.error(
        at: mark, "a sink cannot change the hierarchy of \(name): all sinks share the equivalence classes")
    }
    for purpose in rule.purposes where !base.purposes.isEmpty && !base.purposes.contains(purpose) {
      diagnostics.error(
        at: entry.value["purposes"]?.mark ?? entry.key.mark,
        "field \(name) may not serve \(quote(purpose)), and a sink cannot change that",
        help: "it may serve \(base.purposes.map(quote).joined(separator: ", "))")
    }
    return SinkField(
      path: base.path, mark: entry.key.mark, stages: rule.stages, because: rule.because,
      purposes: rule.purposes.isEmpty ? nil : rule.purposes)
  }

  /// Checks the rules of sinks against `anonymity`, whose promise is decided once: a sink may leave out its fields, and
  /// change nothing else about them.
  func checkSinkFields(_ sinks: [SinkConfig], _ anonymity: AnonymityConfig?) {
    guard let anonymity else { return }
    let guarded = Set(anonymity.models.map(\.field))
    for sink in sinks {
      for rule in sink.fields where rule.stages.first?.name != "drop" && !rule.stages.isEmpty {
        guard let base = fields[rule.path], base.fieldClass == .quasi || guarded.contains(rule.path) else { continue }
        diagnostics.error(
          at: rule.mark,
          "field \(quote(rule.path.description)) is part of what 'anonymity' promises to all sinks: a sink may only drop it",
          help: "a recipient that needs it in another form needs a pipeline of its own")
      }
    }
  }
}
