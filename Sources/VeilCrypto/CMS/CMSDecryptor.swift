import COpenSSL

/// Decrypts CMS messages that were encrypted to a certificate, with its private key (RFC 5652, RFC 5083).
///
/// Sound: the key is made in `init` and freed in `deinit`; a decrypted message has memory of its own.
@safe
public final class CMSDecryptor {
  private let key: OpaquePointer

  /// The longest message that can be decrypted, because the message and its contents are in memory as a whole.
  public static let limit = 1 << 30

  public enum Problem: String, Error, CustomStringConvertible {
    case unreadableKey = "the private key cannot be read: it must be PEM without a passphrase"
    case doesNotOpen = "it does not open with the private key, or was changed"
    case tooLong = "it is longer than the 1 GiB that can be opened"

    public var description: String { rawValue }
  }

  /// - Parameter pem: A private key in PEM, not protected by a passphrase.
  public init(pem: [UInt8]) throws(Problem) {
    let found = unsafe pem.withUnsafeBytes { bytes -> OpaquePointer? in
      // Sound: the BIO only reads the bytes, which outlive it.
      guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { unsafe BIO_free(bio) }
      // The callback always answers that there is no passphrase, so none is asked for at the terminal.
      return unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }
    ERR_clear_error()
    guard let found = unsafe found else { throw .unreadableKey }
    unsafe key = found
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// Returns the contents of a message in DER, after its tag was verified.
  public func open(_ message: [UInt8]) throws(Problem) -> [UInt8] {
    guard message.count <= Self.limit else { throw .tooLong }
    let opened = unsafe message.withUnsafeBytes { bytes -> [UInt8]? in
      guard let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { unsafe BIO_free(input) }
      guard let parsed = unsafe d2i_CMS_bio(input, nil) else { return nil }
      defer { unsafe CMS_ContentInfo_free(parsed) }
      guard let output = unsafe BIO_new(BIO_s_mem()) else { return nil }
      defer { unsafe BIO_free(output) }
      guard unsafe CMS_decrypt(parsed, key, nil, nil, output, UInt32(CMS_BINARY)) == 1 else { return nil }
      var content = [UInt8](repeating: 0, count: Int(unsafe BIO_ctrl_pending(output)))
      var done = 0
      while done < content.count {
        let count = unsafe content.withUnsafeMutableBytes { content in
          unsafe BIO_read(output, content.baseAddress! + done, Int32(clamping: content.count - done))
        }
        guard count > 0 else { return nil }
        done += Int(count)
      }
      return content
    }
    ERR_clear_error()
    guard let opened else { throw .doesNotOpen }
    return opened
  }
}
