import VeilConfig
import VeilCrypto

/// Measures what leaves to each sink, field by field, as it leaves. Its own state is touched by the station whose turn
/// it is, in input order.
///
/// With `anonymity`, every field beside the quasi-identifiers is measured in every record: how many of its values belong
/// to one person alone, and what they look like. Without it, a sample of the first records is enough to see that a field
/// that leaves readable holds addresses or numbers of people; the others cost nothing.
final class PublishedCensus {
  /// How many records are looked at without `anonymity`, and among how many they are looked for.
  static let sampleSize = 1000
  private static let sampleReach = 20 * sampleSize

  /// What is measured for one sink.
  private struct Subject {
    let fields: [CompiledField]
    let columns: [Int]
    var censuses: [FieldCensus]
    /// Reads fields that the run copies without looking at them.
    var sample: CopiedFields?
  }

  private static var peopleKey: SecretBytes {
    unsafe SecretBytes(count: 32) { memory in unsafe memory.initializeMemory(as: UInt8.self, repeating: 0x56) }
  }

  private let views: [ExportView]
  private var subjects: [Subject]
  private let isWhole: Bool
  private var records = 0
  private var sampled = 0

  init(_ views: [ExportView]) {
    self.views = views
    isWhole = views[0].pipeline.config.anonymity != nil
    let isWhole = isWhole
    subjects = views.map { view in
      let config = view.pipeline.config
      guard config.sinks[0].aggregate == nil else { return Subject(fields: [], columns: [], censuses: []) }
      var fields: [CompiledField] = []
      var columns: [Int] = []
      var copied: [Int] = []
      for (index, plan) in view.layout.fields.enumerated() where plan.isEmitted && (isWhole || plan.quasiIndex == nil) {
        guard let field = view.pipeline.rule(for: plan.path), let fate = field.fate else { continue }
        if isWhole ? fate != .nothing : fate.isReadable && !field.namesPerson(config) {
          if let column = plan.column {
            fields.append(field)
            columns.append(column)
          } else {
            precondition(!isWhole, "a field that is measured has a column")
            copied.append(index)
          }
        }
      }
      let sample = copied.isEmpty ? nil : CopiedFields(view, fields: copied)
      fields += sample?.fields(of: view) ?? []
      let censuses = fields.map { _ in FieldCensus(countsPeople: isWhole && config.countsSubjects) }
      return Subject(fields: fields, columns: columns, censuses: censuses, sample: sample)
    }
  }

  /// Whether nothing more is to be looked at.
  var isDone: Bool {
    subjects.allSatisfy(\.fields.isEmpty) || !isWhole && (sampled >= Self.sampleSize || records >= Self.sampleReach)
  }

  /// What one station needs to read every record; nil where only the first ones are looked at.
  func reader() throws -> StationCensus? {
    guard isWhole, !subjects.allSatisfy(\.fields.isEmpty) else { return nil }
    return StationCensus(
      // In the one form of records an empty text leaves as null, also in JSON.
      subjects.map { CensusReader(columns: $0.columns, emptyIsNull: true, isCanonical: true) },
      // Not a secret: the digests of subjects stay in memory, and the same input has to give the same estimates.
      people: views[0].pipeline.config.countsSubjects
        ? try views[0].subjectReader(key: Self.peopleKey) : nil)
  }

  /// Adds what a station read of one chunk.
  func add(_ station: StationCensus, _ work: [ViewWork]) {
    for index in subjects.indices {
      let (people, before) = (station.people?.subjects, records)
      station.readers[index].add(work[index].batch, to: &subjects[index].censuses) { record in
        people?[record] ?? UInt64(before + record)
      }
    }
    records += work.first?.batch.recordCount ?? 0
  }

  /// Looks at the first records that leave, until there are enough.
  func sample(_ chunk: Chunk, _ work: [ViewWork]) {
    guard !isWhole, !isDone, let batch = work.first?.batch else { return }
    let most = min(batch.recordCount, Self.sampleReach - records)
    var last = 0
    var taken = sampled
    while last < most, taken < Self.sampleSize {
      if batch.isLive(last) { taken += 1 }
      last += 1
    }
    for index in subjects.indices where !subjects[index].fields.isEmpty {
      let emptyIsNull = views[index].sink.isSeparated
      let batch = work[index].batch
      var reader = CensusReader(columns: subjects[index].columns, emptyIsNull: emptyIsNull, isCanonical: false)
      let own = subjects[index].columns.count
      var censuses = Array(subjects[index].censuses.prefix(own))
      reader.read(batch, upTo: last, of: batch)
      reader.add(batch, to: &censuses) { UInt64($0) }
      if let copied = subjects[index].sample?.decode(chunk, records: batch.recordCount) {
        var rest = Array(subjects[index].censuses.dropFirst(own))
        var reader = CensusReader(columns: Array(rest.indices), emptyIsNull: emptyIsNull, isCanonical: false)
        reader.read(copied, upTo: last, of: batch)
        reader.add(copied, to: &rest) { UInt64($0) }
        censuses += rest
      } else {
        censuses += subjects[index].censuses.dropFirst(own)
      }
      subjects[index].censuses = censuses
    }
    records += batch.recordCount
    sampled = taken
  }

  /// What was measured, for each sink. Of a quasi-identifier, whose values are labels of classes, it is only told if
  /// they are identifiers.
  func measured() -> [[MeasuredField]] {
    zip(views, subjects).map { view, subject in
      zip(subject.fields, subject.censuses).map {
        MeasuredField($0, $1, extent: isWhole ? .whole : .first(sampled), pipeline: view.pipeline.config)
      }.filter { $0.field.quasiIndex == nil || !$0.identifiers.isEmpty }
    }
  }
}

extension CompiledPipeline {
  /// Returns the rule that decides about a field, under the field's own path; nil if no rule does. A part of a field that
  /// has no rule of its own leaves as the whole does.
  fileprivate func rule(for path: FieldPath) -> CompiledField? {
    let ruling = fields.filter { path.steps.starts(with: $0.config.path.steps) }
      .max { $0.config.path.steps.count < $1.config.path.steps.count }
    guard let ruling, ruling.config.path != path else { return ruling }
    var config = ruling.config
    config.path = path
    return CompiledField(config: config, stages: ruling.stages, isDropped: ruling.isDropped, quasiIndex: nil)
  }
}

/// What one thread needs to read every record for a census.
final class StationCensus {
  fileprivate var readers: [CensusReader]
  /// Tells people apart, where they are counted.
  let people: SubjectReader?

  init(_ readers: [CensusReader], people: SubjectReader?) {
    (self.readers, self.people) = (readers, people)
  }

  /// To be called before stages rewrite the subject's field.
  func readPeople(_ batch: Batch) { people?.read(batch) }

  /// To be called when nothing can take a record out any more.
  func read(_ work: [ViewWork]) {
    for index in readers.indices { readers[index].read(work[index].batch) }
  }
}

/// Reads fields that a run copies as they came, from the bytes of a chunk.
final class CopiedFields {
  private let indices: [Int]
  private let decoder: any RecordDecoder
  private let batch: Batch

  /// - Parameter fields: The indices of the fields in the layout of the view.
  init(_ view: ExportView, fields indices: [Int]) {
    self.indices = indices
    let layout = view.layout
    func column(_ index: Int) -> Int? { indices.firstIndex(of: index) }
    let uses = layout.fields.indices.map { column($0).map { CSVLayout.Use.value(column: $0) } ?? .skip }
    let plans = layout.fields.enumerated().map { index, field in
      FieldPlan(name: field.name, path: field.path, column: column(index), isEmitted: column(index) != nil)
    }
    (decoder, batch) = TableForm(view.source, view.pipeline.config.source.csv).decoding(
      columns: indices.count, fields: CSVLayout(uses: uses, unquotedIsPlain: false),
      paths: JSONLayout(plans, unlisted: .drop, extractKept: true))
  }

  /// The rules of the fields, in the order of the columns.
  func fields(of view: ExportView) -> [CompiledField] {
    indices.compactMap { index in
      view.pipeline.rule(for: view.layout.fields[index].path)
    }
  }

  /// Returns the records of a chunk; nil if they are not those that the run met.
  ///
  /// Sound: the chunk lives until the station that holds it is done with the batch.
  func decode(_ chunk: Chunk, records: Int) -> Batch? {
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    return batch.recordCount == records ? batch : nil
  }
}
