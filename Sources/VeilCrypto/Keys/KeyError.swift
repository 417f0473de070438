import Glibc

/// The reason why a key is not available. It says where the problem is and what to do about it, and never a byte of a
/// key.
public struct KeyError: Error, Equatable, Sendable, CustomStringConvertible {
  enum Reason: Error, Equatable, Sendable {
    /// The file could not be opened or read, with this `errno`.
    case unreadable(errno: Int32)
    case symbolicLink
    case notRegularFile
    /// Group or others have permissions on the file; these are the permission bits.
    case readableByOthers(mode: UInt32)
    /// The file belongs to this user, who is neither root nor the user of this process.
    case foreignOwner(user: UInt32)
    case environmentNotSet
    /// No program is named, or an argument holds a NUL byte.
    case commandInvalid
    case commandNotStarted(errno: Int32)
    case commandFailed(status: Int32)
    case commandKilled(signal: Int32)
    /// The command's exit status is not available, because the parent of this process ignores SIGCHLD.
    case commandStatusUnknown
    /// The command took longer than this many seconds.
    case commandTooSlow(seconds: Int)
    /// The bytes are a text, or so alike, that they were not made as a key.
    case weak(KeyStrength.Weakness)
    case tooLong(limit: Int)
    case tooShort(byteCount: Int, needed: Int)
    case malformedHex
    case malformedBase64
    /// The text begins almost with a prefix: the prefix is in capitals, or follows a byte order mark.
    case misspeltPrefix
    /// The text is no wrapped key, or has a cost that is not allowed.
    case malformedWrapping
    /// The passphrase is wrong, or the file was changed.
    case wrongPassphrase
    case passphraseTooShort(needed: Int)
    /// The key is wrapped, but a key without a passphrase was expected.
    case isWrapped
    /// `KeyFile.create` found something at the path.
    case alreadyExists
    /// The file could not be created or written, with this `errno`.
    case unwritable(errno: Int32)
  }

  /// The place that the message names: a path, a variable, a program.
  public let place: String
  let reason: Reason
  private let path: String?

  init(_ source: KeySource, _ reason: Reason) {
    place = source.place
    self.reason = reason
    if case .file(let path) = source { self.path = path } else { path = nil }
  }

  public var description: String { "\(place): \(explanation)" }

  private var explanation: String {
    let file = path ?? "the file"
    return switch reason {
    case .unreadable(let code): "cannot be read: \(Self.text(of: code))"
    case .symbolicLink: "is a symbolic link; name the file it points to, or give the right path"
    case .notRegularFile: "is not a regular file; for a key from a program use `command`"
    case .readableByOthers(let mode):
      "readable by others (mode \(String(mode, radix: 8))); run chmod 600 \(file)"
    case .foreignOwner(let user):
      "belongs to another user (id \(user)), who could change it; it must belong to you or to root"
    case .environmentNotSet: "is not set; export it, or correct the name in the pipeline"
    case .commandInvalid: "names no program, or holds a NUL; write it as a list, such as [pass, show, veil]"
    case .commandNotStarted(let code): "cannot be started: \(Self.text(of: code))"
    case .commandFailed(let status): "failed with exit status \(status); its own message, if any, is above"
    case .commandKilled(let signal): "was ended by signal \(signal)"
    case .commandStatusUnknown: "ended with an unknown exit status; run veil without SIGCHLD ignored"
    case .commandTooSlow(let seconds):
      "gave no key within \(seconds) seconds and was ended; where it needs longer, give it more with 'timeout'"
    case .weak(let weakness): Self.text(of: weakness) + "; `veil key new` makes a key of random bytes"
    case .tooLong(let limit): "holds more than \(limit) bytes, which is no key"
    case .tooShort(let byteCount, let needed):
      "holds \(byteCount) bytes; a key needs at least \(needed). `veil key new` makes one"
    case .malformedHex: "what follows `hex:` is not pairs of hexadecimal digits"
    case .malformedBase64: "what follows `base64:` is not base64 with its padding, on one line"
    case .misspeltPrefix:
      "begins almost with `hex:` or `base64:`; write that in lowercase, with no byte order mark before it"
    case .malformedWrapping: "is not a wrapped key as `veil key new --passphrase-env` writes it"
    case .wrongPassphrase: "does not open: the passphrase is another, or the file was changed"
    case .isWrapped: "is a wrapped key: name it as {wrapped: {file: PATH, passphrase: {env: NAME}}}"
    case .passphraseTooShort(let needed): "a passphrase needs at least \(needed) bytes; take several random words"
    case .alreadyExists: "already exists and is left as it is; a lost key cannot be had again. Choose another path"
    case .unwritable(let code): "cannot be written: \(Self.text(of: code))"
    }
  }

  private static func text(of weakness: KeyStrength.Weakness) -> String {
    switch weakness {
    case .monotonous: "is no key: its bytes are all the same, or few different ones"
    case .words: "is no key: it is a text of words, which can be guessed (a passphrase protects a key file)"
    case .table: "is no key: it is a text of several lines, such as a table"
    case .json: "is no key: it is JSON"
    }
  }

  private static func text(of code: Int32) -> String {
    // Sound: glibc returns a constant for a known code and thread-local memory otherwise; it is copied at once.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
