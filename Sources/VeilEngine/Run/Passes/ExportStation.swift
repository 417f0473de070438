import VeilConfig

/// The way of one chunk: decode, filter, rewrite, generalize, encode, for each sink. One for each thread.
final class ExportStation: Station {
  private let work: StationWork
  private let state: PassState
  /// One for each view.
  private let outputs: [RunOutput]
  /// What looks at a view's records for declared checks, where one asks for it.
  private let inspectors: [FieldInspector?]
  private let checks: DeclaredChecks
  /// Measures what leaves, for all stations.
  private let census: PublishedCensus
  /// What this station reads for it, where every record is measured.
  private let ownCensus: StationCensus?
  private var chunk: Chunk?
  private var offset = 0
  /// Records that are still to be shown, where only a preview is asked for.
  private let preview: Preview?
  /// Counts people, where a trial asks how many there are.
  private let people: PeopleCounter?

  init(
    _ work: StationWork, state: PassState, outputs: [RunOutput], preview: Preview?, inspectors: [FieldInspector?],
    checks: DeclaredChecks, census: PublishedCensus, people: PeopleCounter? = nil
  ) throws {
    self.people = people
    self.census = census
    ownCensus = try census.reader()
    self.inspectors = inspectors
    self.checks = checks
    self.work = work
    self.state = state
    self.outputs = outputs
    self.preview = preview
  }

  func process(_ chunk: Chunk) throws {
    (self.chunk, offset) = (chunk, chunk.offset)
    work.process(chunk) {
      guard let batch = work.views.first?.batch else { return }
      ownCensus?.readPeople(batch)
      people?.read(batch)
    }
    ownCensus?.read(work.views)
    for (view, inspector) in zip(work.views, inspectors) { inspector?.inspect(view.batch) }
  }

  func deliver() throws {
    try work.views.first?.refuseUnseen(state, offset: offset)
    let before = state.tally.read - state.recordsBefore
    try state.count(work.views, offset: offset)
    people?.count()
    for case let inspector? in inspectors { checks.add(inspector, file: state.file, recordsBefore: before) }
    if let ownCensus {
      census.add(ownCensus, work.views)
    } else if let chunk, !census.isDone {
      census.sample(chunk, work.views)
    }
    for (view, output) in zip(work.views, outputs) {
      if let preview, !output.isKeyed {
        try preview.deliver(view.batch, view.encoder, output)
      } else {
        try output.writeRecords(of: view)
      }
    }
  }
}

/// Lets the first few records of an export through. The pass goes on to its end all the same: a preview shows nothing of
/// an export that would not be published.
final class Preview {
  private var left: Int

  init(_ count: Int) { left = count }

  func deliver(_ batch: Batch, _ encoder: any RecordEncoder, _ output: RunOutput) throws {
    guard left > 0 else { return }
    for record in 0..<batch.recordCount where batch.isLive(record) {
      left -= 1
      if left < 0 { batch.hide(record) }
    }
    var bytes = ByteBuffer()
    encoder.encode(batch, into: &bytes)
    try output.writeRecords(bytes, separator: encoder.separator)
  }
}
