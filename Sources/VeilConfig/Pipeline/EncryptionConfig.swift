/// The encryption of an export to its recipient.
public struct EncryptionConfig: Sendable {
  /// The path of a certificate, not yet resolved; nil for the certificate that the file of recipients names.
  public var certificate: String?
  public var mark: Mark?
}
