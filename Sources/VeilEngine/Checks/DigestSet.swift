/// A set of 128-bit keyed digests that takes 16 bytes for each slot. Among n values, the chance that two different ones
/// have the same digest is about n²/2¹²⁹: for a billion values, 10⁻²¹.
///
/// The set consists of parts that grow one at a time, so that growing needs little memory beyond what the set already
/// has.
struct DigestSet {
  typealias Digest = SIMD2<UInt64>

  private(set) var count = 0
  private var parts = [Part](repeating: Part(), count: 256)

  /// Adds a digest, and returns whether it is new.
  mutating func insert(_ digest: Digest) -> Bool {
    let isNew = parts[Int(truncatingIfNeeded: digest[1] >> 56)].insert(digest)
    if isNew { count += 1 }
    return isNew
  }

  /// A hash table with open addressing and linear probing, at most three quarters full. Zeros mark a free slot.
  private struct Part {
    private var places: [Digest] = []
    private var used = 0
    private var hasZero = false

    mutating func insert(_ digest: Digest) -> Bool {
      if digest == Digest() {
        defer { hasZero = true }
        return !hasZero
      }
      if 4 * (used + 1) > 3 * places.count { grow() }
      let place = find(digest)
      if places[place] == digest { return false }
      places[place] = digest
      used += 1
      return true
    }

    private func find(_ digest: Digest) -> Int {
      var place = Int(truncatingIfNeeded: digest[0]) & (places.count - 1)
      while places[place] != Digest(), places[place] != digest { place = (place + 1) & (places.count - 1) }
      return place
    }

    private mutating func grow() {
      let old = places
      places = Array(repeating: Digest(), count: max(16, 2 * old.count))
      for digest in old where digest != Digest() { places[find(digest)] = digest }
    }
  }
}
