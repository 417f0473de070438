extension PipelineReading {
  /// Reads stages in order: a name, a list, or one name with its options. `owner` is what the stages belong to, for
  /// messages.
  func stages(_ node: ConfigNode, of owner: String) -> [StageCall] {
    if let items = node.items {
      if items.isEmpty { diagnostics.error(at: node, "the list of stages of \(owner) is empty", help: Self.ruleHelp) }
      return items.compactMap { stage($0, of: owner) }
    }
    return stage(node, of: owner).map { [$0] } ?? []
  }

  static let ruleHelp = "write drop, keep, or the stages it passes"

  private func stage(_ node: ConfigNode, of owner: String) -> StageCall? {
    switch node.kind {
    case .scalar(let text, _):
      guard !node.isNull else {
        let help = "the stage 'null' needs options: {null: {…}}"
        diagnostics.error(at: node, "no stage named for \(owner)", help: node.text == "null" ? help : Self.ruleHelp)
        return nil
      }
      return checked(StageCall(name: text, options: nil, mark: node.mark))
    case .sequence:
      diagnostics.error(at: node, "a list of stages cannot hold another list")
      return nil
    case .mapping(let entries):
      if let entry = entries.first, entries.count == 1 {
        return checked(StageCall(name: entry.key.text ?? "", options: entry.value, mark: entry.key.mark))
      }
      reportSeveral(entries, at: node, owner: owner)
      return nil
    }
  }

  /// Reports several keys where one stage was expected: either several stages in one mapping, or options with too
  /// little indentation.
  func reportSeveral(_ entries: [ConfigNode.Entry], at node: ConfigNode, owner: String) {
    guard let first = entries.first?.key.text else {
      diagnostics.error(at: node, "no rule given for \(owner)", help: Self.ruleHelp)
      return
    }
    let help =
      entries[0].value.isNull && !isStage(entries[1].key.text)
      ? "indent the options of \(quote(first)) further than its name"
      : "write stages as a list, in order: [\(first), …], each with its options in braces"
    diagnostics.error(at: node, "\(owner) has \(entries.count) keys where one stage was expected", help: help)
  }

  func isStage(_ name: String?) -> Bool {
    name.map(stageNames.contains) ?? false
  }

  private func checked(_ call: StageCall) -> StageCall? {
    if isStage(call.name) { return call }
    diagnostics.error(
      at: call.mark, "unknown stage \(quote(call.name))", suggest: Diagnostics.nearest(call.name, in: stageNames),
      help: "`veil stages` lists those there are")
    return nil
  }
}
