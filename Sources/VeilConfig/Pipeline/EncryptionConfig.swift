/// That an export leaves encrypted to its recipient.
public struct EncryptionConfig: Sendable {
  /// A path, to be resolved; nil for the certificate that the file of recipients names.
  public var certificate: String?
  public var mark: Mark?
}
