import VeilCrypto

/// The digest that stands for a person: 128 bits of HMAC-SHA-256 of the person's normalized name in the lists, under a
/// random key that lives as long as the run. Without the key nobody can construct a collision. With ten million
/// entries, the chance that a person is taken for another is about 2^-104 for each.
struct SubjectDigest: Hashable, BitwiseCopyable, Sendable {
  var high: UInt64
  var low: UInt64
}

/// Makes digests of values under the run's key. Belongs to one thread.
final class SubjectDigester {
  private let context: HMACContext
  private var out = [UInt8](repeating: 0, count: 64)

  init(_ key: SecretBytes) { context = HMACContext(algorithm: .sha256, key: key) }

  func digest(_ value: UnsafeBufferPointer<UInt8>) -> SubjectDigest {
    guard let base = value.baseAddress else { return SubjectDigest(high: 0, low: 0) }
    // Sound: `out` has more than a tag's 32 bytes.
    return unsafe out.withUnsafeMutableBytes { bytes in
      guard let target = bytes.baseAddress else { return SubjectDigest(high: 0, low: 0) }
      unsafe context.authenticate(base, count: value.count, into: target.assumingMemoryBound(to: UInt8.self))
      return unsafe SubjectDigest(
        high: bytes.load(as: UInt64.self), low: bytes.load(fromByteOffset: 8, as: UInt64.self))
    }
  }
}
