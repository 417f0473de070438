import COpenSSL

/// HMAC (RFC 2104, FIPS 198-1) of many values under one key, whose two pads are absorbed once.
///
/// Privacy claim: without the key a token can be neither computed nor checked against a guess, so tokens are
/// pseudonyms. With the key, or by joining on tokens, persons can be singled out, so tokens are still personal data
/// (GDPR, article 4(5)).
///
/// It is cheap to make. Threads must not share it: each worker thread has its own. Its states are as secret as the key,
/// and are overwritten when it is released.
///
/// Sound: the memory for the inner digest is allocated in `init`, holds the longest digest, and is freed in `deinit`.
@safe
public final class HMACContext {
  /// The number of bytes that `authenticate` writes.
  public let byteCount: Int
  private let inner: PreparedDigest
  private let outer: PreparedDigest
  private let innerDigest: UnsafeMutablePointer<UInt8>
  private var gang = Gang()

  public convenience init(algorithm: DigestAlgorithm, key: SecretBytes) {
    self.init(HashFunction(algorithm), key: key)
  }

  init(_ hash: HashFunction, key: SecretBytes) {
    byteCount = hash.byteCount
    unsafe innerDigest = .allocate(capacity: 64)
    unsafe innerDigest.initialize(repeating: 0, count: 64)
    inner = Self.digest(hash, key: key, absorbingPad: 0x36)
    outer = Self.digest(hash, key: key, absorbingPad: 0x5C)
  }

  deinit {
    unsafe OPENSSL_cleanse(innerDigest, 64)
    unsafe innerDigest.deallocate()
  }

  /// Writes the tag of `count` bytes at `value`: `byteCount` bytes at `out`, which must not overlap the value.
  public func authenticate(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    unsafe inner.finish(value, count: count, into: innerDigest)
    unsafe outer.finish(innerDigest, count: byteCount, into: out)
  }

  /// Makes the tags of all values of a batch.
  public func authenticate(_ batch: DigestBatch) {
    if let inner = unsafe inner.sha256State, let outer = unsafe outer.sha256State,
      unsafe gang.authenticate(batch, inner: inner, outer: outer)
    {
      return
    }
    unsafe batch.makeEach { unsafe authenticate($0, count: $1, into: $2) }
  }

  /// Returns the tag of a single value as an array; for many values, use the pointers.
  public func authenticate(_ value: [UInt8]) -> [UInt8] {
    unsafe bytesOf(value, resultCount: byteCount) { unsafe authenticate($0, count: value.count, into: $1) }
  }

  /// Absorbs the key, combined with a pad's byte. The key is hashed first if it is longer than a block, and is filled
  /// up with zeros.
  private static func digest(_ hash: HashFunction, key: SecretBytes, absorbingPad pad: UInt8) -> PreparedDigest {
    unsafe withCleansedBytes(count: hash.blockByteCount) { block in
      unsafe key.withUnsafeBytes { key in
        if key.count <= block.count {
          unsafe block.copyMemory(from: key)
        } else if let start = key.baseAddress, let out = block.baseAddress {
          unsafe PreparedDigest(hash, absorbing: UnsafeRawBufferPointer(start: nil, count: 0)).finish(
            start.assumingMemoryBound(to: UInt8.self), count: key.count,
            into: out.assumingMemoryBound(to: UInt8.self))
        }
      }
      for index in block.indices { unsafe block[index] ^= pad }
      return unsafe PreparedDigest(hash, absorbing: UnsafeRawBufferPointer(block))
    }
  }
}
