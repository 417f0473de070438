import VeilConfig
import VeilGround

/// A file that a pipeline is said to have made, read as records with fields and without trust in the pipeline.
final class PublishedFile {
  /// Fields that should leave and are missing in a CSV header.
  private(set) var missingNames: [String] = []
  /// Fields in a CSV header that should not be there.
  private(set) var leakedNames: [String] = []
  /// Why the header of a CSV file seems to be somebody's data that leaves as names.
  private(set) var headerFinding: HeaderLook.Finding?
  /// Whether the names of a CSV header may be shown. Where none is the pipeline's, they may be data.
  private(set) var showsNames = true
  /// Names that several fields of a CSV header share: only the first of these fields is measured.
  private(set) var repeatedNames: [String] = []
  private let path: String
  private let compiled: CompiledPipeline
  private let format: DataFormat
  private let file: InputFile
  private let reader: ChunkReader
  private let decoder: any RecordDecoder
  private let batch: Batch
  /// The rule for when two values are the same, and whether a spreadsheet's formulas have an apostrophe in front.
  private let form: PublishedForm
  /// For each of the pipeline's fields: whether its values may be readable and are said to name nobody.
  private let isNameless: [Bool]
  /// The column of each of the pipeline's fields; nil where the file has none.
  private var columns: [Int?] = []

  var quasiNames: [String] {
    compiled.fields.filter { $0.quasiIndex != nil && !$0.isDropped }.map(\.config.path.description)
  }

  init(_ path: String, _ compiled: CompiledPipeline) throws {
    self.path = path
    self.compiled = compiled
    let sink = compiled.config.sinks[0]
    let made = sink.format ?? DataFormat(fileName: path) ?? sink.path.flatMap { DataFormat(fileName: $0) }
    guard let format = made ?? compiled.config.source.format else {
      throw RunError(.invalid, "the format of \(path) cannot be told from its name: set sink.format in the pipeline")
    }
    self.format = format
    let isText = format.isSeparated
    form = PublishedForm(sink, isText: isText)
    let claimsNothing = ExportLabel(compiled).name == .personal
    isNameless = compiled.fields.map { field in
      !claimsNothing && (field.isReadable || field.quasiIndex != nil) && !field.namesPerson(compiled.config)
    }
    file = try InputFile(path: path, limits: UnpackLimits(maxRatio: .infinity), isHashed: false)
    if isText {
      let csv = CSVFormat(sink.csv, format: format)
      reader = ChunkReader(file, name: path, splitter: CSVSplitter(format: csv, isExact: false))
      let emitted = compiled.fields.filter { !$0.isDropped }.map { Self.name($0) }
      let named = Set(compiled.fields.map { Self.name($0) })
      var finding: HeaderLook.Finding?
      var names = try reader.readHeader(format: csv, hasHeader: sink.csv.header, file: path) { names, records in
        finding = HeaderLook.finding(names, known: named, records: records)
      }
      // If there is no header, the fields are in the pipeline's order only if the input had the same order.
      if !sink.csv.header, names.count == emitted.count { names = emitted }
      if sink.csv.header, !compiled.config.source.csv.isHeaderStated || !compiled.config.source.csv.header {
        headerFinding = finding
      }
      showsNames = named.isEmpty || !named.isDisjoint(with: names)
      let uses = names.indices.map { CSVLayout.Use.value(column: $0) }
      decoder = CSVRecordDecoder(format: csv, layout: CSVLayout(uses: uses, unquotedIsPlain: false))
      batch = Batch(columnCount: names.count, escapes: .csv(quote: csv.quote))
      columns = compiled.fields.map { field in names.firstIndex(of: Self.name(field)) }
      var seen: Set<String> = []
      repeatedNames = names.filter { !seen.insert($0).inserted }
      let optional = Set(compiled.fields.filter(\.config.isOptional).map { Self.name($0) })
      missingNames = emitted.filter { !names.contains($0) && !optional.contains($0) }
      let dropped = Set(compiled.fields.filter(\.isDropped).map { Self.name($0) })
      leakedNames = names.filter { dropped.contains($0) || compiled.config.unlisted != .keep && !emitted.contains($0) }
    } else {
      let splitter: any RecordSplitter = format == .json ? JSONArraySplitter() : NDJSONSplitter()
      reader = ChunkReader(file, name: path, splitter: splitter)
      let plans = compiled.fields.enumerated().map { index, field in
        let path = field.config.path
        return FieldPlan(
          name: path.description, path: path, column: index, isEmitted: !field.isDropped,
          expectsValue: !field.isDropped && !field.isWhole)
      }
      let unlisted: Unlisted = compiled.config.unlisted == .keep ? .keep : .error
      let tree = JSONLayout(plans, unlisted: unlisted, extractKept: true)
      decoder = JSONRecordDecoder(tree, form: format == .json ? .array : .lines)
      batch = Batch(columnCount: plans.count, escapes: .json)
      columns = compiled.fields.indices.map { $0 }
    }
  }

  private static func name(_ field: CompiledField) -> String {
    field.config.path.singleKey ?? field.config.path.description
  }

  /// Reads every record and counts. A record that cannot be read is an error, because nobody can vouch for what was not
  /// read.
  func census() throws -> ClassCensus {
    let subject = compiled.config.source.subject.flatMap { subject in
      compiled.fields.firstIndex { $0.config.path == subject && $0.tellsApart }
    }
    var census = ClassCensus(
      quasiColumns: compiled.fields.indices.filter {
        compiled.fields[$0].quasiIndex != nil && !compiled.fields[$0].isDropped
      }.map { columns[$0] },
      keepsSuppressed: compiled.config.anonymity?.suppressed == .keep,
      subjectColumn: compiled.config.anonymity?.count == .subjects ? subject.flatMap { columns[$0] } : nil,
      sensitiveColumns: compiled.config.anonymity.map(ModelMeasure.fields)?.map { path in
        compiled.fields.firstIndex { $0.config.path == path && !$0.isDropped }.flatMap { columns[$0] }
      } ?? [], form: form)
    let chunk = Chunk()
    while try reader.next(into: chunk) {
      unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
      decoder.decode(chunk, into: batch)
      if let unexpected = decoder.unexpected { census.leakedNames.insert("\(unexpected)") }
      if let failure = batch.failures.min(by: { $0.record < $1.record }) {
        let at = chunk.offset + (failure.offset ?? Int(batch.recordStarts[failure.record]))
        throw RunError(
          .inputOutput,
          "\(path): record \(census.records + failure.record + 1), byte offset \(at): \(failure.reason.text)")
      }
      for column in batch.columns { column.unescape(batch.escapes) }
      look(at: &census)
      census.add(batch)
    }
    return census
  }

  /// Looks for three faults: dropped fields that JSON records still have, values that no stage of their field writes,
  /// and e-mail addresses.
  private func look(at census: inout ClassCensus) {
    for (index, field) in compiled.fields.enumerated() {
      guard let number = columns[index] else { continue }
      let column = batch.columns[number]
      let name = field.config.path.description
      if field.isDropped, column.hasRows, !column.cells.isEmpty { census.leakedNames.insert(name) }
      if field.isDropped { continue }
      let stages = field.quasiIndex == nil ? field.stages : []
      for cell in 0..<column.cells.count where !column.cells[cell].isNull {
        let bytes = unsafe form.text(of: column.cells[cell], column.base)
        let value = unsafe Span(_unsafeElements: bytes)
        if let stage = stages.odd(value) {
          census.oddValues[name, default: (stage, 0)].count += 1
        } else if isNameless[index], EmailScan.finds(value) {
          census.addresses[name, default: 0] += 1
        }
      }
    }
  }
}

extension [any Stage] {
  /// Returns the last stage that does not pass this value on, if that stage cannot have written it.
  fileprivate func odd(_ value: Span<UInt8>) -> (any Stage)? {
    for stage in reversed() {
      switch stage.couldHaveWritten(value) {
      case .no: return stage
      case .yes, .unknown: return nil
      case .passedOn: continue
      }
    }
    return nil
  }
}
