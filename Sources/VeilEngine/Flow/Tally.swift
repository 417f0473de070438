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
  /// The lines beyond the first of bad records that could not be read at all: records that they may have swallowed.
  var lostLines = 0
  /// The lines of records of a CSV input that have several, and where the longest begins.
  private(set) var lines = RecordLines()
  private(set) var longestPlace = ""
  /// The largest number of places that are kept.
  static let locatedLimit = 20

  public init() {}

  func count(_ verdict: Verdict) -> Int { excluded[Int(verdict.rawValue)] }
  public var bad: Int { count(.bad) }
  /// The number of bad records as a limit counts them: one that swallowed lines counts once for each.
  var badLines: Int { bad + lostLines }
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
    lostLines += other.lostLines
    add(other.lines, at: other.longestPlace)
    located = Array((located + other.located).prefix(Self.locatedLimit))
  }

  /// Adds the lines of records.
  /// - Parameter place: where the longest of them begins.
  mutating func add(_ other: RecordLines, at place: @autoclosure () -> String) {
    if other.most > lines.most { longestPlace = place() }
    lines.add(other)
  }

  /// What is to be said of the longest record: nil, unless it is longer than the others by orders.
  var lineWarning: String? {
    guard lines.standsOut(of: read) else { return nil }
    return "\(longestPlace): the record has \(lines.most) lines, and 99 % of the others have at most "
      + "\(lines.usual(of: read)): a quote that stands there by mistake would swallow records like this"
  }

  mutating func add(_ batch: Batch) {
    read += batch.recordCount
    written += batch.recordCount - batch.excludedCount
    guard batch.excludedCount > 0 else { return }
    for record in 0..<batch.recordCount { excluded[Int(batch.verdicts[record])] += 1 }
    excluded[Int(Verdict.live.rawValue)] = 0
  }
}
