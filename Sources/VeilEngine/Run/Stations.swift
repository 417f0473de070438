import VeilConfig
import VeilCrypto

/// Makes the stations of a pass: what every thread needs of its own, built from what all share.
struct Stations {
  let pipeline: CompiledPipeline
  let layout: Layout
  let source: DataFormat
  let sink: DataFormat
  let keys: KeyStore
  let asOf: CalendarDate
  let lists: RunLists
  let ledger: TokenRegister

  private var config: PipelineConfig { pipeline.config }

  static func isCSV(_ format: DataFormat) -> Bool { format == .csv || format == .tsv }

  var sourceCSV: CSVFormat { CSVFormat(config.source.csv, format: source) }
  var sinkCSV: CSVFormat { CSVFormat(config.sinks[0].csv, format: sink) }

  // MARK: Lanes

  /// One thread's lanes of a pass that writes.
  static func group(
    _ lanes: [Stations], means: MicroPlan? = nil, applier: (Stations) throws -> QuasiApplier? = { _ in nil }
  ) throws -> LaneGroup {
    LaneGroup(
      try lanes.map { lane in
        Lane(
          try lane.steps(lane.layout), apply: try applier(lane), average: try lane.average(means),
          encoder: try lane.encoder())
      }, layouts: lanes.map(\.layout))
  }

  private func average(_ plan: MicroPlan?) throws(RunError) -> (reader: MicroReader, plan: MicroPlan)? {
    guard let plan, let rule = config.microaggregation else { return nil }
    return (try MicroReader(rule, layout), plan)
  }

  /// One thread's lane of a pass that only looks.
  func observing() throws -> LaneGroup {
    LaneGroup([Lane(try steps(layout.observing, writes: false), encoder: try encoder())], layouts: [layout])
  }

  // MARK: Parts

  func splitter() -> any RecordSplitter {
    switch source {
    case .csv, .tsv: CSVSplitter(format: sourceCSV, isExact: config.badRecords.action == .skip)
    case .ndjson: NDJSONSplitter()
    case .json: JSONArraySplitter()
    }
  }

  func encoder() throws -> any RecordEncoder {
    if let aggregate = config.sinks[0].aggregate, let subjects = try ledger.subjectReader(self) {
      return try AggregateLane.encoder(aggregate, layout, subjects: subjects)
    }
    switch sink {
    case .csv, .tsv:
      let names = config.sinks[0].csv.header ? layout.emittedNames : nil
      return CSVRecordEncoder(
        outputs: layout.outputs, names: names, format: sinkCSV, source: Self.isCSV(source) ? sourceCSV : nil,
        guardsFormulas: config.sinks[0].csv.guardsFormulas)
    case .ndjson, .json:
      let form: JSONRecordEncoder.Form = sink == .json ? .array : .lines
      if Self.isCSV(source) { return JSONRecordEncoder(form: form, fields: layout.fields) }
      return JSONRecordEncoder(form: form, flattens: source == .json && form == .lines)
    }
  }

  /// Decoder, batch, filters and rewriters for one thread of a pass over what `layout` looks at.
  /// - Parameters:
  ///   - writes: whether records are written; a pass that only looks needs no source bytes to copy.
  ///   - rewrites: whether stages run, for which keys must be loaded.
  func steps(_ layout: Layout, writes: Bool = true, rewrites: Bool = true) throws -> BatchSteps {
    let isCSV = Self.isCSV(source)
    let batch = Batch(
      columnCount: layout.columnCount, escapes: isCSV ? .csv(quote: sourceCSV.quote) : .json)
    let decoder: any RecordDecoder
    if isCSV {
      let copies = Self.isCSV(sink) && sourceCSV == sinkCSV
      decoder = CSVRecordDecoder(format: sourceCSV, layout: CSVLayout(uses: layout.uses, unquotedIsPlain: copies))
    } else {
      let tree = JSONLayout(
        layout.fields, unlisted: config.unlisted,
        extractKept: !writes || Self.isCSV(sink) || config.sinks[0].aggregate != nil)
      decoder = JSONRecordDecoder(tree, form: source == .json ? .array : .lines)
    }
    return try BatchSteps(
      decoder: decoder, batch: batch, filters: filters(), rewriters: rewrites ? rewriters(layout) : [])
  }

  private func rewriters(_ layout: Layout) throws -> [BatchSteps.FieldRewriter] {
    var environment = StageEnvironment(keys: keys, recipient: config.sinks[0].recipient ?? "")
    environment.column = { layout.column(of: $0) }
    environment.ledger = ledger
    return try layout.fields.enumerated().compactMap { index, field in
      guard field.isEmitted || field.quasiIndex != nil, !field.stages.isEmpty else { return nil }
      guard let column = field.column else {
        throw RunError(.inputOutput, "the field '\(ShownName.text(field.name))' has stages and no column")
      }
      return try BatchSteps.FieldRewriter(
        field: index, column: column, stages: environment.rewriters(of: field.stages))
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
      hasRows: !Self.isCSV(source))
  }

  /// The column that a filter looks at. A filter that finds nothing to look at must never be left out.
  private func column(of path: FieldPath) throws(RunError) -> Int {
    if let column = layout.column(of: path) { return column }
    throw RunError(.mismatch, "the input has no field '\(path)', which 'records' looks at")
  }
}
