public import VeilConfig

/// A pipeline whose stages exist: everything about it that can be known without reading data.
public struct CompiledPipeline: Sendable {
  public let config: PipelineConfig
  /// In file order.
  let fields: [CompiledField]
  /// What values pass before they are compared with the erasure list.
  let erasureNormalization: [any Stage]
}

/// One field's rule with its stages built.
struct CompiledField: Sendable {
  let config: FieldConfig
  /// What rewrites the value, in order; empty for keep and drop.
  let stages: [any Stage]
  let isDropped: Bool
  /// Its place among the quasi-identifiers of `anonymity`.
  let quasiIndex: Int?
}

/// Pipeline file → compiled pipeline, or everything that is wrong with it.
public enum PipelineCompiler {
  public static func load(path: String) -> (pipeline: CompiledPipeline?, diagnostics: Diagnostics) {
    let (config, diagnostics) = PipelineParser.load(path: path, stageNames: Catalog.names)
    guard let config else { return (nil, diagnostics) }
    return (compile(config, diagnostics), diagnostics)
  }

  public static func compile(_ config: PipelineConfig, _ diagnostics: Diagnostics) -> CompiledPipeline? {
    var quasiCount = 0
    let fields = config.fields.map { field in
      let stages = build(field.stages, of: field.path.description, config, diagnostics)
      let isDropped = stages.contains { $0.effect == .drop }
      if stages.count > 1, let odd = zip(stages, field.stages).first(where: { $0.0.effect != .rewrite }) {
        diagnostics.error(
          at: odd.1.mark, "'\(odd.1.name)' stands alone: no other stage can come before or after it")
      }
      checkRawTokens(stages, field, diagnostics)
      var quasiIndex: Int?
      if config.anonymity != nil, field.fieldClass == .quasi, !isDropped {
        quasiIndex = quasiCount
        quasiCount += 1
        if field.path.steps.contains(.elements) {
          diagnostics.error(at: field.mark, "a quasi-identifier has one value a record; 'items[]' may have many")
        }
      }
      return CompiledField(
        config: field, stages: stages.filter { $0.effect == .rewrite }, isDropped: isDropped, quasiIndex: quasiIndex)
    }
    checkAnonymity(config, quasiCount: quasiCount, diagnostics)
    checkSinks(config, diagnostics)
    KeyRingCheck.run(config, diagnostics)
    let normalization = build(config.records.erasure?.normalize ?? [], of: "records.erasure", config, diagnostics)
    guard !diagnostics.hasErrors else { return nil }
    return CompiledPipeline(config: config, fields: fields, erasureNormalization: normalization)
  }

  private static func build(
    _ calls: [StageCall], of field: String, _ config: PipelineConfig, _ diagnostics: Diagnostics
  ) -> [any Stage] {
    calls.compactMap { call in Catalog.build(call, field: field, config: config, diagnostics: diagnostics) }
  }

  /// A value that could not be normalized must not leave as it came.
  private static func checkRawTokens(_ stages: [any Stage], _ field: FieldConfig, _ diagnostics: Diagnostics) {
    for (index, stage) in stages.enumerated() {
      guard let stage = stage as? Normalize, stage.invalid == .raw,
        !stages[(index + 1)...].contains(where: \.makesTokens)
      else { continue }
      diagnostics.error(
        at: index < field.stages.count ? field.stages[index].mark : field.mark,
        "'invalid: keep_raw_token' needs a stage behind it that makes tokens: the raw value would leave",
        help: "add 'pseudonym' or 'encrypt' behind it, or write 'invalid: error'")
    }
  }

  private static func checkAnonymity(_ config: PipelineConfig, quasiCount: Int, _ diagnostics: Diagnostics) {
    guard let anonymity = config.anonymity else { return }
    if quasiCount == 0 {
      diagnostics.error(
        at: anonymity.marks.section, "'anonymity' needs quasi-identifiers, and no field has class quasi",
        help: "mark them under 'fields', for example  birth_date: {class: quasi, hierarchy: {date: [month, year]}}")
    }
    if anonymity.recoding == .local {
      diagnostics.error(
        at: anonymity.marks.recoding, "'recoding: local' is not available yet", help: "write 'recoding: global'")
    }
    for diversity in anonymity.diversity {
      diagnostics.error(at: diversity.mark, "l-diversity is not available yet, and is not silently left out")
    }
    for closeness in anonymity.closeness {
      diagnostics.error(at: closeness.mark, "t-closeness is not available yet, and is not silently left out")
    }
  }

  private static func checkSinks(_ config: PipelineConfig, _ diagnostics: Diagnostics) {
    if config.sinks.count > 1 {
      diagnostics.error(at: config.sinks[1].mark, "more than one sink is not available yet", help: "run once for each")
    }
  }
}
