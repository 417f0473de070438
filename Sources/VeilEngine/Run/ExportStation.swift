import VeilConfig

/// What the stations of one pass share. Touched only by the station whose turn it is.
final class PassState {
  var tally = Tally()
  /// What each of several lanes counted by itself.
  private var laneTallies: [Tally] = []
  /// As messages call the file being read.
  var file = ""
  /// Records of the files before this one.
  var recordsBefore = 0
  let policy: BadRecordPolicy
  private let monitor: RunMonitor

  init(policy: BadRecordPolicy, monitor: RunMonitor) {
    self.policy = policy
    self.monitor = monitor
  }

  /// Counts a batch of every lane and decides whether the run may go on.
  func count(_ lanes: [Lane], offset: Int) throws {
    try count(lanes[0].steps, offset: offset)
    guard lanes.count > 1 else { return }
    if laneTallies.isEmpty { laneTallies = lanes.map { _ in Tally() } }
    for (index, lane) in lanes.enumerated() { laneTallies[index].add(lane.batch) }
  }

  /// Whether all lanes met the same records and did the same to them.
  var lanesAgree: Bool { laneTallies.allSatisfy { $0 == laneTallies[0] } }

  private func count(_ steps: BatchSteps, offset: Int) throws {
    let before = tally
    let batch = steps.batch
    let fileRecords = before.read - recordsBefore
    if let unexpected = steps.unexpected {
      // What comes first in the file ends the run, however the file was cut into chunks.
      try policy.judge(
        batch, upTo: unexpected.record, file: file, offset: offset, before: before, fileRecords: fileRecords,
        into: &tally)
      try refuseUnexpected(steps, offset: offset)
    }
    tally.add(batch)
    // Also where this batch ends the run: its report names the place.
    defer { monitor.note(tally) }
    try policy.judge(batch, file: file, offset: offset, before: before, fileRecords: fileRecords, into: &tally)
  }

  /// Stops at a field that no rule names, where such a field may not pass in silence.
  func refuseUnexpected(_ steps: BatchSteps, offset: Int) throws(RunError) {
    if let unexpected = steps.unexpected {
      throw RunError(
        .mismatch,
        "\(file): record \(tally.read - recordsBefore + unexpected.record + 1), byte offset \(offset + unexpected.offset): "
          + "the record has a field '\(unexpected)' that no rule names: give it a rule under 'fields' (drop, if it is not "
          + "to leave), or set 'unlisted: drop'")
    }
  }
}

/// The way of one chunk: decode, filter, rewrite, generalize, encode, for each sink. One for each thread.
final class ExportStation: Station {
  private let group: LaneGroup
  private let state: PassState
  /// One for each lane.
  private let outputs: [RunOutput]
  /// What looks at a lane's records for declared checks, where one asks for it.
  private let inspectors: [FieldInspector?]
  private let checks: DeclaredChecks
  private var offset = 0
  /// Records that are still to be shown, where only a preview is asked for.
  private let preview: Preview?

  init(
    _ group: LaneGroup, state: PassState, outputs: [RunOutput], preview: Preview?, inspectors: [FieldInspector?],
    checks: DeclaredChecks
  ) {
    self.inspectors = inspectors
    self.checks = checks
    self.group = group
    self.state = state
    self.outputs = outputs
    self.preview = preview
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    group.process(chunk)
    for (lane, inspector) in zip(group.lanes, inspectors) { inspector?.inspect(lane.batch) }
  }

  func deliver() throws {
    try group.lanes.first?.refuseUnseen(state, offset: offset)
    let before = state.tally.read - state.recordsBefore
    try state.count(group.lanes, offset: offset)
    for case let inspector? in inspectors { checks.add(inspector, file: state.file, recordsBefore: before) }
    for (lane, output) in zip(group.lanes, outputs) {
      if let preview {
        try preview.deliver(lane.batch, lane.encoder, output)
      } else {
        try output.writeRecords(lane.encoded, separator: lane.encoder.separator)
      }
    }
  }
}

/// Lets the first few records through and then ends the pass.
final class Preview {
  /// Thrown when enough was shown.
  struct Done: Error {}

  private var left: Int

  init(_ count: Int) { left = count }

  func deliver(_ batch: Batch, _ encoder: any RecordEncoder, _ output: RunOutput) throws {
    for record in 0..<batch.recordCount where batch.isLive(record) {
      left -= 1
      if left < 0 { batch.hide(record) }
    }
    var bytes = ByteBuffer()
    encoder.encode(batch, into: &bytes)
    try output.writeRecords(bytes, separator: encoder.separator)
    if left <= 0 { throw Done() }
  }
}
