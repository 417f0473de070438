import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, for example those of a file for a manifest.
///
/// Sound: the state is allocated in `init` and freed in `deinit`. There is one state or the other.
@safe
public final class StreamingSHA256 {
  private let state: UnsafeMutablePointer<SHA256_CTX>?
  /// In FIPS mode: the same by EVP, which asks the provider that OpenSSL's properties choose.
  private let context: OpaquePointer?

  public init() {
    guard DigestMaker.isFIPS else {
      unsafe context = nil
      unsafe state = .allocate(capacity: 1)
      unsafe state?.initialize(to: SHA256_CTX())
      guard unsafe SHA256_Init(state) == 1 else { openSSLFailed("start SHA-256") }
      return
    }
    unsafe state = nil
    unsafe context = EVP_MD_CTX_new()
    guard unsafe context != nil, unsafe EVP_DigestInit_ex2(context, EVP_sha256(), nil) == 1 else {
      openSSLFailed("start SHA-256")
    }
  }

  deinit {
    unsafe EVP_MD_CTX_free(context)
    guard let state = unsafe state else { return }
    unsafe OPENSSL_cleanse(state, MemoryLayout<SHA256_CTX>.stride)
    unsafe state.deallocate()
  }

  /// Adds the next piece.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    let code =
      if let context = unsafe context {
        unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
      } else {
        unsafe SHA256_Update(state, bytes.baseAddress, bytes.count)
      }
    if code != 1 { openSSLFailed("go on with SHA-256") }
  }

  /// Returns the 32 bytes of the digest of everything so far; more may follow.
  public func finalize() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    if let context = unsafe context {
      guard let copy = unsafe EVP_MD_CTX_new(), unsafe EVP_MD_CTX_copy_ex(copy, context) == 1,
        unsafe EVP_DigestFinal_ex(copy, &digest, nil) == 1
      else { openSSLFailed("finish SHA-256") }
      unsafe EVP_MD_CTX_free(copy)
    } else if let state = unsafe state {
      var copy = unsafe state.pointee
      defer { unsafe OPENSSL_cleanse(&copy, MemoryLayout<SHA256_CTX>.stride) }
      guard unsafe SHA256_Final(&digest, &copy) == 1 else { openSSLFailed("finish SHA-256") }
    }
    return digest
  }

  /// Returns the digest of `finalize()` as 64 lowercase hexadecimal digits.
  public func finalizeHex() -> String { Hex.string(finalize()) }

  /// Returns the digest of bytes that are all in memory, as 64 lowercase hexadecimal digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    let hash = StreamingSHA256()
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.finalizeHex()
  }
}
