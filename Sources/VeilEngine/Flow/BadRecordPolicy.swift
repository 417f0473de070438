import VeilConfig
import VeilGround

/// What a run does when it meets a bad record.
struct BadRecordPolicy {
  let rule: BadRecords
  /// The format of the input.
  let format: DataFormat
  /// The names of fields, for messages.
  let fieldNames: [String]
  var quarantine: Quarantine?
  /// The number of bad records in the run's exports before this one, because the limit is for the whole run.
  var badBefore = 0
  /// Notes what would end the run, where it is only tried.
  var trial: Trial?

  var skips: Bool { rule.action == .skip }

  /// Judges the failures of a batch, or of its first `limit` records. `before` is what was counted before this batch.
  /// Throws at the first bad record if bad records end the run, or if there are more than the limit.
  func judge(
    _ batch: Batch, upTo limit: Int = .max, file: String, offset: Int, before: Tally, fileRecords: Int,
    into tally: inout Tally
  ) throws {
    guard !batch.failures.isEmpty else { return }
    let failures = batch.failures.filter { $0.record < limit }.sorted { $0.record < $1.record }
    guard let first = failures.first else { return }
    for failure in skips ? failures[...] : failures.prefix(1) {
      unsafe try quarantine?.add(
        file: file, record: fileRecords + failure.record + 1, offset: self.offset(failure, in: batch, chunk: offset),
        field: failure.field.map { ShownName.text(fieldNames[$0]) }, reason: failure.reason,
        bytes: batch.bytes(of: failure.record, in: format))
    }
    if let trial, !skips {
      for failure in failures {
        trial.note(
          failure.reason, field: failure.field.map { ShownName.text(fieldNames[$0]) },
          place: "\(file): record \(fileRecords + failure.record + 1)")
      }
      return
    }
    if !skips {
      throw RunError(.inputOutput, place(first, in: batch, file: file, offset: offset, before: fileRecords))
    }
    for failure in failures where tally.located.count < Tally.locatedLimit {
      tally.located.append(place(failure, in: batch, file: file, offset: offset, before: fileRecords))
    }
    if case .count(let most) = rule.limit, badBefore + before.bad + failures.count > most {
      try stop(tooMany(tally, "\(most)"))
    }
  }

  /// Ends the run, or notes that it would end.
  func stop(_ error: RunError) throws(RunError) {
    guard let trial else { throw error }
    trial.note(error)
  }

  /// Judges the whole at the end of the input: only then a limit that is a share can be judged.
  func judgeEnd(_ tally: Tally) throws {
    if case .share(let share) = rule.limit, tally.bad > share.limit(of: tally.read) {
      try stop(tooMany(tally, "\(share.percent) % of \(tally.read) records"))
    }
  }

  private func tooMany(_ tally: Tally, _ limit: String) -> RunError {
    let first = tally.located.first.map { "\n  the first: \($0)" } ?? ""
    return RunError(
      .check,
      "there are more bad records than bad_records.limit allows (\(limit)); nothing was published\(first)")
  }

  private func place(_ failure: Failure, in batch: Batch, file: String, offset: Int, before: Int) -> String {
    let at = self.offset(failure, in: batch, chunk: offset)
    let field = failure.field.map { "field '\(ShownName.text(fieldNames[$0]))' " } ?? ""
    return "\(file): record \(before + failure.record + 1), byte offset \(at): \(field)\(failure.reason.text)"
  }
  private func offset(_ failure: Failure, in batch: Batch, chunk: Int) -> Int {
    chunk + (failure.offset ?? Int(batch.recordStarts[failure.record]))
  }
}
