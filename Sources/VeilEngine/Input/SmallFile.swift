import Glibc
import VeilGround

/// Reads the files that this program writes itself and reads whole: states, manifests, metrics.
enum SmallFile {
  /// Returns the bytes of a regular file of at most `limit` bytes. Throws the error of the system, or `EFBIG` if the
  /// file is longer.
  static func bytes(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try Descriptor.regular(path)
    let status = try file.status()
    guard status.st_size <= limit else { throw SystemError(EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = try file.read(into: &bytes, at: 0)
    // A file that ended too early counts as unreadable.
    if count < bytes.count { throw SystemError(EIO) }
    return bytes
  }

  /// Returns the file as text; nil if it cannot be read.
  static func text(_ path: String, limit: Int) -> String? {
    do throws(SystemError) {
      return String(decoding: try bytes(path, limit: limit), as: UTF8.self)
    } catch {
      return nil
    }
  }
}
