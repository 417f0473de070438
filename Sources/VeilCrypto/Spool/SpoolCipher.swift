import COpenSSL
import Synchronization

/// Encrypts temporary data on the disk, block by block, under a random key that exists only in this object: nobody can
/// read what a killed run leaves behind.
///
/// AES-256-GCM (NIST SP 800-38D). A sealed block is the 8-byte number of the sealing, the ciphertext, and the 16-byte
/// tag. The nonce is that number, which no two sealings share, so blocks may be sealed in any order and more than once.
/// The block's index is authenticated as well: decryption fails for a block that was changed, cut, or put in another
/// block's place. It does not fail for an earlier sealing of the same block; code that rewrites blocks must not rely on
/// getting the newest one.
///
/// Threads may share it and then take turns; if many threads seal much, each has its own.
public final class SpoolCipher: Sendable {
  /// The number of bytes that a sealed block has in addition to its contents.
  public static let overhead = numberByteCount + tagByteCount

  private static let numberByteCount = 8
  private static let tagByteCount = 16
  /// The largest block, because OpenSSL counts in `Int32`.
  private static let blockLimit = Int(Int32.max) - 64

  private let sealing: Mutex<Sealing>
  private let opening: Mutex<GCMContext>

  private struct Sealing: ~Copyable, Sendable {
    var context: GCMContext
    var number: UInt64 = 0
  }

  /// Makes a key.
  public init() {
    let key = SecretBytes.random(count: 32)
    sealing = Mutex(Sealing(context: GCMContext(key: key, encrypts: true)))
    opening = Mutex(GCMContext(key: key, encrypts: false))
  }

  /// Writes `contents`, sealed as block `index`, to the start of `out`, which must not overlap it. Returns the number
  /// of bytes written, `contents.count + overhead`. Throws `bufferTooSmall` or `blockSize`.
  @discardableResult
  public func encrypt(
    block index: UInt64, _ contents: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) throws(CryptoError) -> Int {
    let count = contents.count
    guard count <= Self.blockLimit else { throw .blockSize(byteCount: count) }
    guard out.count >= count + Self.overhead, let start = out.baseAddress else {
      throw .bufferTooSmall(needed: count + Self.overhead, given: out.count)
    }
    // Sound: the check above ensures that `out` can hold the number, the ciphertext and the tag.
    sealing.withLock { sealing in
      sealing.number += 1
      unsafe start.storeBytes(of: sealing.number.bigEndian, as: UInt64.self)
      sealing.context.begin(number: sealing.number, index: index)
      let body = unsafe start + Self.numberByteCount
      unsafe sealing.context.process(contents, into: body)
      unsafe sealing.context.finishSealing(tag: body + count)
    }
    return count + Self.overhead
  }

  /// Writes the contents of `sealed`, which was sealed as block `index`, to the start of `out`, which must not overlap
  /// it. Returns their number of bytes, `sealed.count - overhead`. Throws `notAuthentic` (and wipes what it wrote) if
  /// the block is not what was sealed; also `bufferTooSmall` and `blockSize`.
  @discardableResult
  public func decrypt(
    block index: UInt64, _ sealed: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) throws(CryptoError) -> Int {
    let count = sealed.count - Self.overhead
    guard (0...Self.blockLimit).contains(count) else { throw .blockSize(byteCount: sealed.count) }
    guard out.count >= count else { throw .bufferTooSmall(needed: count, given: out.count) }
    // Sound: the check above ensures that the block has room for its three parts, and `out` for the contents.
    let body = unsafe UnsafeRawBufferPointer(rebasing: sealed.dropFirst(Self.numberByteCount).prefix(count))
    let tag = unsafe UnsafeRawBufferPointer(rebasing: sealed.suffix(Self.tagByteCount))
    let number = unsafe UInt64(bigEndian: sealed.loadUnaligned(as: UInt64.self))
    let isAuthentic = opening.withLock { context in
      context.begin(number: number, index: index)
      if let start = out.baseAddress { unsafe context.process(body, into: start) }
      return unsafe context.finishOpening(tag: tag)
    }
    guard isAuthentic else {
      unsafe OPENSSL_cleanse(out.baseAddress, count)
      throw .notAuthentic(block: index)
    }
    return count
  }
}
