import COpenSSL

/// The AES block cipher (FIPS 197) under one key, whose schedule is computed once. It is a building block: to encrypt
/// whole values, use `SIVContext`, `GCMCipher` or `FF1`.
///
/// Sound: the context is made in `init` and freed (which cleanses it) in `deinit`, and this type cannot be copied.
@safe
struct AESBlock: ~Copyable {
  static let byteCount = 16

  private let context: OpaquePointer

  /// Takes a key of 16, 24 or 32 bytes. The caller has refused other lengths.
  init(key: UnsafeRawBufferPointer) {
    let cipher: OpaquePointer? =
      switch key.count {
      case 16: unsafe EVP_aes_128_ecb()
      case 24: unsafe EVP_aes_192_ecb()
      case 32: unsafe EVP_aes_256_ecb()
      default: preconditionFailure("AES takes 16, 24 or 32 bytes")
      }
    let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let context = unsafe EVP_CIPHER_CTX_new(), unsafe EVP_EncryptInit_ex2(context, cipher, start, nil, nil) == 1
    else { openSSLFailed("start AES") }
    unsafe EVP_CIPHER_CTX_set_padding(context, 0)
    unsafe self.context = context
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  /// Encrypts `count` blocks, each independently; `out` may be `blocks`. (`EVP_Cipher` runs the same code as
  /// `EVP_EncryptUpdate` without its buffering, in half the time for each block.)
  @inline(__always)
  func encrypt(_ blocks: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    guard unsafe EVP_Cipher(context, out, blocks, UInt32(truncatingIfNeeded: count * Self.byteCount)) > 0
    else { openSSLFailed("run AES") }
  }
}
