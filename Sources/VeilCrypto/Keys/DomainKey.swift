/// The key of one pseudonymization domain: tokens can be joined within one purpose, recipient and domain, and nowhere
/// else.
public enum DomainKey {
  /// Derives `count` bytes by HKDF-SHA-256 (RFC 5869) from `root`, with no salt. The info is `veil/v1`, the purpose,
  /// the recipient, the domain and, if values are normalized before, the normalizer's name and version. Each is written
  /// as its length in bytes (4, big-endian) followed by its UTF-8, so that no two lists of names give the same bytes.
  /// Names are compared byte by byte; two Unicode spellings of a letter are two names.
  public static func derive(
    root: SecretBytes, purpose: String, recipient: String, domain: String, normalization: String? = nil,
    count: Int = 32
  ) throws(CryptoError) -> SecretBytes {
    let names = ["veil/v1", purpose, recipient, domain] + (normalization.map { [$0] } ?? [])
    return try HKDF.sha256(inputKey: root, salt: [], info: encode(names), count: count)
  }

  /// Writes names one after another, each after its length: no two lists give the same bytes.
  public static func encode(_ names: [String]) throws(CryptoError) -> [UInt8] {
    var bytes: [UInt8] = []
    for name in names {
      guard let length = UInt32(exactly: name.utf8.count) else { throw .fieldTooLong(byteCount: name.utf8.count) }
      for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
      bytes += name.utf8
    }
    return bytes
  }
}
