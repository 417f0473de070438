/// An error of a cryptographic operation on which the caller can act.
public enum CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A key derivation would need more bytes than its definition allows (RFC 5869: 255 digests).
  case outputTooLong(requested: Int, limit: Int)
  /// A field of a derivation is too long for its length of four bytes.
  case fieldTooLong(byteCount: Int)
  /// The output buffer cannot hold the result.
  case bufferTooSmall(needed: Int, given: Int)
  /// A block of temporary data is larger than the cipher takes in one call, or too short to be a block.
  case blockSize(byteCount: Int)
  /// A cipher's key does not have the right length.
  case keySize(byteCount: Int)
  /// The cost of deriving a key from a passphrase is not allowed.
  case derivationCost
  /// A radix outside 2 to 256, or a tweak too long for FF1.
  case formatParameters
  /// A block of temporary data is not what was written: it is damaged, was changed, or belongs to another place.
  case notAuthentic(block: UInt64)

  public var description: String {
    switch self {
    case .outputTooLong(let requested, let limit):
      "a key derivation gives 0 to \(limit) bytes, \(requested) were asked for"
    case .fieldTooLong(let byteCount):
      "a field of a key derivation holds \(byteCount) bytes, more than its 4-byte length can say"
    case .bufferTooSmall(let needed, let given):
      "the result takes \(needed) bytes, the buffer holds \(given)"
    case .blockSize(let byteCount):
      "a block of \(byteCount) bytes cannot be a block of temporary data"
    case .keySize(let byteCount): "the cipher takes no key of \(byteCount) bytes"
    case .derivationCost: "the cost of deriving a key from a passphrase is outside what is allowed"
    case .formatParameters: "format-preserving encryption takes a radix of 2 to 256 and a tweak of up to 1024 bytes"
    case .notAuthentic(let block):
      "block \(block) of the temporary data is not what was written; it was damaged or changed on disk"
    }
  }
}
