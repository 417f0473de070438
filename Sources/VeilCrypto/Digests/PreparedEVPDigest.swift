import COpenSSL

/// Any digest of OpenSSL over a prefix followed by a value, for many values: for each, the prepared context is copied.
///
/// Sound: both contexts are made in `init` and freed (which cleanses them) in `deinit`, and this type cannot be copied.
@safe
struct PreparedEVPDigest: ~Copyable {
  private let prepared: OpaquePointer
  private let scratch: OpaquePointer

  init(_ hash: HashFunction, absorbing prefix: UnsafeRawBufferPointer) {
    guard let prepared = unsafe EVP_MD_CTX_new(), let scratch = unsafe EVP_MD_CTX_new(),
      unsafe EVP_DigestInit_ex2(prepared, hash.evp, nil) == 1,
      unsafe EVP_DigestUpdate(prepared, prefix.baseAddress, prefix.count) == 1
    else { openSSLFailed("start a digest") }
    unsafe self.prepared = prepared
    unsafe self.scratch = scratch
  }

  deinit {
    unsafe EVP_MD_CTX_free(prepared)
    unsafe EVP_MD_CTX_free(scratch)
  }

  /// Writes the digest: as many bytes as `byteCount` of the hash function.
  func finish(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    guard unsafe EVP_MD_CTX_copy_ex(scratch, prepared) == 1,
      unsafe EVP_DigestUpdate(scratch, value, count) == 1,
      unsafe EVP_DigestFinal_ex(scratch, out, nil) == 1
    else { openSSLFailed("finish a digest") }
  }
}
