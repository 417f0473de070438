import VeilGround

/// Files that are encrypted to a recipient, by the ending of their names.
enum EncryptedFile {
  /// Throws at a file that must be decrypted before it can be read.
  static func refuse(_ path: String) throws(RunError) {
    guard [".cms", ".p7m"].contains(where: { path.lowercased().hasSuffix($0) }) else { return }
    throw RunError(
      .invalid,
      "\(path) is encrypted; open it first:  openssl cms -decrypt -inform DER -in \(path) -inkey KEY -out FILE")
  }
}
