import COpenSSL

/// Keys derived from passphrases.
public enum PasswordKey {
  /// The cost of scrypt (RFC 7914): `cost` is a power of two above 1; `blockSize * parallelization` is below 2^30.
  public struct ScryptCost: Sendable, Equatable {
    public var cost: UInt64
    public var blockSize: UInt64
    public var parallelization: UInt64

    public init(cost: UInt64, blockSize: UInt64, parallelization: UInt64) {
      self.cost = cost
      self.blockSize = blockSize
      self.parallelization = parallelization
    }

    /// 128 MiB and about half a second, for a file that is opened once for each run.
    public static let standard = ScryptCost(cost: 1 << 17, blockSize: 8, parallelization: 1)
    /// The most memory that a file may ask for, in bytes.
    static let memoryLimit: UInt64 = 1 << 30

    var isSound: Bool {
      (2...1 << 24).contains(cost) && cost & (cost - 1) == 0 && (1...1 << 10).contains(blockSize)
        && (1...1 << 6).contains(parallelization)
        && 128 * blockSize * (cost + parallelization) <= Self.memoryLimit
    }
  }

  /// Derives `count` bytes by scrypt. Throws `derivationCost` for a cost that RFC 7914 does not allow or that needs
  /// more than 1 GiB.
  public static func scrypt(
    passphrase: SecretBytes, salt: [UInt8], cost: ScryptCost, count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard cost.isSound, count > 0 else { throw .derivationCost }
    return unsafe SecretBytes(count: count) { (key: UnsafeMutableRawBufferPointer) in
      unsafe passphrase.withUnsafeBytes { passphrase in
        let start = unsafe passphrase.baseAddress?.assumingMemoryBound(to: CChar.self)
        let out = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
        // OpenSSL needs a little more memory than the RFC's formula says.
        let limit = ScryptCost.memoryLimit + 1 << 24
        guard
          unsafe EVP_PBE_scrypt(
            start, passphrase.count, salt, salt.count, cost.cost, cost.blockSize, cost.parallelization, limit, out,
            count)
            == 1
        else { openSSLFailed("derive a key with scrypt") }
      }
    }
  }

  /// Derives `count` bytes by PBKDF2 with HMAC (RFC 8018). Throws `derivationCost` unless iterations and count are 1 or
  /// more.
  public static func pbkdf2(
    _ algorithm: DigestAlgorithm, passphrase: SecretBytes, salt: [UInt8], iterations: Int, count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard let rounds = Int32(exactly: iterations), rounds >= 1, (1...1 << 20).contains(count) else {
      throw .derivationCost
    }
    return unsafe SecretBytes(count: count) { (key: UnsafeMutableRawBufferPointer) in
      unsafe passphrase.withUnsafeBytes { passphrase in
        let start = unsafe passphrase.baseAddress?.assumingMemoryBound(to: CChar.self)
        let out = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard
          unsafe PKCS5_PBKDF2_HMAC(
            start, Int32(passphrase.count), salt, Int32(salt.count), rounds, HashFunction(algorithm).evp, Int32(count),
            out) == 1
        else { openSSLFailed("derive a key with PBKDF2") }
      }
    }
  }
}
