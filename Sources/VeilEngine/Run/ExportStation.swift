import VeilConfig

/// What the stations of one pass share. Touched only by the station whose turn it is.
final class PassState {
  var tally = Tally()
  /// As messages call the file being read.
  var file = ""
  /// Records of the files before this one.
  var recordsBefore = 0
  let policy: BadRecordPolicy

  init(policy: BadRecordPolicy) { self.policy = policy }

  /// Counts a batch and decides whether the run may go on.
  func count(_ steps: BatchSteps, offset: Int) throws {
    let before = tally
    let batch = steps.batch
    try refuseUnexpected(steps, offset: offset)
    tally.add(batch)
    try policy.judge(
      batch, file: file, offset: offset, before: before, fileRecords: before.read - recordsBefore, into: &tally)
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

/// The way of one chunk: decode, filter, rewrite, generalize, encode. One for each thread.
final class ExportStation: Station {
  private let steps: BatchSteps
  private var apply: QuasiApplier?
  private let state: PassState
  private let output: RunOutput
  private let encoder: any RecordEncoder
  private var encoded = ByteBuffer()
  private var offset = 0
  /// Records that are still to be shown, where only a preview is asked for.
  private let preview: Preview?

  init(
    _ steps: BatchSteps, apply: QuasiApplier?, encoder: any RecordEncoder, state: PassState, output: RunOutput,
    preview: Preview?
  ) {
    self.steps = steps
    self.apply = apply
    self.encoder = encoder
    self.state = state
    self.output = output
    self.preview = preview
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    let batch = steps.decode(chunk)
    steps.filter()
    apply?.readSubjects(batch)
    steps.rewrite()
    apply?.apply(to: batch)
    encoded.removeAll()
    encoder.encode(batch, into: &encoded)
    apply?.count(batch)
  }

  func deliver() throws {
    try apply?.refuseUnseen(steps.batch, state, offset: offset)
    try state.count(steps, offset: offset)
    if let preview {
      try preview.deliver(steps.batch, encoder, output)
    } else {
      try output.writeRecords(encoded, separator: encoder.separator)
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
