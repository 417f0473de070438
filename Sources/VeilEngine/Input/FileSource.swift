import Glibc
import VeilGround

/// Which file was read, and in which state: what a second pass must find again.
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
  /// As messages call it.
  let name: String
  /// Nil for what is not a regular file, and for standard input.
  let identity: FileIdentity?
  private let descriptor: Descriptor
  private let meter: (any ByteMeter)?
  private var readBytes = 0
  /// Whether the last read found nothing more. Who looks at the beginning only never comes there.
  private var isAtEnd = false

  /// Opens `path`; `-` is standard input. Where `expected` is given, the file must be that one, unchanged.
  init(path: String, expecting expected: FileIdentity? = nil, meter: (any ByteMeter)? = nil) throws(InputError) {
    self.meter = meter
    let isStandardInput = path == "-"
    name = isStandardInput ? "standard input" : path
    do throws(SystemError) {
      descriptor = isStandardInput ? .standardInput : try .open(path, flags: O_RDONLY)
      let status = try descriptor.status()
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR { throw SystemError(EISDIR) }
      identity = kind == S_IFREG && !isStandardInput ? FileIdentity(status) : nil
    } catch {
      throw InputError("cannot read \(name): \(error)")
    }
    if let expected, identity != expected { throw changed }
    // Only a hint: a file system that knows nothing of it reads as before.
    _ = posix_fadvise(descriptor.number, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  /// How long a regular file is; nil for anything else, and where it is not known.
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

  /// Throws if the file was written to since it was opened: what was read may then be part old, part new. The same if
  /// it ended before as many bytes came as it has, as on a network file system it may.
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
