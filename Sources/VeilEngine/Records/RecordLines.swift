/// How many lines the records of a CSV input have that have several, and which has the most. A quote that stands there
/// by mistake swallows all lines up to the next one; where that closes at a field's end, the record is well-formed.
struct RecordLines: Sendable, Equatable {
  /// The number of records of 2 lines, 3 to 4, 5 to 8, and so on.
  private var counts = SIMD32<Int>()
  /// The most lines that a record has.
  private(set) var most = 1
  /// The first record that has them: its number in its batch.
  private(set) var record = 0

  var isEmpty: Bool { most == 1 }

  /// Adds a record of two or more lines.
  mutating func add(_ lines: Int, record: Int) {
    counts[Self.bucket(lines)] += 1
    if lines > most { (most, self.record) = (lines, record) }
  }

  /// Adds those of a later batch.
  mutating func add(_ other: RecordLines) {
    counts &+= other.counts
    if other.most > most { (most, record) = (other.most, other.record) }
  }

  private static func bucket(_ lines: Int) -> Int { min(31, Int.bitWidth - (lines - 1).leadingZeroBitCount - 1) }

  /// The least number of lines, rounded up to a power of two, that 99 % of `total` records do not exceed, the longest
  /// left out.
  func usual(of total: Int) -> Int {
    let others = max(0, total - 1)
    var within = total - (0..<32).reduce(0) { $0 + counts[$1] }
    var lines = 1
    for bucket in 0..<32 where within * 100 < others * 99 {
      within += counts[bucket]
      lines = 2 << bucket
    }
    return lines
  }

  /// Whether the longest record is longer than the others by orders.
  func standsOut(of total: Int) -> Bool { most >= 100 && most >= 100 * usual(of: total) }
}
