import VeilConfig

extension Catalog {
  /// Builds the stage that a pipeline calls; nil after reporting what is wrong with its options.
  static func make(
    _ call: StageCall, field: String, config: PipelineConfig, diagnostics: Diagnostics
  ) -> (any Stage)? {
    guard let type = stage(named: call.name) else { return nil }
    let documentation = type.documentation
    let reader = OptionReader(
      node: call.options, context: "stage '\(call.name)'", known: documentation.options.map(\.name),
      diagnostics: diagnostics, at: call.mark)
    return type.init(StageOptions(reader: reader, field: field, config: config, diagnostics: diagnostics))
  }
}
