import VeilConfig

/// What can be said about privacy models before any data is read.
enum ModelCheck {
  static func run(
    _ config: PipelineConfig, _ anonymity: AnonymityConfig, _ fields: [CompiledField], _ diagnostics: Diagnostics
  ) {
    for demand in anonymity.models {
      guard let field = fields.first(where: { $0.config.path == demand.field }) else { continue }
      if field.isDropped {
        diagnostics.error(
          at: demand.mark, "'\(demand.field)' is dropped: there is nothing for a model to protect",
          help: "let it leave, or take the model away")
      }
      if demand.field.steps.contains(.elements) {
        diagnostics.error(
          at: demand.mark, "a model needs one sensitive value a record; '\(demand.field)' may have many")
      }
      if field.stages.contains(where: { ($0 as? Encrypt)?.isRandom == true }) {
        diagnostics.error(
          at: demand.mark, "'\(demand.field)' gets another token every time, so that all its values look different",
          help: "encrypt it without 'random', or take the model away")
      }
    }
    if let population = anonymity.population {
      diagnostics.error(at: population.mark, "'population' is not available yet, and is not silently left out")
    }
  }
}
