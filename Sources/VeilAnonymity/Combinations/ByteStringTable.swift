import VeilGround

/// Gives distinct byte strings dense numbers 0, 1, 2, … in the order of first insertion.
///
/// It uses open addressing with linear probing over 64-bit slots. The strings are stored end to end in one array, so a
/// look-up allocates nothing. The hash has a random seed in each process: the values come from outside, and nobody
/// should be able to choose values that collide. No result depends on the hash, only on the order of insertion.
///
/// Unsafe code here reads the key and compares it with stored bytes through pointers. Sound because every load ends at
/// or before the buffer's own count, and the stored range `starts[i] ..< starts[i + 1]` is always inside `storage`.
package struct ByteStringTable: Sendable {
  private var storage: [UInt8] = []
  private var starts: [Int] = [0]
  /// The upper half is the hash, and the lower half is the number + 1; 0 is a free slot. The top bits of a hash give
  /// the position of its slot, so growing the table needs neither the strings nor their full hashes.
  private var slots: [UInt64]
  private var slotBits: Int

  private static let processSeed = UInt64.random(in: .min ... .max)
  private let seed = ByteStringTable.processSeed

  package init(minimumCapacity: Int = 8) {
    slotBits = 4
    while (1 << slotBits) / 2 < minimumCapacity && slotBits < 32 { slotBits += 1 }
    slots = [UInt64](repeating: 0, count: 1 << slotBits)
  }

  package var count: Int { starts.count - 1 }

  /// Returns the number of `key`, or nil if it was never inserted.
  package func find(_ key: UnsafeRawBufferPointer) -> UInt32? {
    let hash = unsafe ValueHash.folded(key, seed: seed) >> 32
    var place = Int(truncatingIfNeeded: hash >> UInt64(32 - slotBits))
    let wrap = slots.count - 1
    while true {
      let slot = slots[place & wrap]
      if slot == 0 { return nil }
      let index = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) - 1
      if slot >> 32 == hash, unsafe equals(index, key) { return UInt32(truncatingIfNeeded: index) }
      place &+= 1
    }
  }

  /// Returns the number of `key`, and adds the key if it is new.
  mutating func insert(_ key: UnsafeRawBufferPointer) -> UInt32 {
    let hash = unsafe ValueHash.folded(key, seed: seed) >> 32
    var place = Int(truncatingIfNeeded: hash >> UInt64(32 - slotBits))
    let wrap = slots.count - 1
    while true {
      let slot = slots[place & wrap]
      if slot == 0 { break }
      let index = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) - 1
      if slot >> 32 == hash, unsafe equals(index, key) { return UInt32(truncatingIfNeeded: index) }
      place &+= 1
    }
    let number = UInt32(count)
    unsafe append(key)
    slots[place & wrap] = hash << 32 | UInt64(number) + 1
    if count > slots.count / 2 { grow() }
    return number
  }

  package mutating func insert(_ key: [UInt8]) -> UInt32 {
    unsafe key.withUnsafeBytes { unsafe insert($0) }
  }

  func find(_ key: [UInt8]) -> UInt32? {
    unsafe key.withUnsafeBytes { unsafe find($0) }
  }

  /// Adds a string that gets a number but is never found. It is used for a label that may equal another one.
  mutating func appendUnindexed(_ key: [UInt8]) -> UInt32 {
    let number = UInt32(count)
    unsafe key.withUnsafeBytes { unsafe append($0) }
    return number
  }

  /// Calls `body` with the bytes of string `index`.
  func withBytes<R, E: Error>(of index: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    let range = starts[index]..<starts[index + 1]
    return try unsafe storage.withUnsafeBufferPointer { (all) throws(E) -> R in
      try unsafe body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[range])))
    }
  }

  package subscript(index: Int) -> [UInt8] { Array(storage[starts[index]..<starts[index + 1]]) }

  /// Returns the length of a string in bytes, for code that copies the strings elsewhere.
  func length(of index: Int) -> Int { starts[index + 1] - starts[index] }

  /// Returns whether string `a` sorts before string `b`, byte by byte, with a prefix first.
  func precedes(_ a: Int, _ b: Int) -> Bool {
    storage[starts[a]..<starts[a + 1]].lexicographicallyPrecedes(storage[starts[b]..<starts[b + 1]])
  }

  private mutating func append(_ key: UnsafeRawBufferPointer) {
    unsafe storage.append(contentsOf: key)
    starts.append(storage.count)
  }

  private func equals(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
    let start = starts[index]
    guard starts[index + 1] - start == key.count else { return false }
    return unsafe storage.withUnsafeBytes { all in
      let own = unsafe UnsafeRawBufferPointer(rebasing: all[start..<start &+ key.count])
      var offset = 0
      while key.count &- offset > 8 {
        let same =
          unsafe own.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          == key.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if !same { return false }
        offset &+= 8
      }
      return unsafe ValueHash.tail(own, offset) == ValueHash.tail(key, offset)
    }
  }

  private mutating func grow() {
    guard slotBits < 32 else { return }
    slotBits += 1
    var larger = [UInt64](repeating: 0, count: 1 << slotBits)
    let wrap = larger.count - 1
    for slot in slots where slot != 0 {
      var place = Int(truncatingIfNeeded: slot >> UInt64(64 - slotBits))
      while larger[place & wrap] != 0 { place &+= 1 }
      larger[place & wrap] = slot
    }
    slots = larger
  }
}
