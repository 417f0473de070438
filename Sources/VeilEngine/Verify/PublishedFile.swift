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
  /// What was measured on the fields that leave, once the file was read.
  private(set) var measured: [MeasuredField] = []
  private let path: String
  private let compiled: CompiledPipeline
  private let format: DataFormat
  private let file: InputFile
  private let chunks: ChunkReader
  private let decoder: any RecordDecoder
  private let batch: Batch
  /// The rule for when two values are the same, and whether a spreadsheet's formulas have an apostrophe in front.
  private let form: PublishedForm
  /// For each of the pipeline's fields: whether its values may be readable and are said to name nobody.
  private let isNameless: [Bool]
  /// What reads objects and arrays that leave whole, for each field.
  private let composites: [CompositeText]
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
    composites = compiled.fields.map { CompositeText(field: $0.config.path.plainName) }
    isNameless = compiled.fields.map { field in
      (field.isReadable || field.quasiIndex != nil) && !field.namesPerson(compiled.config)
    }
    file = try InputFile(path: path, limits: UnpackLimits(maxRatio: .infinity), isHashed: false, takes: .files)
    let emitted = compiled.fields.filter { !$0.isDropped }.map { Self.name($0) }
    let named = Set(compiled.fields.map { Self.name($0) })
    let table: TableReader
    if isText, sink.csv.header {
      let form = TableForm(format, sink.csv)
      var finding: HeaderLook.Finding?
      table = try TableReader(file, form, name: path, chunkBytes: ChunkReader.usualBytes) { chunks in
        try chunks.readHeader(format: form.csv, file: path) { names, records in
          finding = HeaderLook.finding(names, known: named, records: records)
        }
      }
      if !compiled.config.source.csv.isHeaderStated || !compiled.config.source.csv.header { headerFinding = finding }
    } else {
      table = try TableReader(file, TableForm(format, sink.csv), name: path)
    }
    chunks = table.chunks
    var names = table.header
    // If there is no header, the fields are in the pipeline's order only if the input had the same order.
    if isText, !sink.csv.header, names.count == emitted.count { names = emitted }
    let plans = compiled.fields.enumerated().map { index, field in
      let path = field.config.path
      return FieldPlan(
        name: path.description, path: path, column: index, isEmitted: !field.isDropped,
        expectsValue: !field.isDropped && !field.isWhole)
    }
    (decoder, batch) = table.form.decoding(
      columns: isText ? names.count : plans.count, fields: .values(names.count),
      paths: JSONLayout(plans, unlisted: compiled.config.unlisted == .keep ? .keep : .error, extractKept: true))
    guard isText else {
      columns = plans.map(\.column)
      return
    }
    columns = compiled.fields.map { field in names.firstIndex(of: Self.name(field)) }
    var seen: Set<String> = []
    repeatedNames = names.filter { !seen.insert($0).inserted }
    showsNames = named.isEmpty || !named.isDisjoint(with: names)
    let optional = Set(compiled.fields.filter(\.config.isOptional).map { Self.name($0) })
    missingNames = emitted.filter { !names.contains($0) && !optional.contains($0) }
    let dropped = Set(compiled.fields.filter(\.isDropped).map { Self.name($0) })
    leakedNames = names.filter { dropped.contains($0) || compiled.config.unlisted != .keep && !emitted.contains($0) }
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
    let (countsPeople, few) = (census.countsSubjects, compiled.config.anonymity?.k ?? 2)
    var fields = compiled.fields.map { _ in
      (census: FieldCensus(countsPeople: countsPeople, few: few), tally: IdentifierTally())
    }
    let wholes = format.isSeparated ? nil : WholeReader(WholeField.all(of: compiled))
    var wholeCensuses = wholes?.fields.map { _ in WholeCensus(countsPeople: countsPeople, few: few) } ?? []
    let chunk = Chunk()
    while try chunks.next(into: chunk) {
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
      look(at: &census, fields: &fields)
      if let wholes, !wholes.fields.isEmpty {
        let (owners, before) = (census.subjectColumn.map { people(in: $0) }, census.records)
        wholes.read(chunk, of: format)
        wholes.add(to: &wholeCensuses) { owners?[$0] ?? UInt64(before + $0) }
      }
      census.add(batch)
    }
    measured = zip(compiled.fields, fields).filter { !$0.0.isDropped && $0.1.census.cells > 0 }.map { field, found in
      MeasuredField(field, found.census, extent: .whole, tally: found.tally, pipeline: compiled.config)
    }
    for (field, found) in zip(wholes?.fields ?? [], wholeCensuses) {
      measured += found.measured(field, extent: .whole, pipeline: compiled.config)
    }
    return census
  }

  /// Looks for two faults: dropped fields that JSON records still have, and values that no stage of their field writes.
  /// Measures the values of each field besides.
  private func look(at census: inout ClassCensus, fields: inout [(census: FieldCensus, tally: IdentifierTally)]) {
    let owners = census.subjectColumn.map { people(in: $0) }
    for (index, field) in compiled.fields.enumerated() {
      guard let number = columns[index] else { continue }
      let column = batch.columns[number]
      let name = field.config.path.description
      if field.isDropped, column.hasRows, !column.cells.isEmpty { census.leakedNames.insert(name) }
      if field.isDropped { continue }
      let stages = field.quasiIndex == nil ? field.stages : []
      let composites = composites[index]
      var seen = RecordValues()
      for cell in 0..<column.cells.count where !column.cells[cell].isNull {
        let bytes = unsafe form.text(of: column.cells[cell], column.base)
        let value = unsafe Span(_unsafeElements: bytes)
        if let stage = stages.odd(value) {
          census.oddValues[name, default: (stage, 0)].count += 1
        }
        guard !value.isEmpty else { continue }
        let record = column.record(ofCell: cell)
        var signs: IdentifierSigns?
        if isNameless[index] {
          signs = column.cells[cell].has(.composite) ? composites.signs(in: value) : IdentifierSigns.of(value)
          fields[index].tally.add(signs ?? [])
        }
        let owner = owners?[record] ?? UInt64(census.records + record)
        let hash = unsafe FieldCensus.hash(UnsafeRawBufferPointer(bytes))
        guard seen.isNew(hash, in: record) else { continue }
        fields[index].census.add(hash, owner: owner) {
          signs ?? IdentifierSigns.of(value)
        }
      }
    }
  }
}

extension PublishedFile {
  /// Returns a number for the person of each record; 0 for the one unknown person of all records without a subject.
  private func people(in number: Int) -> [UInt64] {
    form.people(of: number, in: batch).map { person in
      person.isEmpty ? 0 : unsafe person.withUnsafeBytes { unsafe FieldCensus.hash($0) }
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
