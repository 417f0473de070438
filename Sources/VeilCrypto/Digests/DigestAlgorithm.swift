import COpenSSL

/// A digest that a pipeline may name.
public enum DigestAlgorithm: String, CaseIterable, Sendable {
  /// SHA-2 of 256, 384 and 512 bits (FIPS 180-4).
  case sha256, sha384, sha512
  /// SHA-3 of 256 bits (FIPS 202).
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case sha3_256 = "sha3-256"
  /// BLAKE2b of 512 bits (RFC 7693).
  case blake2b512

  /// The number of bytes in a digest.
  public var byteCount: Int { HashFunction(self).byteCount }
}

/// A digest algorithm of OpenSSL. There is one more than a pipeline may name.
enum HashFunction {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case sha256, sha384, sha512, sha512_256, sha3_256, blake2b512

  init(_ algorithm: DigestAlgorithm) {
    self =
      switch algorithm {
      case .sha256: .sha256
      case .sha384: .sha384
      case .sha512: .sha512
      case .sha3_256: .sha3_256
      case .blake2b512: .blake2b512
      }
  }

  var byteCount: Int {
    switch self {
    case .sha256, .sha512_256, .sha3_256: 32
    case .sha384: 48
    case .sha512, .blake2b512: 64
    }
  }

  /// The number of bytes in an input block, to which HMAC pads its key (for SHA-3, the rate).
  var blockByteCount: Int {
    switch self {
    case .sha256: 64
    case .sha384, .sha512, .sha512_256, .blake2b512: 128
    case .sha3_256: 136
    }
  }

  /// OpenSSL's static description, which is never freed.
  var evp: OpaquePointer? {
    switch self {
    case .sha256: unsafe EVP_sha256()
    case .sha384: unsafe EVP_sha384()
    case .sha512: unsafe EVP_sha512()
    case .sha512_256: unsafe EVP_sha512_256()
    case .sha3_256: unsafe EVP_sha3_256()
    case .blake2b512: unsafe EVP_blake2b512()
    }
  }
}
