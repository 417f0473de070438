import VeilConfig

/// What one chunk of input became: columns of cells, and for each record whether it still takes part.
///
/// A worker owns one batch and reuses it, so its buffers grow to the largest chunk and stay.
///
/// Sound because `source` is the chunk that the decoder was given, which outlives the batch's turn.
@safe
final class Batch {
  var columns: [Column]
  /// The chunk's bytes, which the runs of `assembly` count from.
  private(set) var source: UnsafePointer<UInt8>
  /// How many bytes `source` has; 0 where nobody asked for them.
  var byteCount = 0
  private(set) var recordCount = 0
  /// A `Verdict` for each record.
  var verdicts = Buffer<UInt8>()
  /// Where each record begins in the chunk, in bytes.
  var recordStarts = Buffer<UInt32>()
  /// The first failure of each bad record, in no order.
  private(set) var failures: [Failure] = []
  /// How many records are not `.live`.
  private(set) var excludedCount = 0
  let escapes: EscapeStyle
  /// For JSON, how each record is put together again.
  let assembly = Assembly()

  init(columnCount: Int, escapes: EscapeStyle) {
    self.escapes = escapes
    let empty = ByteBuffer()
    unsafe source = UnsafePointer(empty.start)
    columns = (0..<columnCount).map { _ in Column(hasRows: escapes == .json) }
  }

  /// Begins a new batch over a chunk's bytes.
  func reset(base: UnsafePointer<UInt8>) {
    unsafe source = base
    for column in columns { unsafe column.reset(base: base) }
    byteCount = 0
    recordCount = 0
    verdicts.removeAll()
    recordStarts.removeAll()
    failures.removeAll(keepingCapacity: true)
    excludedCount = 0
    assembly.removeAll()
  }

  /// Says how many records the decoder found; all of them are live.
  func finishDecoding(recordCount: Int) {
    self.recordCount = recordCount
    verdicts.append(repeating: Verdict.live.rawValue, count: recordCount - verdicts.count)
  }

  @inline(__always)
  func isLive(_ record: Int) -> Bool { verdicts[record] == Verdict.live.rawValue }

  /// Takes a record out, for a reason that is counted. A record that is out already keeps its first reason.
  func exclude(_ record: Int, _ verdict: Verdict) {
    guard isLive(record) else { return }
    verdicts[record] = verdict.rawValue
    excludedCount += 1
  }

  /// Leaves a record out of what is written without counting it, for a preview.
  func hide(_ record: Int) {
    verdicts[record] = Verdict.hidden.rawValue
    excludedCount += 1
  }

  /// Marks a record as bad: its value in `field` cannot be handled.
  func fail(_ record: Int, field: Int?, reason: FailureReason, offset: Int? = nil) {
    guard isLive(record) else { return }
    exclude(record, .bad)
    failures.append(Failure(record: record, field: field, reason: reason, offset: offset))
  }
}

/// Whether a record takes part, and if not, why.
enum Verdict: UInt8, CaseIterable, Sendable {
  case live, bad, `where`, consent, retention, erasure, suppressed, hidden
  /// `consent` says no; the others say why there is no telling.
  case consentMissing, consentWithdrawn, consentExpired, consentNotYet, consentUnknown, consentUnparsable
}

/// How a source writes what it cannot write plainly.
enum EscapeStyle: Equatable, Sendable {
  case csv(quote: UInt8)
  case json
}
