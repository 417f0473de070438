import VeilConfig

/// The first of two passes: gathers how often each combination of quasi-identifiers occurs. One for each thread.
final class ObserveStation: Station {
  private let steps: BatchSteps
  private let state: PassState
  private let subjects: SubjectReader?
  private var sensitive: SensitiveReader
  private var reader: QuasiReader
  private(set) var observer: QuasiObserver
  /// Where bad records are skipped, this pass must find the same ones as the next: it does all that can find one.
  private let rehearsal: (any RecordEncoder)?
  private var codes: [UInt32]
  private var rehearsed = ByteBuffer()
  private var offset = 0

  init(
    _ steps: BatchSteps, layout: Layout, observer: QuasiObserver, subjects: SubjectReader?,
    sensitive: SensitiveReader, state: PassState, rehearsal: (any RecordEncoder)?
  ) {
    self.steps = steps
    self.state = state
    self.subjects = subjects
    self.sensitive = sensitive
    self.observer = observer
    self.rehearsal = rehearsal
    reader = QuasiReader(layout)
    codes = Array(repeating: 0, count: reader.fields.count)
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    let batch = steps.decode(chunk)
    steps.filter()
    subjects?.read(batch)
    steps.rewrite()
    reader.index(batch)
    sensitive.read(batch)
    let columns = reader.fields.map { batch.columns[$0.column] }
    var observed = [[UInt32]](repeating: [], count: columns.count)
    for (place, column) in columns.enumerated() {
      observed[place] = code(batch, place, column)
    }
    if let rehearsal {
      rehearsed.removeAll()
      rehearsal.encode(batch, into: &rehearsed)
    }
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

  /// The code of each live record's value in one column; a value that its hierarchy does not know makes a record bad.
  private func code(_ batch: Batch, _ place: Int, _ column: Column) -> [UInt32] {
    var found = [UInt32](repeating: 0, count: batch.recordCount)
    for record in 0..<batch.recordCount where batch.isLive(record) {
      let cell = column.cells[reader.cell(place, of: record, column)]
      let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.isNull ? 0 : cell.count)
      if let code = unsafe observer.coders[place].code(value) {
        found[record] = code
      } else {
        batch.fail(record, field: reader.fields[place].field, FailureReason("does not fit its hierarchy"))
      }
    }
    return found
  }

  func deliver() throws { try state.count(steps, offset: offset) }
}
