import Glibc
import Synchronization

/// What becomes of a process that OpenSSL or the system leaves without digests, ciphers, randomness or memory for secrets.
/// A run that continued could publish wrong tokens, and nobody who called can do anything about it.
public enum CryptoFailure {
  private static let handler = Mutex<(@Sendable (String) -> Never)?>(nil)

  /// Sets how the process ends, with a message for people. Without it the message goes to standard error, and the status
  /// is 3.
  public static func handle(_ body: @escaping @Sendable (String) -> Never) { handler.withLock { $0 = body } }

  static func end(_ message: String) -> Never {
    if let body = handler.withLock({ $0 }) { body(message) }
    var text = "veil: \(message)\n"
    // Sound: the bytes are those of the text, which outlives the call.
    _ = text.withUTF8 { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    _exit(3)
  }
}

/// Ends the process. OpenSSL refused an operation that depends on no input.
func openSSLFailed(_ operation: StaticString) -> Never {
  CryptoFailure.end(
    "OpenSSL could not \(operation): it is out of memory, or its configuration (OPENSSL_CONF, openssl.cnf) leaves it no "
      + "provider of the algorithm; `openssl list -providers` shows those it has")
}
