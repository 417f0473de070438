import VeilCrypto
import VeilGround

/// Brings the records of one sink into an order that says nothing about the input's: that of a keyed digest of each
/// record's running number. Under a random key that nobody stores, every order is as likely as any other.
///
/// Records are gathered in memory up to a bound. What does not fit is sorted and written to an encrypted file without a
/// name (`SortedRuns`), and all such runs are merged at the end: an external merge sort (Knuth, The Art of Computer
/// Programming, volume 3, 5.4). The bytes that come out depend on the records and the key alone, neither on the bound
/// nor on how the records were divided into calls of `add`.
///
/// Sound: entries lie within the gathered bytes, which are not touched while pointers into them are used.
@safe
final class KeyedOrder {
  /// A gathered record.
  private struct Entry: BitwiseCopyable {
    var digest: SIMD2<UInt64>
    var start: Int
    var count: Int
  }

  private let cipher: OrderCipher
  private let memory: Int
  /// The number of records before the next one.
  private var number: UInt64 = 0
  private var digests = Buffer<SIMD2<UInt64>>()
  private var bytes = ByteBuffer()
  private var entries = Buffer<Entry>()
  private var runs: SortedRuns?

  /// The bytes that all sinks of a run gather together, and the least that each of many may gather.
  static let standardMemory = 64 << 20
  static let leastMemory = 1 << 20
  /// What a record needs besides its bytes, while it is gathered and sorted.
  private static let recordCost = MemoryLayout<Entry>.stride + MemoryLayout<SortItem>.stride + 4

  /// - Parameters:
  ///   - key: 32 bytes.
  ///   - memory: the bytes that are gathered before they are written as a sorted run; a longer record is a run alone.
  init(key: SecretBytes, memory: Int) {
    cipher = OrderCipher(key: key)
    self.memory = memory
  }

  /// The bytes of memory that `count` records with `bytes` bytes need.
  private static func cost(_ count: Int, bytes: Int) -> Int { bytes + count * recordCost }

  /// Takes records in input order. `ends` says where each of them ends in `records`, and the next one begins.
  func add(_ records: borrowing ByteBuffer, ends: borrowing Buffer<UInt32>) throws(OutputError) {
    let count = ends.count
    precondition((count == 0 ? 0 : Int(ends[count - 1])) == records.count, "every byte belongs to a record")
    if count == 0 { return }
    digests.removeAll()
    digests.reserve(count)
    unsafe cipher.digests(from: number, count: count, into: digests.end)
    digests.advance(by: count)
    number += UInt64(count)
    var (first, start) = (0, 0)
    while first < count {
      // As many as fit, and at least one.
      var (next, end) = (first, start)
      let room = memory - Self.cost(entries.count, bytes: bytes.count)
      while next < count, Self.cost(next + 1 - first, bytes: Int(ends[next]) - start) <= room {
        end = Int(ends[next])
        next += 1
      }
      if next == first {
        if entries.isEmpty { (next, end) = (first + 1, Int(ends[first])) } else { try spill() }
      }
      gather(records, ends: ends, range: first..<next, start: start, end: end)
      (first, start) = (next, end)
    }
  }

  private func gather(
    _ records: borrowing ByteBuffer, ends: borrowing Buffer<UInt32>, range: Range<Int>, start: Int, end: Int
  ) {
    let shift = bytes.count - start
    unsafe bytes.append(records.start + start, count: end - start)
    entries.reserve(range.count)
    var start = start
    for index in range {
      let end = Int(ends[index])
      entries.append(Entry(digest: digests[index], start: start + shift, count: end - start))
      start = end
    }
  }

  /// Writes all records to `sink` in order, with `separator` between them. Nothing can be added any more.
  /// - Parameter limit: how many of them are written; nil for all.
  func finish(into sink: any ByteSink, separator: StaticString, limit: Int? = nil) throws(OutputError) {
    var writer = RecordWriter(sink, separator: separator, limit: limit)
    if runs == nil {
      try inOrder { (record) throws(OutputError) in try writer.write(record) }
      return try writer.flush()
    }
    try spill()
    // The memory of what was gathered is free for the merge.
    bytes = ByteBuffer()
    entries = Buffer<Entry>()
    digests = Buffer<SIMD2<UInt64>>()
    guard let runs else { return }
    self.runs = nil
    try RunMerge.all(of: runs) { (record) throws(OutputError) in try writer.write(record) }
    try writer.flush()
  }

  /// Writes what was gathered as a sorted run.
  private func spill() throws(OutputError) {
    if entries.isEmpty { return }
    if runs == nil { runs = try SortedRuns() }
    guard let runs else { return }
    runs.begin()
    try inOrder { (record) throws(OutputError) in try runs.append(record) }
    try runs.end()
    bytes.removeAll()
    entries.removeAll()
  }

  /// Hands the gathered records to `body` in order.
  private func inOrder(_ body: OrderedRecord.Visitor) throws(OutputError) {
    let items = sorted()
    for place in 0..<items.count {
      let entry = entries[Int(items[place].index)]
      try body(
        unsafe OrderedRecord(
          digest: entry.digest, bytes: UnsafePointer(bytes.start) + entry.start, count: entry.count))
    }
  }

  /// A gathered record while it is sorted: the first half of its digest, and its place among the entries.
  private struct SortItem: BitwiseCopyable {
    var high: UInt64
    var index: UInt32
  }

  /// Returns the gathered records in order. Digests are spread evenly, so after one distribution by their first bits
  /// each is next to its place (Knuth, volume 3, 5.2.5), and an insertion sort has nearly nothing left to do.
  private func sorted() -> Buffer<SortItem> {
    let count = entries.count
    let bits = min(24, max(1, 62 - count.leadingZeroBitCount))
    var places = [UInt32](repeating: 0, count: 1 << bits + 1)
    for index in 0..<count { places[Int(entries[index].digest[0] >> (64 - bits)) + 1] += 1 }
    for bucket in 1..<places.count { places[bucket] += places[bucket - 1] }
    var items = Buffer<SortItem>()
    items.append(repeating: SortItem(high: 0, index: 0), count: count)
    for index in 0..<count {
      let high = entries[index].digest[0]
      let bucket = Int(high >> (64 - bits))
      items[Int(places[bucket])] = SortItem(high: high, index: UInt32(index))
      places[bucket] += 1
    }
    for next in 0..<count {
      let item = items[next]
      var place = next
      while place > 0, isBefore(item, items[place - 1]) {
        items[place] = items[place - 1]
        place -= 1
      }
      items[place] = item
    }
    return items
  }

  private func isBefore(_ a: SortItem, _ b: SortItem) -> Bool {
    if a.high != b.high { return a.high < b.high }
    return entries[Int(a.index)].digest[1] < entries[Int(b.index)].digest[1]
  }
}
