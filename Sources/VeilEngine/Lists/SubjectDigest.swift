import VeilCrypto

/// What is remembered of a person: 128 bits of HMAC-SHA-256 of their normalized name in the lists, under a random key
/// that lives as long as the run. Nobody can aim at a collision without the key, and with ten million entries a person
/// is taken for another with a chance of about 2^-104 each.
struct SubjectDigest: Hashable, BitwiseCopyable, Sendable {
  var high: UInt64
  var low: UInt64
}

/// Digests values under the run's key. Belongs to one thread.
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
