import VeilConfig
import VeilGround

/// What the stations of one pass share. Touched only by the station whose turn it is.
final class PassState {
  var tally = Tally()
  /// What each of several views counted by itself.
  private var viewTallies: [Tally] = []
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

  /// Counts a batch of every view and decides whether the run may go on.
  func count(_ views: [ViewWork], offset: Int) throws {
    if let trial = policy.trial {
      for field in views.dropFirst().flatMap(\.steps.allUnexpected) {
        trial.note(mismatch(field, offset: offset), once: field.message)
      }
    }
    // What one sink's rules do not expect stops the run for all.
    let odd = views.map(\.steps).filter { $0.unexpected != nil }
      .min { $0.unexpected?.record ?? 0 < $1.unexpected?.record ?? 0 }
    try count(views[0].steps, unexpectedIn: odd, offset: offset)
    guard views.count > 1 else { return }
    if viewTallies.isEmpty { viewTallies = views.map { _ in Tally() } }
    for (index, view) in views.enumerated() { viewTallies[index].add(view.batch) }
  }

  /// Whether all views met the same records and did the same to them.
  var viewsAgree: Bool { viewTallies.allSatisfy { $0 == viewTallies[0] } }

  private func count(_ steps: BatchSteps, unexpectedIn odd: BatchSteps?, offset: Int) throws {
    let before = tally
    let batch = steps.batch
    let fileRecords = before.read - recordsBefore
    if let odd, let trial = policy.trial {
      for field in odd.allUnexpected { trial.note(mismatch(field, offset: offset), once: field.message) }
    } else if let odd, let unexpected = odd.unexpected {
      // What comes first in the file ends the run, however the file was cut into chunks.
      try policy.judge(
        batch, upTo: unexpected.record, file: file, offset: offset, before: before, fileRecords: fileRecords,
        into: &tally)
      try refuseUnexpected(odd, offset: offset)
    }
    tally.add(batch)
    policy.trial?.read = tally.read
    if !batch.lines.isEmpty {
      let record = batch.lines.record
      tally.add(
        batch.lines,
        at: "\(file): record \(fileRecords + record + 1), byte offset \(offset + Int(batch.recordStarts[record]))")
    }
    // Also where this batch ends the run: its report names the place.
    defer { monitor.note(tally) }
    try policy.judge(batch, file: file, offset: offset, before: before, fileRecords: fileRecords, into: &tally)
  }

  /// Stops at a field that no rule names, where such a field may not pass in silence.
  func refuseUnexpected(_ steps: BatchSteps, offset: Int) throws(RunError) {
    if let unexpected = steps.unexpected {
      throw mismatch(unexpected, offset: offset)
    }
  }

  private func mismatch(_ field: UnexpectedField, offset: Int) -> RunError {
    RunError(
      .mismatch,
      "\(file): record \(tally.read - recordsBefore + field.record + 1), byte offset \(offset + field.offset): "
        + field.message)
  }
}
