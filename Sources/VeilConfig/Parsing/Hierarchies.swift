extension PipelineReading {
  func hierarchy(_ node: ConfigNode, at key: Mark?, of owner: String) -> HierarchyConfig? {
    let kinds = ["date", "prefix", "interval", "file"]
    let help = "{date: [month, year]}, {prefix: 5}, {interval: {width: 5, levels: 4}} or {file: PATH}"
    guard let entries = node.entries, entries.count == 1, let entry = entries.first else {
      let mark = node.isNull ? key : node.mark
      diagnostics.error(
        at: mark, "the hierarchy of \(owner) must be one of date, prefix, interval and file", help: help)
      return nil
    }
    let reader = OptionReader(
      node: node, context: "the hierarchy of \(owner)", known: kinds, diagnostics: diagnostics)
    switch entry.key.text {
    case "date": return dateLevels(reader).map { .date($0) }
    case "prefix": return reader.int("prefix", range: 1...255).map { .prefix($0) }
    case "interval": return interval(reader)
    case "file": return path("file", reader).map { .file($0) }
    default: return nil
    }
  }

  private func dateLevels(_ reader: OptionReader) -> [HierarchyConfig.DateLevel]? {
    guard let names = reader.strings("date") else { return nil }
    let words = HierarchyConfig.DateLevel.allCases.map(\.rawValue)
    let nodes = reader.node("date").map { $0.items ?? [$0] } ?? []
    var levels: [HierarchyConfig.DateLevel] = []
    for (name, node) in zip(names, nodes) {
      guard let level = HierarchyConfig.DateLevel(rawValue: name) else {
        diagnostics.error(
          at: node, "unknown date level \(quote(name))", suggest: Diagnostics.nearest(name, in: words),
          help: "the levels are \(words.joined(separator: ", "))")
        return nil
      }
      if let last = levels.last, level <= last {
        diagnostics.error(
          at: node, "\(quote(name)) is no coarser than \(quote(last.rawValue)) before it",
          help: "name levels from fine to coarse: \(words.joined(separator: ", "))")
        return nil
      }
      levels.append(level)
    }
    if levels.isEmpty { reader.error("date", "'date' is an empty list") }
    return levels
  }

  private func interval(_ hierarchy: OptionReader) -> HierarchyConfig? {
    guard let reader = section("interval", of: hierarchy, known: ["width", "levels", "origin"]) else { return nil }
    let width = reader.require("width") ? reader.number("width") : nil
    if let width, width.value <= 0 { reader.error("width", "'width' must be above 0") }
    let levels = reader.requiredInt("levels", range: 1...32)
    let origin = reader.number("origin") ?? ConfigNumber(0)
    guard let width, let levels else { return nil }
    return .interval(width: width, levels: levels, origin: origin)
  }
}
