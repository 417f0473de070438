import VeilConfig

/// Checks of privacy models that need no data.
enum ModelCheck {
  static func run(
    _ config: PipelineConfig, _ anonymity: AnonymityConfig, fields: [CompiledField], diagnostics: Diagnostics
  ) {
    checkSinks(config, anonymity, diagnostics: diagnostics)
    for demand in anonymity.models {
      guard let field = fields.first(where: { $0.config.path == demand.field }) else { continue }
      if field.isDropped {
        diagnostics.error(
          at: demand.mark, "'\(demand.field)' is dropped: there is nothing for a model to protect",
          help: "let it leave, or take the model away")
      }
      if case .closeness(_, .hierarchical(.autoInterval)) = demand.model {
        diagnostics.error(
          at: demand.mark, "a distance needs a hierarchy that does not depend on the data: 'auto' intervals do",
          help: "give the interval a width")
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
    if let population = anonymity.population, anonymity.labels == .sets {
      diagnostics.error(
        at: population.mark, "'population' does not go with 'labels: sets'",
        help: "a set leaves out values that people of the population may have; use 'labels: hierarchy'")
    }
  }

  /// Checks the sinks: models are measured on what goes to the first sink, so all others must publish the same form.
  private static func checkSinks(
    _ config: PipelineConfig, _ anonymity: AnonymityConfig, diagnostics: Diagnostics
  ) {
    guard let first = config.sinks.first, config.sinks.count > 1 else { return }
    for field in Set(anonymity.models.map(\.field)) {
      let isRewritten = config.fields.first { $0.path == field }?.stages.contains { $0.name != "keep" } == true
      guard isRewritten, first.aggregate != nil || first.fields.contains(where: { $0.path == field }) else { continue }
      diagnostics.error(
        at: first.mark, "'\(field)' is under a privacy model, which is measured on the first sink: it must leave there",
        help: "put a sink first that publishes the field")
    }
  }
}
