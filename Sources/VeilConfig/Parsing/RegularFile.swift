package import Glibc

/// Opens files that have to be regular ones.
///
/// Whatever else stands at a path is refused without being opened: a pipe that nobody writes to would be waited for
/// without end, and opening a device may do something. All who read a file that is no input of a run come here.
package enum RegularFile {
  package enum Problem: Error, CustomStringConvertible {
    case system(Int32)
    /// Something else than a regular file, in words that follow "it is".
    case other(String)

    package var description: String {
      switch self {
      case .system(let code): unsafe String(cString: strerror(code))
      case .other(let kind): "it is \(kind)"
      }
    }
  }

  /// Returns what stands at a path in words that follow "it is"; nil for a regular file.
  package static func kind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFLNK: "a link"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// Whether a path is one of the files that this process was started with. They are open already, so that nothing can be
  /// waited for that the caller did not hand over.
  package static func isHandedOver(_ path: String) -> Bool {
    path == "-" || path == "/dev/stdin" || path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/")
  }

  /// Opens a regular file for reading and returns its number.
  /// - Parameters:
  ///   - folder: the number of the open folder that a relative path begins in.
  ///   - followsLinks: whether a link at the end of the path leads to the file.
  package static func open(
    _ path: String, in folder: Int32 = AT_FDCWD, followsLinks: Bool = true
  ) throws(Problem) -> Int32 {
    // The system would cut the path at a zero byte.
    if path.utf8.contains(0) { throw .system(EINVAL) }
    var status = stat()
    guard unsafe fstatat(folder, path, &status, followsLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system(errno)
    }
    if let kind = kind(status.st_mode) { throw .other(kind) }
    // Should it be replaced by a pipe at this very moment, nothing waits for it either.
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW)
    while true {
      let number = unsafe openat(folder, path, flags)
      if number < 0, errno == EINTR { continue }
      guard number >= 0 else { throw .system(errno) }
      guard unsafe fstat(number, &status) == 0 else {
        let code = errno
        close(number)
        throw .system(code)
      }
      if let kind = kind(status.st_mode) {
        close(number)
        throw .other(kind)
      }
      return number
    }
  }
}
