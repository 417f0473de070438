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
  /// The number of bad records in the run's exports before this one, because the limit is for the whole run. As in
  /// `Tally.badLines`.
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
    let judged = skips ? failures : [first]
    for failure in judged {
      unsafe try quarantine?.add(
        Quarantine.Entry(
          file: file, record: fileRecords + failure.record + 1,
          offset: self.offset(failure, in: batch, chunk: offset), lines: lines(of: failure, in: batch),
          field: failure.field.map { ShownName.text(fieldNames[$0]) }, reason: failure.reason),
        bytes: batch.bytes(of: failure.record, in: format))
    }
    // A limit that was kept before this batch is judged with all lines that its records swallowed.
    let lost = judged.reduce(0) { $0 + lines(of: $1, in: batch) - 1 }
    tally.lostLines += lost
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
    if case .count(let most) = rule.limit, badBefore + before.badLines + failures.count + lost > most {
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
    if case .share(let share) = rule.limit, tally.badLines > share.limit(of: tally.read + tally.lostLines) {
      try stop(tooMany(tally, "\(share.percent) % of \(tally.read) records"))
    }
  }

  /// Judges one file of several, where a bad one is left out: a share holds for each.
  func judgeFile(_ tally: Tally, since before: Tally) throws {
    guard case .share(let share) = rule.limit else { return }
    let (read, lost) = (tally.read - before.read, tally.lostLines - before.lostLines)
    if tally.badLines - before.badLines > share.limit(of: read + lost) {
      throw tooMany(tally, "\(share.percent) % of \(read) records of the file")
    }
  }

  /// The number of lines of a record that could not be read; 1 for any other, whose fields are known.
  private func lines(of failure: Failure, in batch: Batch) -> Int {
    guard failure.field == nil, format.isSeparated else { return 1 }
    let bytes = unsafe batch.bytes(of: failure.record, in: format)
    return 1 + (unsafe bytes.reduce(0) { $0 + ($1 == CSVFormat.lineFeed ? 1 : 0) })
  }

  private func tooMany(_ tally: Tally, _ limit: String) -> RunError {
    let first = tally.located.first.map { "\n  the first: \($0)" } ?? ""
    let swallowed =
      tally.lostLines > 0 ? " (a record that cannot be read counts once for each of its lines: \(tally.badLines))" : ""
    let list = quarantine.map { "; \($0.path) lists them" } ?? ""
    return RunError(
      .check,
      "there are more bad records than bad_records.limit allows (\(limit))\(swallowed); nothing was published\(list)"
        + first)
  }

  private func place(_ failure: Failure, in batch: Batch, file: String, offset: Int, before: Int) -> String {
    let at = self.offset(failure, in: batch, chunk: offset)
    let field = failure.field.map { "field '\(ShownName.text(fieldNames[$0]))' " } ?? ""
    let lines = lines(of: failure, in: batch)
    return "\(file): record \(before + failure.record + 1), byte offset \(at): \(field)\(failure.reason.text)"
      + (lines > 1 ? " (it has \(lines) lines)" : "")
  }
  private func offset(_ failure: Failure, in batch: Batch, chunk: Int) -> Int {
    chunk + (failure.offset ?? Int(batch.recordStarts[failure.record]))
  }
}
