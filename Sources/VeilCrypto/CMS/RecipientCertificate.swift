import COpenSSL
import Glibc

/// The X.509 certificate of the recipient of an encrypted export (RFC 5280).
///
/// Sound to share: the certificate is never changed after `init`, and OpenSSL counts its references atomically.
@safe
public final class RecipientCertificate: @unchecked Sendable {
  let certificate: OpaquePointer

  /// The reasons why a certificate cannot be used to encrypt.
  public enum Problem: String, Error, CustomStringConvertible {
    case unreadable = "it holds no X.509 certificate in PEM or DER form"
    case keyKind =
      "its key is neither RSA of 2048 bits or more nor an elliptic curve's, so nothing can be encrypted to it"
    case damaged = "its signature does not fit: it was changed since it was made"
    case usage = "it is not for encryption: its key usage allows neither key encipherment nor key agreement"
    case expired = "it has expired"
    case notYetValid = "it is not valid yet"

    public var description: String { rawValue }
  }

  /// Reads a certificate in PEM form (the first one in the file) or in DER form.
  public init(_ bytes: [UInt8]) throws(Problem) {
    guard let found = unsafe Self.read(bytes, isPEM: true) ?? Self.read(bytes, isPEM: false) else {
      ERR_clear_error()
      throw .unreadable
    }
    unsafe certificate = found
    ERR_clear_error()
    let isWhole = isAsMade
    ERR_clear_error()
    if !isWhole { throw .damaged }
    guard let needed = usageBit else { throw .keyKind }
    // If the certificate does not limit its use, all bits are set.
    if unsafe X509_get_key_usage(certificate) & needed == 0 { throw .usage }
  }

  deinit { unsafe X509_free(certificate) }

  private static func read(_ bytes: [UInt8], isPEM: Bool) -> OpaquePointer? {
    unsafe bytes.withUnsafeBytes { bytes in
      // Sound: the BIO only reads the bytes, which outlive it.
      guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { unsafe BIO_free(bio) }
      return unsafe isPEM ? PEM_read_bio_X509(bio, nil, nil, nil) : d2i_X509_bio(bio, nil)
    }
  }

  /// False if the certificate is known to be changed. A certificate that names itself as its issuer has its own
  /// signature, which is checked; the signature of another issuer cannot be checked here.
  private var isAsMade: Bool {
    // The result is negative if the extensions contradict each other.
    if unsafe X509_self_signed(certificate, 0) < 0 { return false }
    let names = unsafe (X509_get_issuer_name(certificate), X509_get_subject_name(certificate))
    guard unsafe X509_NAME_cmp(names.0, names.1) == 0 else { return true }
    // A key that cannot encrypt at all is reported by another error.
    guard let key = unsafe X509_get0_pubkey(certificate) else { return true }
    return unsafe X509_verify(certificate, key) == 1
  }

  var isRSA: Bool {
    guard let key = unsafe X509_get0_pubkey(certificate) else { return false }
    return unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
  }

  /// The key usage (RFC 5280, 4.2.1.3) that this kind of key needs to encrypt; nil if it cannot encrypt.
  private var usageBit: UInt32? {
    guard let key = unsafe X509_get0_pubkey(certificate) else { return nil }
    let (keyEncipherment, keyAgreement): (UInt32, UInt32) = (0x20, 0x08)
    switch unsafe EVP_PKEY_get_base_id(key) {
    case EVP_PKEY_RSA: return unsafe EVP_PKEY_get_bits(key) >= 2048 ? keyEncipherment : nil
    case EVP_PKEY_EC: return keyAgreement
    default: return nil
    }
  }

  /// Throws if the certificate is not yet valid now, or has expired now or at `moment` (seconds since 1970).
  public func checkValidity(at moment: Int) throws(Problem) {
    var now = time(nil)
    var then = time_t(moment)
    // X509_cmp_time is negative if the certificate's time is before the other one, and 0 if it cannot be read.
    if unsafe X509_cmp_time(X509_get0_notBefore(certificate), &now) >= 0 { throw .notYetValid }
    if unsafe X509_cmp_time(X509_get0_notAfter(certificate), &now) <= 0 { throw .expired }
    if unsafe X509_cmp_time(X509_get0_notAfter(certificate), &then) <= 0 { throw .expired }
  }

  /// The SHA-256 of the certificate's DER form, in hex.
  public var fingerprint: String {
    var digest = [UInt8](repeating: 0, count: 64)
    var count: UInt32 = 0
    guard unsafe X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else {
      openSSLFailed("digest a certificate")
    }
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest[..<Int(count)].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
