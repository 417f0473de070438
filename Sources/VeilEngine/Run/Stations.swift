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
  let erasure: ErasureFilter.List?
  let ledger: RunLedger

  private var config: PipelineConfig { pipeline.config }

  static func isCSV(_ format: DataFormat) -> Bool { format == .csv || format == .tsv }

  var sourceCSV: CSVFormat { CSVFormat(config.source.csv, format: source) }
  var sinkCSV: CSVFormat { CSVFormat(config.sinks[0].csv, format: sink) }

  // MARK: Parts

  func splitter() -> any RecordSplitter {
    switch source {
    case .csv, .tsv: CSVSplitter(format: sourceCSV, isExact: config.badRecords.action == .skip)
    case .ndjson: NDJSONSplitter()
    case .json: JSONArraySplitter()
    }
  }

  func encoder() -> any RecordEncoder {
    switch sink {
    case .csv, .tsv:
      let names = config.sinks[0].csv.header ? layout.emittedNames : nil
      return CSVEncoder(
        outputs: layout.outputs, names: names, format: sinkCSV, source: Self.isCSV(source) ? sourceCSV : nil)
    case .ndjson, .json:
      let form: JSONEncoder.Form = sink == .json ? .array : .lines
      if Self.isCSV(source) { return JSONEncoder(form: form, fields: layout.fields) }
      return JSONEncoder(form: form, flattens: source == .json && form == .lines)
    }
  }

  /// Decoder, batch, filters and rewriters for one thread.
  /// - Parameter only: the fields whose stages run; nil for all.
  func steps(only fields: Set<Int>? = nil) throws -> BatchSteps {
    let isCSV = Self.isCSV(source)
    let batch = Batch(
      columnCount: layout.columnCount, escapes: isCSV ? .csv(quote: sourceCSV.quote) : .json)
    let decoder: any RecordDecoder
    if isCSV {
      let copies = Self.isCSV(sink) && sourceCSV == sinkCSV
      decoder = CSVDecoder(format: sourceCSV, layout: CSVLayout(uses: layout.uses, unquotedIsPlain: copies))
    } else {
      let tree = JSONLayout(layout.fields, unlisted: config.unlisted, extractKept: Self.isCSV(sink))
      decoder = JSONDecoder(tree, form: source == .json ? .array : .lines)
    }
    return try BatchSteps(decoder: decoder, batch: batch, filters: filters(), rewriters: rewriters(only: fields))
  }

  private func rewriters(only fields: Set<Int>?) throws -> [BatchSteps.FieldRewriter] {
    var environment = StageEnvironment(keys: keys, recipient: config.sinks[0].recipient ?? "")
    environment.column = { layout.column(of: $0) }
    environment.ledger = ledger
    return try layout.fields.enumerated().compactMap { index, field in
      guard field.isEmitted, let column = field.column, !field.stages.isEmpty, fields?.contains(index) ?? true else {
        return nil
      }
      return try BatchSteps.FieldRewriter(
        field: index, column: column, stages: environment.rewriters(of: field.stages))
    }
  }

  private func filters() throws -> [any BatchFilter] {
    let records = config.records
    var filters: [any BatchFilter] = []
    for filter in records.filters {
      if let column = layout.column(of: filter.field) { filters.append(WhereFilter(filter, column: column)) }
    }
    if let consent = records.consent, let column = layout.column(of: consent.field) {
      filters.append(ConsentFilter(consent, column: column))
    }
    if let retention = records.retention, let column = layout.column(of: retention.field) {
      filters.append(RetentionFilter(retention, column: column, asOf: asOf))
    }
    if let erasure, let rule = records.erasure, let column = layout.column(of: rule.field) {
      let environment = StageEnvironment(keys: keys, recipient: "")
      filters.append(
        ErasureFilter(
          list: erasure, column: column,
          normalization: try environment.rewriters(of: pipeline.erasureNormalization),
          hasRows: !Self.isCSV(source)))
    }
    return filters
  }
}
