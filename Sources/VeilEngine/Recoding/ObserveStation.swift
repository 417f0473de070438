import VeilAnonymity
import VeilConfig

/// The first of two passes: counts how often each combination of quasi-identifiers occurs. There is one for each
/// thread.
final class ObserveStation: Station {
  /// One view; if bad records are skipped, all views. Then this pass must find the same bad records as the next one, so
  /// it does all work that can find one.
  private let work: StationWork
  private let rehearses: Bool
  private let state: PassState
  private let subjects: SubjectReader?
  /// Where k counts records for want of a subject: what looks whether people have several.
  let identifiers: IdentifierReader?
  private var sensitive: SensitiveReader
  private var reader: QuasiReader
  private(set) var observer: QuasiObserver
  /// If bad records end the run, all values that their hierarchy does not cover are counted before it ends.
  private(set) var gaps: HierarchyGaps?
  private var codes: [UInt32]
  private var offset = 0

  init(
    _ work: StationWork, rehearses: Bool, layout: Layout, observer: QuasiObserver, subjects: SubjectReader?,
    identifiers: IdentifierReader?,
    sensitive: SensitiveReader, state: PassState, gaps: HierarchyGaps?
  ) {
    self.work = work
    self.rehearses = rehearses
    self.state = state
    self.subjects = subjects
    self.identifiers = identifiers
    self.sensitive = sensitive
    self.observer = observer
    self.gaps = gaps
    reader = QuasiReader(layout)
    codes = Array(repeating: 0, count: reader.fields.count)
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    let batch = work.views[0].batch
    work.prepare(chunk) {
      subjects?.read(batch)
      identifiers?.read(batch)
    }
    reader.index(batch)
    sensitive.read(batch)
    let columns = reader.fields.map { batch.columns[$0.column] }
    var observed = [[UInt32]](repeating: [], count: columns.count)
    var unfit: [Int] = []
    for (place, column) in columns.enumerated() {
      observed[place] = code(batch, place: place, column: column, unfit: &unfit)
    }
    // Only now, so that all that a record lacks is noted.
    for record in unfit where batch.isLive(record) { batch.exclude(record, .bad) }
    if rehearses {
      work.agree()
      work.encode()
    }
    identifiers?.count(batch)
    for record in 0..<batch.recordCount where batch.isLive(record) {
      for place in columns.indices { codes[place] = observed[place][record] }
      unsafe codes.withUnsafeBufferPointer { codes in
        guard let base = codes.baseAddress else { return }
        let subject = subjects?.subjects[record]
        let combination = unsafe observer.histogram.observe(codes: base, subject: subject)
        for (place, values) in sensitive.values.enumerated() {
          observer.sensitive.observe(place, values[record], combination: combination, subject: subject)
        }
      }
    }
  }

  /// Returns the code of each live record's value in one column. A value that its hierarchy does not cover makes the
  /// record bad.
  private func code(_ batch: Batch, place: Int, column: Column, unfit: inout [Int]) -> [UInt32] {
    var found = [UInt32](repeating: 0, count: batch.recordCount)
    for record in 0..<batch.recordCount where batch.isLive(record) {
      let cell = column.cells[reader.cell(place, of: record, in: column)]
      let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.isNull ? 0 : cell.count)
      if let code = unsafe observer.coders[place].code(value) {
        found[record] = code
      } else if gaps != nil {
        unsafe gaps?.note(place, record: record, value: value)
        unfit.append(record)
      } else {
        batch.fail(record, field: reader.fields[place].field, reason: .unfit)
      }
    }
    return found
  }

  func deliver() throws {
    let before = state.tally.read - state.recordsBefore
    gaps?.locate(
      file: state.file, before: before, names: state.policy.fieldNames, fields: reader.fields.map(\.field))
    try state.count(work.views, offset: offset)
  }
}
