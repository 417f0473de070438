import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// The log of what was done with people's data: one line of JSON for each event, in a file that only its owner can
/// read.
///
/// Each line holds the SHA-256 of the line before it. If a line is changed, removed, inserted or moved, the rest of the
/// log no longer matches (Haber and Stornetta 1991). The log has figures, places and digests of files, never anybody's
/// values.
public struct AuditLog {
  let path: String

  public init(path: String) { self.path = path }

  /// What the first line holds in place of the digest of a line before it.
  static let genesis = String(repeating: "0", count: 64)

  /// Appends a line and brings it to the disk. The event itself must wait for that.
  func append(_ event: String, _ members: [(String, JSONValue)]) throws(RunError) {
    do throws(SystemError) {
      let isNew = unsafe access(path, F_OK) != 0
      let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
      let file = try Descriptor.open(path, flags: flags, mode: 0o600)
      try file.lock()
      let status = try file.status()
      guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
        throw SystemError(0)
      }
      let last = try lastLine(file, size: Int(status.st_size))
      guard let link = AuditLine.Link(after: last) else { throw SystemError(-1) }
      let line = AuditLine.text(event, members: members, link: link)
      try write(Array((line + "\n").utf8), to: file, size: status.st_size)
      if isNew { try folder().synchronize() }
    } catch {
      switch error.code {
      case 0:
        throw RunError(.inputOutput, "the audit log \(path) must be a file that only you can read (mode 0600)")
      case -1:
        throw RunError(
          .inputOutput,
          "the audit log \(path) does not end in a whole line of its own, so nothing can be added: see what  "
            + "veil audit verify \(path)  says; what a full disk or a power cut left behind its last line feed may be "
            + "removed, for it was never acted on")
      default: throw RunError(.inputOutput, "the audit log \(path) cannot be written: \(error)")
      }
    }
  }

  private func folder() throws(SystemError) -> Descriptor {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return try .open(slash.map { String(path[...$0]) } ?? ".", flags: O_RDONLY | O_DIRECTORY)
  }

  /// Writes the whole line or nothing of it.
  private func write(_ bytes: [UInt8], to file: Descriptor, size: off_t) throws(SystemError) {
    do throws(SystemError) {
      try unsafe bytes.withUnsafeBytes { bytes in
        Result { () throws(SystemError) in unsafe try file.write(bytes) }
      }.get()
      try file.synchronize()
    } catch {
      _ = ftruncate(file.number, size)
      throw error
    }
  }

  /// Returns the last line without its line feed; nil if the log is empty. If the file does not end in a line feed, it
  /// returns the unfinished text together with the line before it, which is no valid line.
  private func lastLine(_ file: Descriptor, size: Int) throws(SystemError) -> [UInt8]? {
    if size == 0 { return nil }
    var count = min(size, 64 << 10)
    while true {
      var bytes = [UInt8](repeating: 0, count: count)
      _ = try file.read(into: &bytes, at: size - count)
      guard bytes.last == 0x0A else { return [] }
      if let start = bytes.dropLast().lastIndex(of: 0x0A) { return Array(bytes[(start + 1)...].dropLast()) }
      if count == size { return Array(bytes.dropLast()) }
      count = min(size, count * 16)
    }
  }
}

/// The form of a line: `{ "sequence": N, "previous": …, "time": …, "event": …, …, "sha256": … }`. The last member is
/// the digest of everything before it, so that a change of the last line is visible, too.
enum AuditLine {
  /// The place of a line in the chain.
  struct Link {
    var sequence = 1
    var previous = AuditLog.genesis

    init() {}

    /// Makes the link after a line; nil if that is no line of a log.
    init?(after line: [UInt8]?) {
      guard let line else { return }
      guard let number = AuditLine.sequence(of: line) else { return nil }
      (sequence, previous) = (number + 1, AuditLine.digest(line))
    }
  }

  static func text(_ event: String, members: [(String, JSONValue)], link: Link) -> String {
    let all: [(String, JSONValue)] =
      [
        ("sequence", .integer(link.sequence)), ("previous", .text(link.previous)),
        ("time", .text(Timestamp.now().description)), ("event", .text(event)),
      ] + members
    let body = String(JSONValue.object(all).line.dropLast(3))
    return "\(body)\(seal)\(digest(Array(body.utf8)))\" }"
  }

  private static let seal = ", \"sha256\": \""

  /// Returns the number of a line; nil if it is no line of a log, or was changed.
  static func sequence(of line: [UInt8]) -> Int? {
    let end = line.count - 67 - seal.utf8.count
    guard end > 0, line[end...].starts(with: seal.utf8), let value = JSONReader.read(line),
      value["sha256"]?.text == digest(Array(line[..<end]))
    else { return nil }
    return value["sequence"]?.integer
  }

  static func digest(_ bytes: [UInt8]) -> String { StreamingSHA256.hex(bytes) }
}

extension Descriptor {
  /// Waits for the file's lock: an exclusive one, or one shared with other readers.
  func lock(shared: Bool = false) throws(SystemError) {
    while flock(number, shared ? LOCK_SH : LOCK_EX) != 0 {
      if errno != EINTR { throw SystemError(errno) }
    }
  }
}
