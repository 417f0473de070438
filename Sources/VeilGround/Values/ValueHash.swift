/// 64 bits of a folded-multiply hash (the construction of wyhash), eight bytes a step.
///
/// Sound because every load ends at or before the value's own count.
package enum ValueHash {
  @inlinable @inline(__always)
  package static func hash(_ key: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    unsafe mixed(folded(key, seed: seed))
  }

  /// The hash without its last mixing, for tables that look only at its upper half.
  @inlinable @inline(__always)
  package static func folded(_ key: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    let count = key.count
    var state = seed ^ (UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15)
    var offset = 0
    while count &- offset > 8 {
      state = unsafe fold(state ^ key.loadUnaligned(fromByteOffset: offset, as: UInt64.self), 0xA076_1D64_78BD_642F)
      offset &+= 8
    }
    return unsafe fold(state ^ tail(key, offset), 0xE703_7ED1_A0B4_28DB)
  }

  /// SplitMix64's finisher (Steele, Lea, Flood 2014): a bijection.
  @inlinable @inline(__always)
  package static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns the last bytes, eight or fewer, as one number that differs for different bytes of the same length. Loads
  /// overlap, so that none goes past the end.
  @inlinable @inline(__always)
  package static func tail(_ key: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    let rest = key.count &- offset
    if rest == 8 { return unsafe key.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    if rest >= 4 {
      let first = unsafe key.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let last = unsafe key.loadUnaligned(fromByteOffset: key.count &- 4, as: UInt32.self)
      return UInt64(first) | UInt64(last) << 32
    }
    if rest == 0 { return 0 }
    let first = unsafe key[offset]
    let middle = unsafe key[offset &+ rest >> 1]
    let last = unsafe key[key.count &- 1]
    return UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16
  }

  @usableFromInline @inline(__always)
  static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
