import VeilConfig

/// Checks that a field with allowed purposes leaves only for one of them.
enum PurposeCheck {
  static func run(_ compiled: CompiledPipeline, _ diagnostics: Diagnostics) {
    for view in compiled.views {
      for field in view.fields where !field.isDropped && !field.config.purposes.isEmpty {
        require(field.config.purposes, of: field, by: "", config: view.config, diagnostics: diagnostics)
      }
    }
  }

  static func require(
    _ purposes: [String], of field: CompiledField, by source: String, config: PipelineConfig,
    diagnostics: Diagnostics
  ) {
    if let purpose = config.purpose, purposes.contains(purpose) { return }
    let may = purposes.isEmpty ? "nothing" : purposes.map(quote).joined(separator: ", ")
    let what =
      config.purpose.map { "and the purpose of this pipeline is \(quote($0))" } ?? "and the pipeline has no purpose"
    diagnostics.error(
      at: field.config.mark, "\(source)field \(quote(field.config.path.description)) may serve \(may), \(what)",
      help: "drop it")
  }
}
