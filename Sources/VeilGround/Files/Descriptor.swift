internal import CLinux
package import Glibc

/// An open file. It is closed when its last owner releases it.
///
/// Every call is retried when a signal interrupts it, and waits if another program has left a pipe in non-blocking
/// mode.
package final class Descriptor: Sendable {
  package let number: Int32
  private let isOwned: Bool

  /// Takes over an open file. The descriptors that the process was started with (0, 1, 2) are only borrowed, and stay
  /// open.
  package init(_ number: Int32, isOwned: Bool = true) {
    self.number = number
    self.isOwned = isOwned
  }

  deinit {
    if isOwned { close(number) }
  }

  package static let standardInput = Descriptor(STDIN_FILENO, isOwned: false)
  package static let standardOutput = Descriptor(STDOUT_FILENO, isOwned: false)

  /// Opens `path`, relative to `folder` if one is given. Programs that this process starts do not inherit the file.
  package static func open(
    _ path: String, in folder: Descriptor? = nil, flags: Int32, mode: mode_t = 0
  ) throws(SystemError) -> Descriptor {
    try SystemError.refuseNull(in: path)
    while true {
      // Sound: the path is a C string for the length of the call.
      let number = unsafe openat(folder?.number ?? AT_FDCWD, path, flags | O_CLOEXEC, mode)
      if number >= 0 { return Descriptor(number) }
      if errno != EINTR { throw SystemError(errno) }
    }
  }

  /// Reads up to `buffer.count` bytes; returns 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    while true {
      // Sound: the buffer has room for its own count.
      let count = unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      try recover(from: errno, waitingFor: POLLIN)
    }
  }

  /// Reads `buffer.count` bytes from `offset` on; returns fewer at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = unsafe pread(number, rest.baseAddress, rest.count, offset + done)
      if count == 0 { break }
      if count > 0 { done += count } else { try recover(from: errno, waitingFor: POLLIN) }
    }
    return done
  }

  /// Reads from the front of a block on, as the functions above do, and returns how many bytes it read.
  /// - Parameter offset: where in the file; nil to read on.
  package func read(into block: inout [UInt8], at offset: Int? = nil) throws(SystemError) -> Int {
    try unsafe block.withUnsafeMutableBytes { block in
      Result { () throws(SystemError) in
        if let offset { unsafe try read(into: block, at: offset) } else { unsafe try read(into: block) }
      }
    }.get()
  }

  /// Writes all of `bytes`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = unsafe Glibc.write(number, rest.baseAddress, rest.count)
      if count > 0 {
        done += count
      } else if count == 0 {
        throw SystemError(EIO)
      } else {
        try recover(from: errno, waitingFor: POLLOUT)
      }
    }
  }

  private func recover(from code: Int32, waitingFor event: Int32) throws(SystemError) {
    if code == EINTR { return }
    guard code == EAGAIN else { throw SystemError(code) }
    var waiting = pollfd(fd: number, events: Int16(truncatingIfNeeded: event), revents: 0)
    _ = unsafe poll(&waiting, 1, -1)
  }

  package func status() throws(SystemError) -> stat {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw SystemError(errno) }
    return status
  }

  /// Starts writing bytes to the disk that were already written to the file, without waiting, so that `synchronize` has
  /// less to do. This is only a hint: if the system cannot follow it, nothing happens.
  package func beginSynchronizing(from offset: Int, count: Int) {
    _ = linux_begin_write_back(number, Int64(offset), Int64(count))
  }

  /// Waits until everything that was written to the file is on the disk.
  package func synchronize() throws(SystemError) {
    while fsync(number) != 0 {
      if errno == EINTR { continue }
      // A device or a file system that cannot synchronize.
      if errno == EINVAL || errno == EROFS || errno == ENOTSUP { return }
      throw SystemError(errno)
    }
  }

  /// Detects the errors that some file systems report only when a file is closed, without closing this file.
  package func flushByClosingACopy() throws(SystemError) {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw SystemError(errno) }
    if close(copy) != 0 && errno != EINTR { throw SystemError(errno) }
  }

  /// Takes the lock of the file without waiting. Only programs that also ask for the lock respect it. Returns false if
  /// another program has it.
  package func tryLock() throws(SystemError) -> Bool {
    if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    throw SystemError(errno)
  }
}

/// An error number of the operating system.
package struct SystemError: Error, CustomStringConvertible {
  package let code: Int32

  package init(_ code: Int32) { self.code = code }

  /// Whether no file has the name.
  package var isMissing: Bool { code == ENOENT }

  /// The text of the system for the error, e.g. `No such file or directory`.
  package var description: String {
    // Sound: since glibc 2.32 the text is constant or belongs to this thread, and it is copied at once.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// Throws if `path` has a zero byte. The system would cut the path there and use another file.
  package static func refuseNull(in path: String) throws(SystemError) {
    if path.utf8.contains(0) { throw SystemError(EINVAL) }
  }
}
