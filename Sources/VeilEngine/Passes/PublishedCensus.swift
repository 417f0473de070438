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
    /// What leaves as one value although rules name only its parts, and the counts of each.
    var wholes: [WholeField] = []
    var wholeCensuses: [WholeCensus] = []

    var isEmpty: Bool { fields.isEmpty && wholes.isEmpty }
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
      let (countsPeople, few) = (isWhole && config.countsSubjects, config.anonymity?.k ?? 2)
      let censuses = fields.map { _ in FieldCensus(countsPeople: countsPeople, few: few) }
      let isList = isWhole && !view.source.isSeparated && !view.sink.isSeparated
      let wholes = isList ? WholeField.all(of: view.pipeline) : []
      return Subject(
        fields: fields, columns: columns, censuses: censuses, sample: sample, wholes: wholes,
        wholeCensuses: wholes.map { _ in WholeCensus(countsPeople: countsPeople, few: few) })
    }
  }

  /// Whether nothing more is to be looked at.
  var isDone: Bool {
    subjects.allSatisfy(\.isEmpty) || !isWhole && (sampled >= Self.sampleSize || records >= Self.sampleReach)
  }

  /// What one station needs to read every record; nil where only the first ones are looked at.
  func reader() throws -> StationCensus? {
    guard isWhole, !subjects.allSatisfy(\.isEmpty) else { return nil }
    return StationCensus(
      // In the one form of records an empty text leaves as null, also in JSON.
      subjects.map { CensusReader(columns: $0.columns, fields: $0.fields, emptyIsNull: true, isCanonical: true) },
      wholes: subjects.map { $0.wholes.isEmpty ? nil : WholeReader($0.wholes) },
      areArrays: views.map { $0.sink == .json },
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
      guard let wholes = station.wholes[index] else { continue }
      let batch = work[index].batch
      let live = (0..<batch.recordCount).filter(batch.isLive)
      precondition(live.count == wholes.recordCount, "what is written is what is measured")
      wholes.add(to: &subjects[index].wholeCensuses) { people?[live[$0]] ?? UInt64(before + live[$0]) }
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
      let own = subjects[index].columns.count
      let fields = subjects[index].fields
      var reader = CensusReader(
        columns: subjects[index].columns, fields: Array(fields.prefix(own)), emptyIsNull: emptyIsNull,
        isCanonical: false)
      var censuses = Array(subjects[index].censuses.prefix(own))
      reader.read(batch, upTo: last, of: batch)
      reader.add(batch, to: &censuses) { UInt64($0) }
      if let copied = subjects[index].sample?.decode(chunk, records: batch.recordCount) {
        var rest = Array(subjects[index].censuses.dropFirst(own))
        var reader = CensusReader(
          columns: Array(rest.indices), fields: Array(fields.dropFirst(own)), emptyIsNull: emptyIsNull,
          isCanonical: false)
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
  /// - Parameter isPart: Whether the records are but some of those that a plan is applied to.
  func measured(isPart: Bool) -> [[MeasuredField]] {
    let extent: MeasuredField.Extent = isWhole ? isPart ? .part : .whole : .first(sampled)
    return zip(views, subjects).map { view, subject in
      zip(subject.fields, subject.censuses).map {
        MeasuredField($0, $1, extent: extent, pipeline: view.pipeline.config)
      }.filter { $0.field.quasiIndex == nil || !$0.identifiers.isEmpty }
        + zip(subject.wholes, subject.wholeCensuses).flatMap {
          $1.measured($0, extent: extent, pipeline: view.pipeline.config)
        }
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
  /// For each view, what reads the lists of the records that it wrote; nil where there are none.
  fileprivate let wholes: [WholeReader?]
  private let areArrays: [Bool]
  /// Tells people apart, where they are counted.
  let people: SubjectReader?

  init(_ readers: [CensusReader], wholes: [WholeReader?], areArrays: [Bool], people: SubjectReader?) {
    (self.readers, self.people) = (readers, people)
    (self.wholes, self.areArrays) = (wholes, areArrays)
  }

  /// To be called before stages rewrite the subject's field.
  func readPeople(_ batch: Batch) { people?.read(batch) }

  /// To be called when nothing can take a record out any more.
  func read(_ work: [ViewWork]) {
    for index in readers.indices {
      readers[index].read(work[index].batch)
      // A record that is a run of its own has no comma.
      wholes[index]?.read(
        encoded: work[index].encoded, isArray: areArrays[index] && work[index].encoder.bounds == nil)
    }
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
