import Glibc
import VeilConfig
import VeilGround

/// Identifies a file and its state, so that a second pass can check that it reads the same file, unchanged.
struct FileIdentity: Equatable, Sendable {
  let device: UInt
  let inode: UInt
  let byteCount: Int
  let modifiedSeconds: Int
  let modifiedNanoseconds: Int

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    byteCount = Int(status.st_size)
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
  }
}

/// The bytes of a file, a pipe or standard input, as they are stored.
final class FileSource: ByteSource {
  /// The name of the file in messages.
  let name: String
  /// Nil for standard input and for anything that is not a regular file.
  let identity: FileIdentity?
  /// What may stand at a path that is read.
  enum Kind {
    /// Also pipes and devices, which are waited for.
    case anything
    /// Regular files, links to them, and what this process was started with.
    case files
    /// Regular files themselves.
    case unlinkedFiles
  }

  private let descriptor: Descriptor
  private let meter: (any ByteMeter)?
  private var readBytes = 0
  /// Whether the last read found the end. A caller that reads only the beginning never gets there.
  private var isAtEnd = false

  /// Opens `path`; `-` is standard input. If `expected` is given, the file must be the same one, unchanged.
  /// - Parameter takes: what may stand at the path. What a user names as the input of a run may be a pipe.
  init(
    path: String, expecting expected: FileIdentity? = nil, meter: (any ByteMeter)? = nil, takes: Kind = .anything
  ) throws(InputError) {
    self.meter = meter
    let isStandardInput = path == "-"
    name = isStandardInput ? "standard input" : path
    descriptor = try Self.open(path, takes: takes, name: name)
    do throws(SystemError) {
      let status = try descriptor.status()
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR { throw SystemError(EISDIR) }
      identity = kind == S_IFREG && !isStandardInput ? FileIdentity(status) : nil
    } catch {
      throw InputError("cannot read \(name): \(error)")
    }
    if let expected, identity != expected { throw changed }
    // This is only a hint: a file system that does not know it reads as before.
    _ = posix_fadvise(descriptor.number, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  private static func open(_ path: String, takes: Kind, name: String) throws(InputError) -> Descriptor {
    if path == "-" { return .standardInput }
    if takes == .anything || takes == .files && RegularFile.isHandedOver(path) {
      do throws(SystemError) { return try .open(path, flags: O_RDONLY) } catch {
        throw InputError("cannot read \(name): \(error)")
      }
    }
    do throws(RegularFile.Problem) {
      return Descriptor(try RegularFile.open(path, followsLinks: takes == .files))
    } catch {
      throw InputError("cannot read \(name): \(error)")
    }
  }

  /// Returns the length of a regular file; nil for anything else, and if the length is not known.
  static func size(_ path: String) -> Int? {
    var status = Glibc.stat()
    guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    do throws(SystemError) {
      let count = unsafe try descriptor.read(into: buffer)
      meter?.addBytes(count)
      readBytes += count
      isAtEnd = count == 0
      return count
    } catch {
      throw InputError("cannot read \(name): \(error)")
    }
  }

  /// Throws if the file was written to since it was opened: the bytes that were read may be partly old and partly new.
  /// Also throws if the file ended before its whole length was read, which can happen on a network file system.
  func checkUnchanged() throws(InputError) {
    guard let identity else { return }
    let now: FileIdentity
    do throws(SystemError) {
      now = FileIdentity(try descriptor.status())
    } catch {
      throw InputError("cannot read \(name): \(error)")
    }
    if now != identity { throw changed }
    if isAtEnd, readBytes < identity.byteCount {
      throw InputError("\(name) ended after \(readBytes) of its \(identity.byteCount) bytes: run again")
    }
  }

  private var changed: InputError {
    InputError("\(name) was changed while it was being read: run again when nothing writes to it")
  }
}
