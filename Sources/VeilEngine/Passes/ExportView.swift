import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// A view of the pipeline that has met the data: one sink's rules, where the data's fields stand, the formats on both
/// sides, keys and lists. Made once for a run; it builds what each thread needs for this sink.
struct ExportView {
  let pipeline: CompiledPipeline
  let layout: Layout
  let source: DataFormat
  let sink: DataFormat
  let keys: KeyStore
  let asOf: CalendarDate
  let lists: RunLists
  let register: TokenRegister

  private var config: PipelineConfig { pipeline.config }

  var sourceCSV: CSVFormat { CSVFormat(config.source.csv, format: source) }
  var sinkCSV: CSVFormat { CSVFormat(config.sinks[0].csv, format: sink) }

  // MARK: Work

  /// What one thread works with in a pass that writes to all sinks.
  static func work(
    for views: [ExportView], means: MicroPlan? = nil, applier: (ExportView) throws -> QuasiApplier? = { _ in nil }
  ) throws -> StationWork {
    StationWork(
      try views.map { view in
        ViewWork(
          try view.steps(view.layout), apply: try applier(view), average: try view.average(means),
          encoder: try view.encoder())
      }, layouts: views.map(\.layout))
  }

  private func average(_ plan: MicroPlan?) throws(RunError) -> (reader: MicroReader, plan: MicroPlan)? {
    guard let plan, let rule = config.microaggregation else { return nil }
    return (try MicroReader(rule, layout), plan)
  }

  /// What one thread works with in a pass that only looks.
  func observingWork() throws -> StationWork {
    StationWork([ViewWork(try steps(layout.observing, writes: false), encoder: try encoder())], layouts: [layout])
  }

  // MARK: Parts

  func encoder() throws -> any RecordEncoder {
    if let aggregate = config.sinks[0].aggregate, let subjects = try register.subjectReader(self) {
      return try AggregateView.encoder(aggregate, layout, subjects: subjects)
    }
    switch sink {
    case .csv, .tsv:
      let names = config.sinks[0].csv.header ? layout.emittedNames : nil
      return CSVRecordEncoder(
        outputs: layout.outputs, names: names, format: sinkCSV,
        source: source.isSeparated && !config.writesOneForm ? sourceCSV : nil,
        guardsFormulas: config.sinks[0].csv.guardsFormulas, writesOneForm: config.writesOneForm)
    case .ndjson, .json:
      let form: JSONRecordEncoder.Form = sink == .json ? .array : .lines
      if source.isSeparated { return JSONRecordEncoder(form: form, fields: layout.fields) }
      if config.writesOneForm { return JSONRecordEncoder(form: form, canonical: layout.fields) }
      return JSONRecordEncoder(form: form, flattens: source == .json && form == .lines)
    }
  }

  /// Decoder, batch, filters and rewriters for one thread of a pass over what `layout` looks at.
  /// - Parameters:
  ///   - writes: whether records are written; a pass that only looks needs no source bytes to copy.
  ///   - rewrites: whether stages run, for which keys must be loaded.
  func steps(_ layout: Layout, writes: Bool = true, rewrites: Bool = true) throws -> BatchSteps {
    let copies = sink.isSeparated && sourceCSV == sinkCSV && !config.writesOneForm
    let (decoder, batch) = TableForm(source, config.source.csv).decoding(
      columns: layout.columnCount,
      fields: CSVLayout(
        uses: layout.uses, unquotedIsPlain: copies, header: config.source.csv.header ? layout.header : []),
      paths: JSONLayout(
        layout.fields, unlisted: config.unlisted,
        extractKept: !writes || sink.isSeparated || config.sinks[0].aggregate != nil,
        forbidden: ForbiddenNames(pipeline.policies), countsRules: writes))
    return try BatchSteps(
      decoder: decoder, batch: batch, filters: filters(), rewriters: rewrites ? rewriters(layout) : [])
  }

  private func rewriters(_ layout: Layout) throws -> [BatchSteps.FieldRewriter] {
    var environment = StageEnvironment(keys: keys, recipient: config.sinks[0].recipient ?? "")
    environment.column = { layout.column(of: $0) }
    environment.register = register
    return try layout.fields.enumerated().compactMap { index, field in
      guard field.isEmitted || field.quasiIndex != nil, !field.stages.isEmpty else { return nil }
      guard let column = field.column else {
        throw RunError(.inputOutput, "the field '\(ShownName.text(field.name))' has stages and no column")
      }
      var stages = try environment.rewriters(of: field.stages)
      if config.countsSubjects, field.path == config.source.subject {
        stages = stages.flatMap { [EmptySubject(), $0] }
      }
      return BatchSteps.FieldRewriter(field: index, column: column, stages: stages)
    }
  }

  private func filters() throws -> [any BatchFilter] {
    let records = config.records
    var filters: [any BatchFilter] = []
    // First, so that all others see what is right.
    if let corrections = records.corrections {
      guard let list = lists.corrections else { throw RunError(.inputOutput, "the corrections were not read") }
      filters.append(
        CorrectionFilter(
          list, try matcher(corrections.field, list.key, pipeline.correctionNormalization),
          columns: try list.fields.map { try column(of: $0) }))
    }
    for filter in records.filters {
      filters.append(WhereFilter(filter, column: try column(of: filter.field)))
    }
    if let consent = records.consent {
      if consent.ledger == nil {
        filters.append(ConsentFilter(consent, column: try column(of: consent.field)))
      } else {
        guard let ledger = lists.ledger else { throw RunError(.inputOutput, "the consent ledger was not read") }
        filters.append(
          ConsentLedgerFilter(ledger, try matcher(consent.field, ledger.key, pipeline.ledgerNormalization)))
      }
    }
    if let retention = records.retention {
      filters.append(RetentionFilter(retention, column: try column(of: retention.field), asOf: asOf))
    }
    if let rule = records.erasure {
      guard let list = lists.erasure else { throw RunError(.inputOutput, "the erasure list was not read") }
      filters.append(ErasureFilter(list, try matcher(rule.field, list.key, pipeline.erasureNormalization)))
    }
    return filters
  }

  private func matcher(
    _ path: FieldPath, _ key: SecretBytes, _ normalization: [any Stage]
  ) throws -> SubjectMatcher {
    let column = try self.column(of: path)
    return SubjectMatcher(
      key: key, column: column, field: layout.fields.firstIndex { $0.column == column } ?? 0,
      normalization: try StageEnvironment(keys: keys, recipient: "").rewriters(of: normalization),
      hasRows: !source.isSeparated)
  }

  /// The column that a filter looks at. A filter that finds nothing to look at must never be left out.
  private func column(of path: FieldPath) throws(RunError) -> Int {
    if let column = layout.column(of: path) { return column }
    throw RunError(.mismatch, "the input has no field '\(path)', which 'records' looks at")
  }
}
