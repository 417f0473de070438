import VeilConfig

extension Catalog {
  /// Makes the stage that a pipeline names. Reports mistakes to `diagnostics`, and then returns nil.
  ///
  /// - Parameter field: The field that the stage works on, as the pipeline writes it.
  static func build(
    _ call: StageCall, field: String, config: PipelineConfig, diagnostics: Diagnostics
  ) -> (any Stage)? {
    guard let type = stage(named: call.name) else {
      let near = Diagnostics.nearest(call.name, in: names)
      diagnostics.error(at: call.mark, "unknown stage '\(call.name)'", suggest: near)
      return nil
    }
    let documentation = type.documentation
    var node = call.options
    if let given = node, let shorthand = documentation.shorthand, given.entries == nil, !given.isNull {
      let key = ConfigNode(kind: .scalar(text: shorthand, quoted: false), mark: given.mark, end: given.mark)
      node = ConfigNode(kind: .mapping([(key: key, value: given)]), mark: given.mark, end: given.end)
    }
    let before = diagnostics.errorCount
    let reader = OptionReader(
      node: node, context: "stage '\(call.name)'", known: documentation.options.map(\.name),
      diagnostics: diagnostics, at: call.mark)
    documentation.checkPresence(reader)
    let stage = type.init(StageOptions(reader: reader, field: field, config: config, diagnostics: diagnostics))
    return diagnostics.errorCount == before ? stage : nil
  }
}
