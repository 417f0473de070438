import CMultiBuffer
import COpenSSL
import Glibc
import Synchronization

/// Who computes digests: OpenSSL, and beside it libipsec-mb for many at a time where that is faster.
///
/// Where OpenSSL is in FIPS mode, every digest goes through EVP, whose properties choose the provider: neither
/// libipsec-mb nor the functions SHA256_*, which ask no provider, take part.
public enum DigestMaker {
  private static let usesOpenSSLAlone = Atomic<Bool>(false)

  /// Leaves libipsec-mb out, in the whole process and for good.
  public static func useOpenSSLAlone() { usesOpenSSLAlone.store(true, ordering: .relaxed) }

  static var mayGang: Bool { !usesOpenSSLAlone.load(ordering: .relaxed) && !isFIPS }

  /// Whether OpenSSL's properties ask for FIPS. To load OpenSSL's configuration takes as long as a small run, so it is
  /// asked only where the configuration can say so.
  static let isFIPS: Bool = mayBeFIPS && EVP_default_properties_is_fips_enabled(nil) == 1

  private static var mayBeFIPS: Bool {
    if unsafe getenv("OPENSSL_CONF") != nil { return true }
    // Sound: the path is a C string of OpenSSL, copied and freed here.
    guard let found = unsafe CONF_get1_default_config_file() else { return true }
    let path = unsafe String(cString: found)
    unsafe CRYPTO_free(found, "", 0)
    guard let text = text(of: path) else { return false }
    return text.split(separator: 0x0A).contains { line in
      let line = line.drop { $0 == 0x20 || $0 == 0x09 }
      guard let first = line.first, first != UInt8(ascii: "#") else { return false }
      return line.starts(with: ".include".utf8) || contains(line, "fips") || contains(line, "default_properties")
    }
  }

  private static func contains(_ line: ArraySlice<UInt8>, _ word: String) -> Bool {
    let word = Array(word.utf8)
    // Most places end at their first byte.
    return line.indices.contains { line[$0] == word[0] && line[$0...].starts(with: word) }
  }

  /// Returns the first part of a configuration, or nil if there is none.
  private static func text(of path: String) -> [UInt8]? {
    // Sound: `read` gets the length of the array.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe read(descriptor, &text, text.count)
    return Array(text.prefix(max(0, count)))
  }

  /// The libraries that made the digests of this process, for manifests.
  public static var description: String {
    // Sound: both are constants of the libraries.
    let openSSL = unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)).split(separator: " ").prefix(2)
      .joined(separator: " ")
    let fips = isFIPS ? ", FIPS" : ""
    guard let version = unsafe veil_gang_version() else { return openSSL + fips }
    return unsafe "\(openSSL), libipsec-mb \(String(cString: version))"
  }
}
