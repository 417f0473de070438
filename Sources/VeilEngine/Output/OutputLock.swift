import Glibc
import VeilGround

/// Keeps two runs from writing the same output at the same time.
///
/// The lock is a file in the output's folder, `.NAME.veil-lock` with mode 0600. It is locked with flock(2), and its
/// text says who holds the lock. The folder is opened first, so paths that are spelled differently, or that go through
/// symbolic links, use the same lock file. The system releases the lock when its process ends, however it ends. A run
/// removes the file when it ends; if a run was killed, the next run takes over its file.
final class OutputLock {
  /// The holder of a lock, as the lock file says; empty if that cannot be read.
  struct Holder: Equatable {
    var text = ""
  }

  enum Answer {
    case taken(OutputLock)
    case held(by: Holder)
    /// The file system has no locks.
    case impossible
  }

  /// How the names of all lock files end.
  static let ending = ".veil-lock"

  private let place: Place
  private let name: String
  private let file: Descriptor

  private init(place: Place, name: String, file: Descriptor) {
    (self.place, self.name, self.file) = (place, name, file)
  }

  /// Releases the lock. The file is removed first, while nobody else can hold the lock.
  deinit {
    _ = unsafe unlinkat(place.folder.number, name, 0)
    TemporaryFiles.shared.unregister(place.path(of: name))
  }

  /// Takes the lock for the output at `place`, without waiting.
  static func take(_ place: Place, run: String) throws(OutputError) -> Answer {
    let name = place.lockName
    do throws(SystemError) {
      while true {
        let file = try Descriptor.open(
          name, in: place.folder, flags: O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode: 0o600)
        do throws(SystemError) {
          guard try file.tryLock() else { return .held(by: holder(file)) }
        } catch {
          if [EOPNOTSUPP, ENOLCK, ENOSYS].contains(error.code) {
            _ = unsafe unlinkat(place.folder.number, name, 0)
            return .impossible
          }
          throw error
        }
        // The previous holder may have removed the file meanwhile. Then the file that was locked is no longer the lock.
        guard try isStill(file, named: name, in: place) else { continue }
        TemporaryFiles.shared.register(place.path(of: name))
        let lock = OutputLock(place: place, name: name, file: file)
        try lock.sign(run)
        return .taken(lock)
      }
    } catch {
      throw OutputError(
        "cannot lock \(place.target): \(place.path(of: name)): \(error)"
          + (error.code == EACCES ? " (another user's; if no run of theirs goes on, remove it)" : ""))
    }
  }

  /// Returns who holds the lock file `name` in a folder; nil if nobody does.
  static func holder(of name: String, in folder: Descriptor) -> Holder? {
    guard let file = try? Descriptor.regular(name, in: folder, followsLinks: false),
      (try? file.tryLock()) == false
    else { return nil }
    return holder(file)
  }

  private static func isStill(_ file: Descriptor, named name: String, in place: Place) throws(SystemError) -> Bool {
    let mine = try file.status()
    guard mine.st_mode & S_IFMT == S_IFREG else { throw SystemError(EEXIST) }
    var there = stat()
    guard unsafe fstatat(place.folder.number, name, &there, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
    return there.st_ino == mine.st_ino && there.st_dev == mine.st_dev
  }

  private func sign(_ run: String) throws(SystemError) {
    // The text that a killed run left is removed. A new file is not truncated: when a truncated file is closed, ext4
    // writes it to the disk, and the run would wait for that.
    if try file.status().st_size > 0, ftruncate(file.number, 0) != 0 { throw SystemError(errno) }
    let text = "process \(getpid()) on \(Self.hostName), since \(Timestamp.now()), run \(run)\n"
    try file.write(text)
  }

  private static var hostName: String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "an unknown host" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func holder(_ file: Descriptor) -> Holder {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe pread(file.number, &bytes, bytes.count, 0)
    // The text in the file may contain anything; it must not control the terminal of the person who reads the message.
    let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).prefix { $0 != "\n" }
    return Holder(text: ShownName.plain(String(line)))
  }
}

extension Place {
  /// The name of the lock file in the folder.
  var lockName: String {
    var stem = name
    while stem.utf8.count > 200 { stem.removeLast() }
    return ".\(stem)\(OutputLock.ending)"
  }
}

extension Descriptor {
  /// Writes text as UTF-8.
  func write(_ text: String) throws(SystemError) {
    let bytes = Array(text.utf8)
    var failure: SystemError?
    unsafe bytes.withUnsafeBytes { bytes in
      do throws(SystemError) { unsafe try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
