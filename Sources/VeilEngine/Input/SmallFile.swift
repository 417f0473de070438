import Glibc
import VeilGround

/// Files of the tool's own that are read whole: states, manifests, metrics.
enum SmallFile {
  /// The bytes of a regular file of at most `limit` bytes. Throws what the system says; `EFBIG` where it is longer.
  static func bytes(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try Descriptor.open(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(EINVAL) }
    guard status.st_size <= limit else { throw SystemError(EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var failure: SystemError?
    let count = unsafe bytes.withUnsafeMutableBytes { room in
      do throws(SystemError) {
        return unsafe try file.read(into: room, at: 0)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    // It is whole or it is not there.
    if count < bytes.count { throw SystemError(EIO) }
    return bytes
  }

  /// The same as text; nil where it cannot be read.
  static func text(_ path: String, limit: Int) -> String? {
    do throws(SystemError) {
      return String(decoding: try bytes(path, limit: limit), as: UTF8.self)
    } catch {
      return nil
    }
  }
}
