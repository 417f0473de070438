import COpenSSL

/// AES-GCM (NIST SP 800-38D) of single values, with the key prepared once: equal values give different tokens each
/// time.
///
/// With random nonces, one key may encrypt up to 2^32 values (SP 800-38D, section 8.3).
///
/// Sound: both contexts and the store of nonces are made in `init` and freed (cleansed) in `deinit`. Not for sharing.
@safe
public final class GCMCipher {
  public static let nonceByteCount = 12
  public static let tagByteCount = 16
  /// The number of bytes that a value encrypted with a random nonce has in addition to its own.
  public static let overhead = nonceByteCount + tagByteCount

  private let sealing: OpaquePointer
  private let opening: OpaquePointer
  private var associatedData: [UInt8]
  /// Nonces that are not used yet; many are drawn at a time.
  private var nonces = [UInt8](repeating: 0, count: 256 * nonceByteCount)
  private var nextNonce: Int

  /// Throws `keySize` unless the key has 16, 24 or 32 bytes.
  public init(key: SecretBytes, associatedData: [UInt8]) throws(CryptoError) {
    let cipher: OpaquePointer? =
      switch key.count {
      case 16: unsafe EVP_aes_128_gcm()
      case 24: unsafe EVP_aes_192_gcm()
      case 32: unsafe EVP_aes_256_gcm()
      default: throw .keySize(byteCount: key.count)
      }
    func start(encrypts: Bool) -> OpaquePointer {
      let context = unsafe EVP_CIPHER_CTX_new()
      let isReady = unsafe key.withUnsafeBytes { key in
        let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe EVP_CipherInit_ex2(context, cipher, start, nil, encrypts ? 1 : 0, nil) == 1
      }
      guard isReady, let context = unsafe context else { openSSLFailed("start AES-GCM") }
      return unsafe context
    }
    unsafe sealing = start(encrypts: true)
    unsafe opening = start(encrypts: false)
    self.associatedData = associatedData
    nextNonce = nonces.count
  }

  deinit {
    unsafe EVP_CIPHER_CTX_free(sealing)
    unsafe EVP_CIPHER_CTX_free(opening)
  }

  /// Writes a random nonce, the ciphertext and the tag: `count + overhead` bytes at `out`, which must not overlap the
  /// value. `count` is below 2^31 - 64.
  public func seal(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    if nextNonce == nonces.count {
      unsafe nonces.withUnsafeMutableBytes { unsafe SecureRandom.fill($0) }
      nextNonce = 0
    }
    for index in 0..<Self.nonceByteCount {
      unsafe out[index] = nonces[nextNonce + index]
      nonces[nextNonce + index] = 0
    }
    nextNonce += Self.nonceByteCount
    let body = unsafe out + Self.nonceByteCount
    unsafe process(sealing, nonce: out, nonceCount: Self.nonceByteCount, bytes: value, count: count, into: body)
    var nothing: UInt8 = 0
    var length: Int32 = 0
    guard unsafe EVP_CipherFinal_ex(sealing, &nothing, &length) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagByteCount), body + count) == 1
    else { openSSLFailed("finish AES-GCM") }
  }

  /// Writes the value of the output of `seal` to `out`. If it is not authentic, wipes `out` and returns false.
  public func open(_ sealed: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) -> Bool {
    guard count >= Self.overhead else { return false }
    return unsafe open(
      nonce: sealed, nonceCount: Self.nonceByteCount, bytes: sealed + Self.nonceByteCount,
      count: count - Self.overhead, tag: sealed + (count - Self.tagByteCount), into: out)
  }

  /// Does the same as `seal` for a single value.
  public func seal(_ value: [UInt8]) -> [UInt8] {
    unsafe bytesOf(value, resultCount: value.count + Self.overhead) { unsafe seal($0, count: value.count, into: $1) }
  }

  /// Does the same as `open` for a single value; returns nil if it is not authentic.
  public func open(_ sealed: [UInt8]) -> [UInt8]? {
    guard sealed.count >= Self.overhead else { return nil }
    var isAuthentic = false
    let value = unsafe bytesOf(sealed, resultCount: sealed.count - Self.overhead) {
      isAuthentic = unsafe open($0, count: sealed.count, into: $1)
    }
    return isAuthentic ? value : nil
  }

  /// Decrypts a value that was encrypted with a nonce of 1 to 128 bytes (OpenSSL's limit).
  func open(
    nonce: UnsafePointer<UInt8>, nonceCount: Int, bytes: UnsafePointer<UInt8>, count: Int, tag: UnsafePointer<UInt8>,
    into out: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    unsafe process(opening, nonce: nonce, nonceCount: nonceCount, bytes: bytes, count: count, into: out)
    var nothing: UInt8 = 0
    var length: Int32 = 0
    // Sound: OpenSSL only reads the tag, though its generic call takes a mutable pointer.
    guard
      unsafe EVP_CIPHER_CTX_ctrl(
        opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagByteCount), UnsafeMutablePointer(mutating: tag)) == 1
    else { openSSLFailed("check a tag of AES-GCM") }
    if unsafe EVP_CipherFinal_ex(opening, &nothing, &length) == 1 { return true }
    unsafe OPENSSL_cleanse(out, count)
    return false
  }

  private func process(
    _ context: OpaquePointer, nonce: UnsafePointer<UInt8>, nonceCount: Int, bytes: UnsafePointer<UInt8>, count: Int,
    into out: UnsafeMutablePointer<UInt8>
  ) {
    var length: Int32 = 0
    // -1 keeps the direction that was set before. A length of 0 is skipped, because OpenSSL would take it as the end.
    guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonceCount), nil) == 1,
      unsafe EVP_CipherInit_ex2(context, nil, nil, nonce, -1, nil) == 1,
      unsafe associatedData.isEmpty
        || EVP_CipherUpdate(context, nil, &length, associatedData, Int32(associatedData.count)) == 1,
      unsafe count == 0 || EVP_CipherUpdate(context, out, &length, bytes, Int32(count)) == 1
    else { openSSLFailed("run AES-GCM") }
  }
}
