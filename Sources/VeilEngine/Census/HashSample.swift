/// Counts how often each hash occurs: exactly up to a number of different hashes, and beyond it for a sample of them.
///
/// Adaptive sampling (Wegman; Flajolet 1990, "On adaptive sampling", Computing 43): when the table is full, only hashes
/// whose lowest bits are zero stay, and each time it takes one more bit. Every hash that stays has its exact count. So
/// the numbers of values, and of values that occur once, twice, …, are estimated without bias, with a relative error of
/// about 1.2 / sqrt(capacity). Which hashes stay depends only on the set of all hashes, so tables that are merged in
/// any order give the same result.
struct HashSample: Sendable {
  struct Entry: Sendable, BitwiseCopyable {
    /// The hash, never 0; 0 marks a free slot.
    var hash: UInt64
    /// A note of the owner about the value.
    var mark: UInt64
    var count: UInt32
    var shape: UInt32
  }

  private var slots: [Entry]
  private var mask: Int
  private let capacity: Int
  private(set) var size = 0
  /// How many low bits of a hash must be zero.
  private(set) var level: UInt64 = 0
  private var rejected: UInt64 = 0

  /// - Parameter capacity: how many different hashes are counted exactly.
  init(capacity: Int) {
    self.capacity = capacity
    slots = Array(repeating: Entry(hash: 0, mark: 0, count: 0, shape: 0), count: 64)
    mask = 63
  }

  var isExact: Bool { level == 0 }
  /// How many different hashes each entry stands for.
  var weight: Double { Double(sign: .plus, exponent: Int(level), significand: 1) }
  /// The number of different hashes, exact or estimated.
  var distinct: Double { Double(size) * weight }

  var entries: [Entry] { slots.filter { $0.hash != 0 } }

  /// Returns whether a hash is in the sample, or would be if it occurred.
  @inline(__always)
  func takes(_ hash: UInt64) -> Bool { hash & rejected == 0 }

  /// Returns the slot of a hash that `takes` accepts; a new hash is added with `count` 0. The slot is valid until the
  /// next call.
  @inline(__always)
  mutating func slot(of hash: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: hash >> 20) & mask
    while true {
      let found = slots[place].hash
      if found == hash { return place }
      if found == 0 { break }
      place = (place &+ 1) & mask
    }
    slots[place] = Entry(hash: hash, mark: 0, count: 0, shape: 0)
    size += 1
    return place
  }

  subscript(slot: Int) -> Entry {
    @inline(__always) get { slots[slot] }
    @inline(__always) _modify { yield &slots[slot] }
  }

  /// Makes room for the next entry; call it after an entry was added.
  @inline(__always)
  mutating func settle() {
    if size &* 2 > slots.count { makeRoom() }
  }

  /// Counts a hash.
  @inline(__always)
  mutating func add(_ hash: UInt64, count: UInt32 = 1) {
    let hash = hash == 0 ? 1 << 63 : hash
    guard takes(hash) else { return }
    let place = slot(of: hash)
    slots[place].count = slots[place].count.addingReportingOverflow(count).partialValue
    settle()
  }

  /// Returns how often a hash was counted; nil if it is not in the sample.
  func count(of hash: UInt64) -> Int? {
    let hash = hash == 0 ? 1 << 63 : hash
    guard takes(hash) else { return nil }
    var place = Int(truncatingIfNeeded: hash >> 20) & mask
    while slots[place].hash != 0 {
      if slots[place].hash == hash { return Int(slots[place].count) }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// Adds the counts of another table of the same capacity.
  mutating func merge(_ other: HashSample) {
    while level < other.level { raise() }
    for entry in other.slots where entry.hash != 0 && takes(entry.hash) {
      let place = slot(of: entry.hash)
      if slots[place].count == 0 { (slots[place].mark, slots[place].shape) = (entry.mark, entry.shape) }
      slots[place].count &+= entry.count
      settle()
    }
    while size > capacity { raise() }
  }

  private mutating func makeRoom() {
    while size > capacity { raise() }
    if size * 2 > slots.count { rebuild(slots.count * 2) }
  }

  /// Halves the sample.
  mutating func raise() {
    level += 1
    rejected = (1 << level) - 1
    rebuild(slots.count)
  }

  private mutating func rebuild(_ newCount: Int) {
    let old = slots
    slots = Array(repeating: Entry(hash: 0, mark: 0, count: 0, shape: 0), count: newCount)
    mask = newCount - 1
    size = 0
    for entry in old where entry.hash != 0 && takes(entry.hash) { slots[slot(of: entry.hash)] = entry }
  }

  /// How many hashes occur once, twice, …: exact or estimated, in ascending order of occurrence.
  var sizes: [(size: Int, classes: Double)] {
    var counts: [UInt32: Int] = [:]
    for entry in slots where entry.hash != 0 { counts[entry.count, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { (Int($0.key), Double($0.value) * weight) }
  }
}
