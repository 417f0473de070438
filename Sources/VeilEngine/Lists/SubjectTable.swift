/// People by their digests, each with a number. The entries are sorted and take 24 bytes each, and the index about one
/// byte more.
///
/// Digests are distributed evenly, so their first bits tell where they are among the sorted entries: a look-up reads
/// one place of the index and about eight entries. A hash table would be as fast, but half empty, and twice as large
/// while it grows; this table is sorted in place.
///
/// Sound to share: one thread fills and seals it before any other thread gets it, and after that nothing changes.
@safe
final class SubjectTable: @unchecked Sendable {
  struct Entry: BitwiseCopyable {
    var digest: SubjectDigest
    var payload: UInt64
  }

  private var entries = Buffer<Entry>()
  /// The start of each bucket's entries, and the end of the last one.
  private var index: [UInt32] = []
  private var bits = 0
  private var isSealed = false

  /// The number of entries; after sealing, the number of people.
  var count: Int { entries.count }

  /// The largest number of entries.
  static let limit = Int(UInt32.max)

  func add(_ digest: SubjectDigest, payload: UInt64 = 0) {
    precondition(!isSealed, "a sealed table takes no more")
    entries.append(Entry(digest: digest, payload: payload))
  }

  func add(_ more: borrowing Buffer<Entry>) {
    precondition(!isSealed, "a sealed table takes no more")
    unsafe entries.append(more.start, count: more.count)
  }

  /// Returns the number of a person; nil if the person is not in the table.
  func payload(of digest: SubjectDigest) -> UInt64? {
    precondition(isSealed, "a table is sealed before it is asked")
    let bucket = self.bucket(digest)
    // Sound: the index counts entries that are there.
    let base = unsafe entries.start
    for place in Int(index[bucket])..<Int(index[bucket + 1]) {
      if unsafe base[place].digest == digest { return unsafe base[place].payload }
    }
    return nil
  }

  func contains(_ digest: SubjectDigest) -> Bool { payload(of: digest) != nil }

  /// Sorts the entries and keeps one for each person: the one with the largest number.
  func seal() {
    precondition(!isSealed && count <= Self.limit)
    isSealed = true
    bits = count < 64 ? 0 : Int.bitWidth - count.leadingZeroBitCount - 4
    index = [UInt32](repeating: 0, count: 1 << bits + 1)
    moveToBuckets()
    mergeBuckets()
  }

  private func bucket(_ digest: SubjectDigest) -> Int {
    bits == 0 ? 0 : Int(truncatingIfNeeded: digest.high >> UInt64(64 - bits))
  }

  /// Moves the entries into their buckets by one digit of an American flag sort (McIlroy, Bostic, McIlroy, "Engineering
  /// Radix Sort", 1993).
  private func moveToBuckets() {
    // Sound: all places are below `count`.
    let base = unsafe entries.start
    for place in 0..<count { index[unsafe bucket(base[place].digest) + 1] += 1 }
    for bucket in 1..<index.count { index[bucket] += index[bucket - 1] }
    var next = index
    for home in 0..<index.count - 1 {
      while next[home] < index[home + 1] {
        var entry = unsafe base[Int(next[home])]
        var bucket = self.bucket(entry.digest)
        while bucket != home {
          unsafe swap(&entry, &base[Int(next[bucket])])
          next[bucket] += 1
          bucket = self.bucket(entry.digest)
        }
        unsafe base[Int(next[home])] = entry
        next[home] += 1
      }
    }
  }

  private func mergeBuckets() {
    let base = unsafe entries.start
    var kept = 0
    var start = 0
    for bucket in 0..<index.count - 1 {
      let end = Int(index[bucket + 1])
      var part = unsafe UnsafeMutableBufferPointer(start: base + start, count: end - start)
      if part.count > 1 { unsafe part.sort(by: Self.isBefore) }
      index[bucket] = UInt32(kept)
      let first = kept
      for place in start..<end {
        let entry = unsafe base[place]
        // The largest number of a person comes last.
        if unsafe kept > first && base[kept - 1].digest == entry.digest { kept -= 1 }
        unsafe base[kept] = entry
        kept += 1
      }
      start = end
    }
    index[index.count - 1] = UInt32(kept)
    entries.truncate(to: kept)
  }

  private static func isBefore(_ a: Entry, _ b: Entry) -> Bool {
    if a.digest.high != b.digest.high { return a.digest.high < b.digest.high }
    if a.digest.low != b.digest.low { return a.digest.low < b.digest.low }
    return a.payload < b.payload
  }
}
