extension PipelineReading {
  func microaggregation(
    _ pipeline: OptionReader, anonymity: AnonymityConfig?, sinks: [SinkConfig]
  ) -> MicroaggregationConfig? {
    guard let reader = section("microaggregation", of: pipeline, known: ["k", "fields", "decimals"]),
      let mark = reader.mark
    else { return nil }
    let k = reader.requiredInt("k", range: 2 ... .max, help: "k is how many people a group has at least: k: 5")
    let decimals = reader.int("decimals", range: 0...9, default: 2)
    if anonymity != nil {
      diagnostics.error(
        at: mark, "'microaggregation' does not go with 'anonymity' in one pipeline",
        help: "groups of one and classes of the other would cut each other into smaller ones; give numeric "
          + "quasi-identifiers an 'interval' hierarchy")
    }
    if let sink = sinks.first(where: { $0.aggregate != nil }) {
      diagnostics.error(at: sink.mark, "'aggregate' does not go with 'microaggregation'")
    }
    reader.require("fields", help: "fields: [income, age]")
    guard let node = reader.node("fields"), let items = node.items, !items.isEmpty else {
      if reader.has("fields") { reader.error("fields", "'fields' is a list of numeric fields, such as [income, age]") }
      return nil
    }
    var paths: [FieldPath] = []
    for item in items {
      guard let path = groupField(item) else { continue }
      if paths.contains(path) { diagnostics.error(at: item, "\(quote(path.description)) is there twice") }
      if path.steps.contains(.elements) {
        diagnostics.error(at: item, "a field that is grouped has one value a record; 'items[]' may have many")
      }
      for sink in sinks where sink.fields.contains(where: { $0.path == path }) {
        diagnostics.error(at: item, "a sink's own rule for \(quote(path.description)) would undo its grouping")
      }
      paths.append(path)
    }
    guard let k, !paths.isEmpty else { return nil }
    return MicroaggregationConfig(k: k, fields: paths, decimals: decimals, mark: mark)
  }
}
