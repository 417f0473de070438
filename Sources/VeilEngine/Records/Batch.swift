import VeilConfig

/// The decoded records of one chunk: columns of cells, and for each record whether it is still live.
///
/// Each worker owns one batch and reuses it. Its buffers grow until they fit the largest chunk, and keep that size.
///
/// Sound because `source` is the chunk that the decoder was given, and the chunk lives until the worker is done with
/// the batch.
@safe
final class Batch {
  var columns: [Column]
  /// The bytes of the chunk. The runs of `assembly` count from here.
  private(set) var source: UnsafePointer<UInt8>
  /// The number of bytes at `source`; 0 where no part of the pipeline needs it.
  var byteCount = 0
  private(set) var recordCount = 0
  /// A `Verdict` for each record.
  var verdicts = Buffer<UInt8>()
  /// The byte offset of each record in the chunk.
  var recordStarts = Buffer<UInt32>()
  /// The first failure of each bad record, in no particular order.
  private(set) var failures: [Failure] = []
  /// The number of records that are not `.live`.
  private(set) var excludedCount = 0
  /// The lines of records that have several.
  var lines = RecordLines()
  let escapes: EscapeStyle
  /// For JSON, how each record is written again.
  let assembly = Assembly()

  init(columnCount: Int, escapes: EscapeStyle) {
    self.escapes = escapes
    let empty = ByteBuffer()
    unsafe source = UnsafePointer(empty.start)
    columns = (0..<columnCount).map { _ in Column(hasRows: escapes == .json) }
  }

  /// Starts a new batch over the bytes of a chunk.
  func reset(base: UnsafePointer<UInt8>) {
    unsafe source = base
    for column in columns { unsafe column.reset(base: base) }
    byteCount = 0
    recordCount = 0
    verdicts.removeAll()
    recordStarts.removeAll()
    failures.removeAll(keepingCapacity: true)
    excludedCount = 0
    lines = RecordLines()
    assembly.removeAll()
  }

  /// Sets the number of records that the decoder found. All of them are live.
  func finishDecoding(recordCount: Int) {
    self.recordCount = recordCount
    verdicts.append(repeating: Verdict.live.rawValue, count: recordCount - verdicts.count)
  }

  @inline(__always)
  func isLive(_ record: Int) -> Bool { verdicts[record] == Verdict.live.rawValue }

  /// Excludes a record for a reason that is counted. A record that is already excluded keeps its first reason.
  func exclude(_ record: Int, _ verdict: Verdict) {
    guard isLive(record) else { return }
    verdicts[record] = verdict.rawValue
    excludedCount += 1
  }

  /// Excludes a record from the output without counting it, for a preview.
  func hide(_ record: Int) {
    verdicts[record] = Verdict.hidden.rawValue
    excludedCount += 1
  }

  /// Marks a record as bad, because its value in `field` cannot be handled.
  func fail(_ record: Int, field: Int?, reason: FailureReason, offset: Int? = nil) {
    guard isLive(record) else { return }
    exclude(record, .bad)
    failures.append(Failure(record: record, field: field, reason: reason, offset: offset))
  }
}

/// Whether a record is live, and if not, why.
enum Verdict: UInt8, CaseIterable, Sendable {
  case live, bad, `where`, consent, retention, erasure, suppressed, hidden
  /// `consent` means that consent was refused. The other cases say why consent is not known to be given.
  case consentMissing, consentWithdrawn, consentExpired, consentNotYet, consentUnknown, consentUnparsable
}

/// How a format writes characters that need quotes or escapes.
enum EscapeStyle: Equatable, Sendable {
  case csv(quote: UInt8)
  case json
}
