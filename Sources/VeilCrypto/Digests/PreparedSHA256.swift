import COpenSSL
import Glibc

/// SHA-256 of a prefix followed by a value, for many values.
///
/// A value that fits into the last block after the prefix's remainder (up to 55 bytes if the prefix fills whole blocks)
/// costs one compression: the padding of FIPS 180-4, section 5.1.1, is written here, around a block that was prepared
/// once. For longer values, OpenSSL's own functions continue from a copy of the state.
///
/// Sound: the memory is allocated in `init` and freed in `deinit`, this type cannot be copied, and a value is copied
/// into the block only after a check that its length leaves room for the padding.
@safe
struct PreparedSHA256: ~Copyable {
  /// The state after the prefix, and the copy in use.
  private let prepared: UnsafeMutablePointer<SHA256_CTX>
  private let scratch: UnsafeMutablePointer<SHA256_CTX>
  /// The prefix's remainder followed by zeros, and the block in use.
  private let template: UnsafeMutablePointer<SIMD64<UInt8>>
  private let block: UnsafeMutablePointer<SIMD64<UInt8>>
  private let prefixCount: Int
  private let remainder: Int

  init(absorbing prefix: UnsafeRawBufferPointer) {
    unsafe prepared = .allocate(capacity: 2)
    unsafe prepared.initialize(repeating: SHA256_CTX(), count: 2)
    unsafe scratch = prepared + 1
    unsafe template = .allocate(capacity: 2)
    unsafe template.initialize(repeating: SIMD64(), count: 2)
    unsafe block = template + 1
    prefixCount = prefix.count
    remainder = prefix.count % 64

    guard unsafe SHA256_Init(prepared) == 1, unsafe SHA256_Update(prepared, prefix.baseAddress, prefix.count) == 1
    else { openSSLFailed("start SHA-256") }
    unsafe scratch.pointee = prepared.pointee
    let tail = unsafe UnsafeRawBufferPointer(rebasing: prefix[(prefix.count - remainder)...])
    unsafe UnsafeMutableRawBufferPointer(start: template, count: 64).copyMemory(from: tail)
  }

  deinit {
    unsafe OPENSSL_cleanse(prepared, 2 * MemoryLayout<SHA256_CTX>.stride)
    unsafe OPENSSL_cleanse(template, 2 * MemoryLayout<SIMD64<UInt8>>.stride)
    unsafe prepared.deallocate()
    unsafe template.deallocate()
  }

  /// The eight words after the prefix's whole blocks.
  var state: UnsafePointer<UInt32> {
    // Sound: the words are the first in OpenSSL's structure, which lives as long as this object.
    unsafe UnsafeRawPointer(prepared).assumingMemoryBound(to: UInt32.self)
  }

  /// The prefix, if it is shorter than a block.
  var shortPrefix: UnsafeBufferPointer<UInt8>? {
    guard prefixCount < 64 else { return nil }
    let bytes = unsafe UnsafeRawPointer(template).assumingMemoryBound(to: UInt8.self)
    return unsafe UnsafeBufferPointer(start: bytes, count: prefixCount)
  }

  /// Writes the 32 bytes of the digest.
  func finish(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    // One byte ends the message, and eight bytes hold its length in bits.
    guard count <= 64 - 9 - remainder else { return unsafe finishLong(value, count: count, into: out) }
    unsafe block.pointee = template.pointee
    let bytes = unsafe UnsafeMutableRawPointer(block)
    unsafe copyShort(value, count, to: bytes + remainder)
    unsafe bytes.storeBytes(of: 0x80, toByteOffset: remainder + count, as: UInt8.self)
    let bitCount = UInt64(truncatingIfNeeded: prefixCount + count) << 3
    unsafe bytes.storeBytes(of: bitCount.bigEndian, toByteOffset: 56, as: UInt64.self)

    unsafe scratch.pointee.h = prepared.pointee.h
    unsafe SHA256_Transform(scratch, bytes.assumingMemoryBound(to: UInt8.self))
    let h = unsafe scratch.pointee.h
    let digest = SIMD8(
      h.0.bigEndian, h.1.bigEndian, h.2.bigEndian, h.3.bigEndian,
      h.4.bigEndian, h.5.bigEndian, h.6.bigEndian, h.7.bigEndian)
    unsafe UnsafeMutableRawPointer(out).storeBytes(of: digest, as: SIMD8<UInt32>.self)
  }

  private func finishLong(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    unsafe scratch.pointee = prepared.pointee
    guard unsafe SHA256_Update(scratch, value, count) == 1, unsafe SHA256_Final(out, scratch) == 1
    else { openSSLFailed("finish SHA-256") }
  }
}

/// Copies at most 64 bytes by moves that overlap, without a call. Outside of `count` bytes, neither side is read or
/// written.
@inline(__always)
private func copyShort(_ source: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutableRawPointer) {
  let from = unsafe UnsafeRawPointer(source)
  @inline(__always) func move<T: BitwiseCopyable>(_ type: T.Type, _ size: Int) {
    let last = count - size
    let tail = unsafe (from + last).loadUnaligned(as: type)
    unsafe target.storeBytes(of: from.loadUnaligned(as: type), as: type)
    unsafe (target + last).storeBytes(of: tail, as: type)
  }
  if count >= 32 {
    move(SIMD32<UInt8>.self, 32)
  } else if count >= 16 {
    move(SIMD16<UInt8>.self, 16)
  } else if count >= 8 {
    move(UInt64.self, 8)
  } else if count >= 4 {
    move(UInt32.self, 4)
  } else {
    for index in 0..<count {
      let byte = unsafe source[index]
      unsafe target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
  }
}
