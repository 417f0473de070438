/// Hierarchies written as nested YAML: groups are keys, values are the texts inside lists.
///
///     tree:
///       Europe: {West: [FR, DE], East: [PL, CZ]}
///       America: [US, CA]
extension PipelineReading {
  /// Returns each leaf with its groups, from the leaf upwards, in rows of equal length. If a leaf has fewer groups than
  /// others, it stands for itself at the lowest levels, so that all groups next to the root have the same level.
  func tree(_ node: ConfigNode, at mark: Mark) -> [[String]]? {
    let errors = diagnostics.errorCount
    guard node.entries?.isEmpty == false else {
      diagnostics.error(
        at: node.isNull ? mark : node.mark, "'tree' must be a mapping of groups",
        help: "tree: {Europe: {West: [FR, DE], East: [PL, CZ]}, America: [US, CA]}")
      return nil
    }
    var rows: [[String]] = []
    var marks: [String: Mark] = [:]
    collect(node, groups: [], into: &rows, marks: &marks)
    let width = rows.map(\.count).max() ?? 0
    rows = rows.map { row in Array(repeating: row[0], count: width - row.count) + row }
    for level in stride(from: 1, to: width - 1, by: 1) {
      var parents: [String: String] = [:]
      for row in rows {
        if let known = parents[row[level]], known != row[level + 1] {
          diagnostics.error(
            at: marks[row[0]] ?? mark,
            "the group \(quote(row[level])) of 'tree' lies both in \(quote(known)) and in \(quote(row[level + 1]))",
            help: "give the two groups different names")
          break
        }
        parents[row[level]] = row[level + 1]
      }
    }
    return diagnostics.errorCount > errors ? nil : rows
  }

  private func collect(_ node: ConfigNode, groups: [String], into rows: inout [[String]], marks: inout [String: Mark]) {
    if groups.count > 62 {
      diagnostics.error(at: node, "'tree' is nested too deeply: a hierarchy has at most 63 levels")
      return
    }
    switch node.kind {
    case .scalar(let text, _):
      if node.isNull {
        let place = groups.first.map { "the group \(quote($0)) of 'tree' has no values" } ?? "'tree' has an empty value"
        diagnostics.error(
          at: node, place, help: "list its values: [a, b]; write \"\" for empty text, \"null\" for that word")
        return
      }
      if let first = marks.updateValue(node.mark, forKey: text) {
        diagnostics.error(at: node, "'tree' has the value \(quote(text)) twice, first on line \(first.line)")
        return
      }
      rows.append([text] + groups)
    case .sequence(let items):
      if items.isEmpty {
        diagnostics.error(
          at: node, "a group of 'tree' is an empty list", help: "list its values, or leave the group out")
      }
      for item in items { collect(item, groups: groups, into: &rows, marks: &marks) }
    case .mapping(let entries):
      for entry in entries {
        let child =
          entry.value.isNull
          ? ConfigNode(kind: entry.value.kind, mark: entry.key.mark, end: entry.key.end) : entry.value
        collect(child, groups: [entry.key.text ?? ""] + groups, into: &rows, marks: &marks)
      }
    }
  }
}
