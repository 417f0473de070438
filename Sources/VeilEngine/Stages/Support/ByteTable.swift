/// A table from byte strings to small numbers. It is searched with bytes, so no `String` is made for a look-up.
///
/// Open addressing with linear probing; built once, then only read.
struct ByteTable: Sendable {
  /// All keys one after the other, and the end of each.
  private var bytes: [UInt8] = []
  private var ends: [Int] = [0]
  private var hashes: [UInt64] = []
  /// Each slot holds a key's number plus 1, or 0 if it is free. The size is a power of two, and some slots stay free.
  private var slots: [Int32]

  /// The largest number of keys. A file of 256 MiB cannot hold more different keys.
  static let limit = 1 << 28

  init() { slots = Array(repeating: 0, count: 16) }

  var count: Int { ends.count - 1 }

  /// Adds a key under the next number. If an equal key exists, adds nothing and returns that key's number.
  mutating func insert(_ key: Span<UInt8>) -> Int? {
    if let existing = self[key] { return existing }
    precondition(count < Self.limit)
    for index in key.indices { bytes.append(key[index]) }
    ends.append(bytes.count)
    hashes.append(Self.hash(key))
    if count * 2 > slots.count {
      slots = Array(repeating: 0, count: slots.count * 2)
      for number in 0..<count { place(number) }
    } else {
      place(count - 1)
    }
    return nil
  }

  private mutating func place(_ number: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hashes[number]) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(number + 1)
  }

  /// The number of the key with exactly these bytes.
  subscript(key: Span<UInt8>) -> Int? {
    let mask = slots.count - 1
    let hash = Self.hash(key)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == hash && isKey(number, key) { return number }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private func isKey(_ number: Int, _ key: Span<UInt8>) -> Bool {
    let start = ends[number]
    guard ends[number + 1] - start == key.count else { return false }
    for index in key.indices where bytes[start + index] != key[index] { return false }
    return true
  }

  /// Returns FNV-1a, with its high bits folded in at the end. Only the pipeline's author chooses keys, so no attacker
  /// can choose keys that collide.
  private static func hash(_ key: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in key.indices { hash = (hash ^ UInt64(key[index])) &* 0x0000_0100_0000_01B3 }
    return hash ^ hash >> 32
  }
}
