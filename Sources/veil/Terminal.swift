import Glibc
import VeilConfig
import VeilEngine
import VeilGround

/// The message of a command that cannot do its work, with the documented exit status.
struct Failure: Error {
  let status: Int32
  let message: String

  init(_ status: Int32, _ message: String) {
    self.status = status
    self.message = message
  }

  init(_ error: RunError) { self.init(error.kind.rawValue, error.kind == .brokenPipe ? "" : "veil: \(error)") }
}

/// Writes messages for people to standard error, and answers to standard output.
enum Terminal {
  static func complain(_ text: String) {
    if text.isEmpty { return }
    let text = escaped(KeyShape.hidingPrefixed(text))
    write(text.hasSuffix("\n") ? text : text + "\n", to: STDERR_FILENO)
  }

  /// Writes to standard error without changes, for a line that moves.
  static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Writes an answer to standard output. If the reader is gone, the command ends without a message.
  static func answer(_ text: String) {
    if !write(escaped(KeyShape.hidingPrefixed(text)), to: STDOUT_FILENO) {
      exit(errno == EPIPE ? RunError.Kind.brokenPipe.rawValue : 3)
    }
  }

  /// Does the same as `answer` for bytes that need not be UTF-8.
  static func answer(bytes: [UInt8]) {
    let isWritten = unsafe bytes.withUnsafeBytes { unsafe write($0, to: STDOUT_FILENO) }
    if !isWritten { exit(errno == EPIPE ? RunError.Kind.brokenPipe.rawValue : 3) }
  }

  static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

  /// Returns a text with its control characters escaped, apart from line feeds and tabs: the name of a file must not
  /// steer a terminal. JSON holds no such characters, so it stays as it is.
  private static func escaped(_ text: String) -> String {
    func isControl(_ byte: UInt8) -> Bool { byte == 0x7F || byte < 0x20 && byte != 0x0A && byte != 0x09 }
    guard text.utf8.contains(where: isControl) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.isASCII, isControl(UInt8(scalar.value)) {
        shown.append(contentsOf: printable(String(scalar)).unicodeScalars)
      } else {
        shown.append(scalar)
      }
    }
    return String(shown)
  }

  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { unsafe write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var rest = unsafe bytes
    while rest.count > 0 {
      let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return true
  }
}
