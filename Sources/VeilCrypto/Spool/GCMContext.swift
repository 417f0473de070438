import COpenSSL

/// AES-256-GCM in one direction, with the key prepared once.
///
/// Sound: the context is made in `init` and freed (which cleanses it) in `deinit`, and this type cannot be copied.
/// Sound to send: every use is mutating, so nobody else can use it at the same time.
@safe
struct GCMContext: ~Copyable, @unchecked Sendable {
  private let context: OpaquePointer

  init(key: SecretBytes, encrypts: Bool) {
    guard let context = unsafe EVP_CIPHER_CTX_new() else { openSSLFailed("start AES-GCM") }
    unsafe self.context = context
    unsafe key.withUnsafeBytes { key in
      precondition(key.count == 32, "AES-256 takes 32 bytes")
      let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
      guard unsafe EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), start, nil, encrypts ? 1 : 0, nil) == 1
      else { openSSLFailed("start AES-GCM") }
    }
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  /// Begins a block: the 12-byte nonce is `number`, big-endian, and `index` is authenticated together with the
  /// contents.
  mutating func begin(number: UInt64, index: UInt64) {
    var nonce: (UInt32, UInt32, UInt32) = (
      0, UInt32(truncatingIfNeeded: number >> 32).bigEndian, UInt32(truncatingIfNeeded: number).bigEndian
    )
    var bigEndianIndex = index.bigEndian
    var length: Int32 = 0
    let isReady = unsafe withUnsafeBytes(of: &nonce) { nonce in
      let start = unsafe nonce.baseAddress?.assumingMemoryBound(to: UInt8.self)
      // -1 keeps the direction that was set before.
      return unsafe EVP_CipherInit_ex2(context, nil, nil, start, -1, nil) == 1
    }
    let isBound = unsafe withUnsafeBytes(of: &bigEndianIndex) { index in
      let start = unsafe index.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return unsafe EVP_CipherUpdate(context, nil, &length, start, 8) == 1
    }
    guard isReady && isBound else { openSSLFailed("start a block of AES-GCM") }
  }

  /// Encrypts or decrypts `bytes`, and writes as many bytes.
  mutating func process(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawPointer) {
    // OpenSSL would take an empty input as the end.
    guard bytes.count > 0, let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    var length: Int32 = 0
    let target = unsafe out.assumingMemoryBound(to: UInt8.self)
    guard unsafe EVP_CipherUpdate(context, target, &length, start, Int32(bytes.count)) == 1, length == bytes.count
    else { openSSLFailed("go on with AES-GCM") }
  }

  /// Writes the 16 bytes of the tag.
  mutating func finishSealing(tag: UnsafeMutableRawPointer) {
    var nothing: (UInt64, UInt64) = (0, 0)
    var length: Int32 = 0
    let isDone = unsafe withUnsafeMutableBytes(of: &nothing) { nothing in
      unsafe EVP_CipherFinal_ex(context, nothing.baseAddress?.assumingMemoryBound(to: UInt8.self), &length) == 1
    }
    guard isDone, unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1
    else { openSSLFailed("finish AES-GCM") }
  }

  /// Returns whether the 16 bytes of `tag` belong to what was processed.
  mutating func finishOpening(tag: UnsafeRawBufferPointer) -> Bool {
    var nothing: (UInt64, UInt64) = (0, 0)
    var length: Int32 = 0
    // Sound: OpenSSL only reads the tag, though its generic call takes a mutable pointer.
    let start = unsafe UnsafeMutableRawPointer(mutating: tag.baseAddress)
    guard tag.count == 16, unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, start) == 1
    else { openSSLFailed("check a tag of AES-GCM") }
    return unsafe withUnsafeMutableBytes(of: &nothing) { nothing in
      unsafe EVP_CipherFinal_ex(context, nothing.baseAddress?.assumingMemoryBound(to: UInt8.self), &length) == 1
    }
  }
}
