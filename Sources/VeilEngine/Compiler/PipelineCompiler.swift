public import VeilConfig

/// Turns a pipeline file into a compiled pipeline, or reports everything that is wrong with it.
public enum PipelineCompiler {
  public static func load(path: String) -> (pipeline: CompiledPipeline?, diagnostics: Diagnostics) {
    let (draft, diagnostics) = PipelineParser.loadDraft(path: path, stageNames: Catalog.names)
    guard let draft else { return (nil, diagnostics) }
    return (compile(draft, diagnostics), diagnostics)
  }

  /// Builds the stages. Returns nil if `diagnostics` holds an error, found here or earlier.
  public static func compile(_ config: PipelineConfig, _ diagnostics: Diagnostics) -> CompiledPipeline? {
    var quasiCount = 0
    let fields = config.fields.map { field in
      let compiled = compile(field, config, quasiIndex: quasiCount, diagnostics: diagnostics)
      if compiled.quasiIndex != nil { quasiCount += 1 }
      return compiled
    }
    if let anonymity = config.anonymity { ModelCheck.run(config, anonymity, fields: fields, diagnostics: diagnostics) }
    checkDialects(config, diagnostics)
    KeyRingCheck.run(config, diagnostics)
    let normalization = build(
      config.records.erasure?.normalize ?? [], of: "records.erasure", config: config, diagnostics: diagnostics)
    let ledger = build(
      config.records.consent?.ledger?.normalize ?? [], of: "records.consent", config: config, diagnostics: diagnostics)
    let corrections = build(
      config.records.corrections?.normalize ?? [], of: "records.corrections", config: config, diagnostics: diagnostics)
    var pipeline = CompiledPipeline(
      config: config, fields: fields, erasureNormalization: normalization, ledgerNormalization: ledger,
      correctionNormalization: corrections)
    pipeline.recipients = RecipientCheck.load(config, diagnostics)
    pipeline.policies = PolicyCheck.load(config, diagnostics)
    ViewCompiler.addViews(to: &pipeline, diagnostics)
    SubjectForm.add(to: &pipeline, diagnostics)
    pipeline.setPublishedForm()
    PurposeCheck.run(pipeline, diagnostics)
    Minimization.check(pipeline, diagnostics)
    return diagnostics.hasErrors ? nil : pipeline
  }

  /// Compiles the rule of one field. `quasiIndex` is the index of the field among the quasi-identifiers of `anonymity`,
  /// if it is one.
  static func compile(
    _ field: FieldConfig, _ config: PipelineConfig, quasiIndex: Int?, diagnostics: Diagnostics
  ) -> CompiledField {
    let stages = build(field.stages, of: field.path.description, config: config, diagnostics: diagnostics)
    let isDropped = stages.contains { $0.effect == .drop }
    if stages.count > 1, let odd = zip(stages, field.stages).first(where: { $0.0.effect != .rewrite }) {
      diagnostics.error(
        at: odd.1.mark, "'\(odd.1.name)' stands alone: no other stage can come before or after it")
    }
    checkRawTokens(stages, of: field, diagnostics: diagnostics)
    let isQuasi = config.anonymity != nil && field.fieldClass == .quasi && !isDropped
    if isQuasi, field.path.steps.contains(.elements) {
      diagnostics.error(at: field.mark, "a quasi-identifier has one value a record; 'items[]' may have many")
    }
    var field = field
    let whole = stages.lazy.compactMap { $0 as? Keep }.first { $0.isWhole }
    // A reason for all of an object is a reason for the field.
    field.because = field.because ?? whole?.because
    return CompiledField(
      config: field, stages: stages.filter { $0.effect == .rewrite }, isDropped: isDropped,
      quasiIndex: isQuasi ? quasiIndex : nil,
      isWhole: whole != nil,
      isAveraged: config.microaggregation?.fields.contains(field.path) == true && !isDropped)
  }

  private static func build(
    _ calls: [StageCall], of field: String, config: PipelineConfig, diagnostics: Diagnostics
  ) -> [any Stage] {
    calls.compactMap { call in Catalog.build(call, field: field, config: config, diagnostics: diagnostics) }
  }

  /// Reports `invalid: keep_raw_token` without a later stage that makes tokens: a value that could not be normalized
  /// must not leave as it came.
  private static func checkRawTokens(_ stages: [any Stage], of field: FieldConfig, diagnostics: Diagnostics) {
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

  /// Reports CSV formats whose separators occur in tokens, numbers or dates: these are written without a search for
  /// bytes that need quotes.
  private static func checkDialects(_ config: PipelineConfig, _ diagnostics: Diagnostics) {
    let dialects = [("source", config.source.csv, config.source.mark)] + config.sinks.map { ("sink", $0.csv, $0.mark) }
    for (section, dialect, mark) in dialects {
      for (name, byte) in [("delimiter", dialect.delimiter), ("quote", dialect.quote)] {
        guard let byte, let mark else { continue }
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
          UInt8(ascii: "+"):
          diagnostics.error(
            at: mark, "the \(name) of '\(section)' cannot be a letter, a digit, or one of - _ . +",
            help: "values are full of them; use ',', ';', '|' or tab")
        default: break
        }
      }
    }
  }
}
