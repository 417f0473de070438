/// A digest that has absorbed a prefix once and continues from there for every value. So the cost of a salt or of a
/// key's pad arises once and not for each value.
///
/// `finish` uses scratch memory of its own, so one instance serves one thread.
enum PreparedDigest: ~Copyable {
  case sha256(PreparedSHA256)
  case evp(PreparedEVPDigest)

  init(_ hash: HashFunction, absorbing prefix: UnsafeRawBufferPointer) {
    if hash == .sha256, !DigestMaker.isFIPS {
      self = unsafe .sha256(PreparedSHA256(absorbing: prefix))
    } else {
      self = unsafe .evp(PreparedEVPDigest(hash, absorbing: prefix))
    }
  }

  /// Writes the digest of the prefix followed by `count` bytes at `value`.
  func finish(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    switch self {
    case .sha256(let digest): unsafe digest.finish(value, count: count, into: out)
    case .evp(let digest): unsafe digest.finish(value, count: count, into: out)
    }
  }

  /// SHA-256's eight words after the prefix's whole blocks; nil for other digests.
  var sha256State: UnsafePointer<UInt32>? {
    switch self {
    case .sha256(let digest): unsafe digest.state
    case .evp: nil
    }
  }

  /// The prefix of a SHA-256, if it is shorter than a block.
  var shortSHA256Prefix: UnsafeBufferPointer<UInt8>? {
    switch self {
    case .sha256(let digest): unsafe digest.shortPrefix
    case .evp: nil
    }
  }
}
