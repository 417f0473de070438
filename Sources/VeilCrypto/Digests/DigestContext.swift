/// Digests of many values after one prefix (a salt), which is absorbed once.
///
/// It is cheap to make. Threads must not share it: each worker thread has its own. A salt does not protect the digests
/// of values that can be guessed (names, e-mail addresses) from people who know the salt; a key that stays secret does:
/// see `HMACContext`.
public final class DigestContext {
  public let algorithm: DigestAlgorithm
  /// The number of bytes that `digest` writes.
  public let byteCount: Int
  private let prepared: PreparedDigest
  private var gang = Gang()

  /// Absorbs `prefix`, which comes before every value.
  public init(_ algorithm: DigestAlgorithm, prefix: SecretBytes?) {
    self.algorithm = algorithm
    byteCount = algorithm.byteCount
    let hash = HashFunction(algorithm)
    if let prefix {
      prepared = unsafe prefix.withUnsafeBytes { unsafe PreparedDigest(hash, absorbing: $0) }
    } else {
      prepared = unsafe PreparedDigest(hash, absorbing: UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  /// Writes the digest of the prefix followed by `count` bytes at `value`: `byteCount` bytes at `out`, which must not
  /// overlap the value.
  public func digest(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    unsafe prepared.finish(value, count: count, into: out)
  }

  /// Computes the digests of all values of a batch.
  public func digest(_ batch: DigestBatch) {
    if let prefix = unsafe prepared.shortSHA256Prefix, unsafe gang.digest(batch, behind: prefix) { return }
    unsafe batch.makeEach { unsafe digest($0, count: $1, into: $2) }
  }

  /// Returns the digest of a single value as an array; for many values, use the pointers.
  public func digest(_ value: [UInt8]) -> [UInt8] {
    unsafe bytesOf(value, resultCount: byteCount) { unsafe digest($0, count: value.count, into: $1) }
  }
}

/// Runs `body` over an array's bytes and a new array's, which it must fill with `resultCount` bytes.
func bytesOf(
  _ value: [UInt8], resultCount: Int,
  _ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
) -> [UInt8] {
  // Sound: a placeholder byte stands in for the address an empty array need not have; nothing reads it.
  unsafe Array(unsafeUninitializedCapacity: max(resultCount, 1)) { result, count in
    unsafe result.initialize(repeating: 0)
    guard let out = result.baseAddress else { return }
    unsafe value.withUnsafeBufferPointer { unsafe body($0.baseAddress ?? UnsafePointer(out), out) }
    count = resultCount
  }
}
