import Glibc

/// Reads keys.
///
/// A key is raw bytes, or hexadecimal or base64 text after `hex:` or `base64:`. The raw bytes of a file are the key
/// exactly as they are; from the raw bytes of a variable or of a command's output, one newline at the end is removed.
/// White space around text with a prefix is ignored everywhere. A key has at least 32 bytes.
public enum KeyLoader {
  /// The largest number of bytes in a key's text.
  static let textLimit = 64 * 1024

  /// Reads the key, or throws the reason why it is not available.
  public static func load(_ source: KeySource) throws(KeyError) -> SecretBytes {
    do throws(KeyError.Reason) {
      switch source {
      case .file(let path): return try KeyText.decode(KeyFile.read(path: path), endsInNewline: false)
      case .environment(let name): return try KeyText.decode(variable(name), endsInNewline: true)
      case .command(let arguments, let seconds, let names):
        let text = try KeyCommand.output(of: arguments, seconds: seconds, without: names)
        return try KeyText.decode(text, endsInNewline: true)
      case .wrapped(let path, let passphrase):
        let text = try KeyFile.read(path: path)
        return try WrappedKey.open(text, passphrase: passphraseText(passphrase))
      }
    } catch {
      throw KeyError(source, error)
    }
  }

  /// Returns a passphrase unchanged, without one newline at the end. An error names the place of the passphrase.
  public static func passphrase(_ source: KeySource) throws(KeyError) -> SecretBytes {
    do throws(KeyError.Reason) { return try passphraseText(source) } catch { throw KeyError(source, error) }
  }

  private static func passphraseText(_ source: KeySource) throws(KeyError.Reason) -> SecretBytes {
    let text: SecretBytes
    switch source {
    case .file(let path): text = try KeyFile.read(path: path)
    case .environment(let name): text = try variable(name)
    case .command(let arguments, let seconds, let names):
      text = try KeyCommand.output(of: arguments, seconds: seconds, without: names)
    case .wrapped: throw .malformedWrapping
    }
    return unsafe text.withUnsafeBytes { bytes in
      let count = unsafe bytes.last == UInt8(ascii: "\n") ? bytes.count - 1 : bytes.count
      return unsafe SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
    }
  }

  private static func variable(_ name: String) throws(KeyError.Reason) -> SecretBytes {
    // Sound: the value is copied at once; nothing in this program changes the environment.
    guard !name.contains("\0"), let value = unsafe getenv(name) else { throw .environmentNotSet }
    let count = unsafe strlen(value)
    guard count <= textLimit else { throw .tooLong(limit: textLimit) }
    return unsafe SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: count))
  }

  /// Returns everything that `descriptor` gives until its end; the memory in between is cleansed. Where there is a
  /// deadline, `wait` waits for the next bytes, and throws when it has passed.
  static func readToEnd(
    _ descriptor: Int32, wait: () throws(KeyError.Reason) -> Void = {}
  ) throws(KeyError.Reason) -> SecretBytes {
    var count = 0
    let buffer = try unsafe SecretBytes(count: textLimit + 1) {
      (memory: UnsafeMutableRawBufferPointer) throws(KeyError.Reason) in
      // Sound: each read gets exactly the room that is left.
      while count < memory.count, let start = memory.baseAddress {
        try wait()
        let got = unsafe Glibc.read(descriptor, start + count, memory.count - count)
        if got < 0 {
          let code = errno
          if code == EINTR { continue }
          throw .unreadable(errno: code)
        }
        if got == 0 { break }
        count += got
      }
    }
    guard count <= textLimit else { throw .tooLong(limit: textLimit) }
    return unsafe buffer.withUnsafeBytes { bytes in
      unsafe SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
    }
  }
}
