/// The key of one pseudonymization domain: tokens join within a purpose, recipient and domain, and nowhere else.
public enum DomainKey {
  /// 32 bytes by HKDF-SHA-256 (RFC 5869) from `root`, with no salt. The info is `veil/v1`, the purpose, the recipient
  /// and the domain, each as its length in bytes (4, big-endian) followed by its UTF-8, so that no two lists of names
  /// give the same bytes. Names are compared byte by byte; two Unicode spellings of a letter are two names.
  public static func derive(
    root: SecretBytes, purpose: String, recipient: String, domain: String
  ) throws(CryptoError) -> SecretBytes {
    var info: [UInt8] = []
    for field in ["veil/v1", purpose, recipient, domain] {
      guard let length = UInt32(exactly: field.utf8.count) else { throw .fieldTooLong(byteCount: field.utf8.count) }
      for shift in [24, 16, 8, 0] as [UInt32] { info.append(UInt8(truncatingIfNeeded: length >> shift)) }
      info += field.utf8
    }
    return try HKDF.sha256(inputKey: root, salt: [], info: info, count: 32)
  }
}
