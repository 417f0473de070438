import COpenSSL

/// Encrypts a stream to a certificate as CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084), in DER with
/// indefinite lengths. The content key is encrypted by RSAES-OAEP with SHA-256 for RSA keys (RFC 3560), and by
/// ephemeral Diffie-Hellman for elliptic curves (RFC 5753). `openssl cms -decrypt -inform DER` decrypts it, and fails
/// if a byte was changed. The tag is at the end, so output that was written before such a failure must not be used.
///
/// Encrypted bytes wait in memory until `read` takes them; memory does not grow with the stream.
///
/// Sound: the three objects are made in `init` and freed in `deinit`, and one thread at a time uses this type.
@safe
public final class CMSEncryptor {
  private let message: OpaquePointer
  /// The chain takes the plaintext, and passes the encrypted bytes on to `out`.
  private let chain: OpaquePointer
  private let out: OpaquePointer
  private let certificate: RecipientCertificate
  private var byteCount = 0

  /// The largest size of one AES-GCM message (NIST SP 800-38D: 2^39 - 256 bits).
  public static let limit = 1 << 36 - 32

  public enum Failure: Error, CustomStringConvertible {
    case tooLong
    case notPossible

    public var description: String {
      switch self {
      case .tooLong: "one encrypted export holds at most 64 GiB (AES-GCM)"
      case .notPossible: "OpenSSL could not encrypt to the certificate"
      }
    }
  }

  public init(_ certificate: RecipientCertificate) throws(Failure) {
    self.certificate = certificate
    let message = try unsafe Self.message(to: certificate, UInt32(CMS_STREAM))
    guard let out = unsafe BIO_new(BIO_s_mem()) else {
      unsafe CMS_ContentInfo_free(message)
      ERR_clear_error()
      throw .notPossible
    }
    guard let chain = unsafe BIO_new_CMS(out, message) else {
      unsafe BIO_free(out)
      unsafe CMS_ContentInfo_free(message)
      ERR_clear_error()
      throw .notPossible
    }
    unsafe (self.message, self.out, self.chain) = (message, out, chain)
  }

  /// Makes an empty message to be filled; the caller frees it.
  private static func message(
    to certificate: RecipientCertificate, _ more: UInt32
  ) throws(Failure) -> OpaquePointer {
    let flags = UInt32(CMS_BINARY | CMS_PARTIAL) | more
    guard let message = unsafe CMS_encrypt(nil, nil, EVP_aes_256_gcm(), flags) else { throw .notPossible }
    if unsafe address(message, to: certificate) { return unsafe message }
    unsafe CMS_ContentInfo_free(message)
    ERR_clear_error()
    throw .notPossible
  }

  private static func address(_ message: OpaquePointer, to certificate: RecipientCertificate) -> Bool {
    guard certificate.isRSA else {
      return unsafe CMS_add1_recipient_cert(message, certificate.certificate, 0) != nil
    }
    guard
      let recipient = unsafe CMS_add1_recipient_cert(message, certificate.certificate, UInt32(CMS_KEY_PARAM)),
      let context = unsafe CMS_RecipientInfo_get0_pkey_ctx(recipient)
    else { return false }
    return unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
      && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
  }

  deinit {
    var link: OpaquePointer? = unsafe chain
    while let current = unsafe link {
      unsafe link = BIO_pop(current)
      unsafe BIO_free(current)
    }
    unsafe CMS_ContentInfo_free(message)
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    guard byteCount + bytes.count <= Self.limit else { throw .tooLong }
    byteCount += bytes.count
    var rest = unsafe bytes
    while rest.count > 0 {
      let count = unsafe BIO_write(chain, rest.baseAddress, Int32(clamping: min(rest.count, 1 << 20)))
      guard count > 0 else { throw .notPossible }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
    }
  }

  /// Ends the message: `read` then gives its tag and its end.
  public func finish() throws(Failure) {
    if byteCount == 0 { return try finishEmpty() }
    guard unsafe BIO_ctrl(chain, BIO_CTRL_FLUSH, 0, nil) == 1 else { throw .notPossible }
  }

  /// Ends a message without content. OpenSSL's stream begins its message at the first byte, so an empty message is made
  /// in one piece.
  private func finishEmpty() throws(Failure) {
    let message = try unsafe Self.message(to: certificate, 0)
    defer { unsafe CMS_ContentInfo_free(message) }
    guard let nothing = unsafe BIO_new(BIO_s_mem()) else { throw .notPossible }
    defer { unsafe BIO_free(nothing) }
    guard unsafe CMS_final(message, nothing, nil, UInt32(CMS_BINARY)) == 1, unsafe i2d_CMS_bio(out, message) == 1 else {
      ERR_clear_error()
      throw .notPossible
    }
  }

  /// Moves encrypted bytes to `buffer`. Returns how many; 0 if there are none.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard unsafe BIO_ctrl_pending(out) > 0 else { return 0 }
    return max(0, Int(unsafe BIO_read(out, buffer.baseAddress, Int32(clamping: buffer.count))))
  }
}
