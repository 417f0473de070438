/// The counts of what happened to the records of a run. Every record that was read is counted once: read = written +
/// excluded by reason + suppressed + bad.
public struct Tally: Sendable, Equatable {
  public internal(set) var read = 0
  public internal(set) var written = 0
  /// The number of records that did not leave, by verdict. It is no array, because an array would be copied with every
  /// chunk.
  private var excluded = SIMD16<Int>()
  /// The places of the first bad records, in input order.
  public internal(set) var located: [String] = []
  /// The largest number of places that are kept.
  static let locatedLimit = 20

  public init() {}

  func count(_ verdict: Verdict) -> Int { excluded[Int(verdict.rawValue)] }
  public var bad: Int { count(.bad) }
  public var suppressed: Int { count(.suppressed) }
  /// The number of records that each filter excluded, by the filter's name; filters that excluded none are left out.
  public var excludedByReason: [(name: String, count: Int)] {
    let consent = consentReasons.reduce(0) { $0 + $1.count }
    return [
      ("where", count(.where)), ("consent", consent), ("retention", count(.retention)), ("erasure", count(.erasure)),
    ].filter { $0.1 > 0 }
  }
  /// The number of records that consent excluded, by reason; reasons with none are left out.
  public var consentReasons: [(name: String, count: Int)] {
    [
      ("not_granted", count(.consent)), ("withdrawn", count(.consentWithdrawn)), ("expired", count(.consentExpired)),
      ("not_yet", count(.consentNotYet)), ("unknown", count(.consentUnknown)),
      ("unparsable", count(.consentUnparsable)), ("missing", count(.consentMissing)),
    ].filter { $0.1 > 0 }
  }
  public var excludedTotal: Int { excludedByReason.reduce(0) { $0 + $1.count } }
  public var addsUp: Bool { read == written + excludedTotal + suppressed + bad }

  /// Adds the counts of another run.
  mutating func add(_ other: Tally) {
    read += other.read
    written += other.written
    excluded &+= other.excluded
    located = Array((located + other.located).prefix(Self.locatedLimit))
  }

  mutating func add(_ batch: Batch) {
    read += batch.recordCount
    written += batch.recordCount - batch.excludedCount
    guard batch.excludedCount > 0 else { return }
    for record in 0..<batch.recordCount { excluded[Int(batch.verdicts[record])] += 1 }
    excluded[Int(Verdict.live.rawValue)] = 0
  }
}
