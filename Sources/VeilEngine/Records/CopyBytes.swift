import Glibc
import VeilConfig

/// Copies `count` bytes; short runs take one to four vector moves. Both sides must be allocated even if `count` is 0.
///
/// Sound because `Buffer` keeps 64 bytes of slack after every allocation: the reads and writes past `count` stay inside
/// the allocations on both sides, and what they write is overwritten later or never read.
@inline(__always)
func copyBytes(to target: UnsafeMutablePointer<UInt8>, from source: UnsafePointer<UInt8>, count: Int) {
  let to = UnsafeMutableRawPointer(target)
  let from = unsafe UnsafeRawPointer(source)
  @inline(__always) func move(_ offset: Int) {
    unsafe (to + offset).storeBytes(
      of: (from + offset).loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  }
  if count <= 64 {
    move(0)
    if count > 16 { move(16) }
    if count > 32 {
      move(32)
      move(48)
    }
  } else {
    unsafe memcpy(to, from, count)
  }
}

extension Buffer where Element == UInt8 {
  /// Appends bytes of another `Buffer`; see `copyBytes`.
  @inline(__always)
  mutating func appendShort(_ bytes: UnsafePointer<UInt8>, count more: Int) {
    // A buffer that was never used has no slack; this is true for both sides.
    guard more > 0 else { return }
    reserve(more)
    unsafe copyBytes(to: end, from: bytes, count: more)
    advance(by: more)
  }

  /// Does the same and appends one more byte.
  @inline(__always)
  mutating func appendShort(_ bytes: UnsafePointer<UInt8>, count more: Int, then last: UInt8) {
    reserve(more + 1)
    if more > 0 { unsafe copyBytes(to: end, from: bytes, count: more) }
    unsafe end[more] = last
    advance(by: more + 1)
  }

  /// Does the same and puts a quote before and after the bytes.
  @inline(__always)
  mutating func appendQuoted(_ bytes: UnsafePointer<UInt8>, count more: Int, quote: UInt8) {
    reserve(more + 2)
    unsafe end[0] = quote
    if more > 0 { unsafe copyBytes(to: end + 1, from: bytes, count: more) }
    unsafe end[more + 1] = quote
    advance(by: more + 2)
  }
}
