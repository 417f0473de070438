import Glibc

/// Reads and creates key files.
public enum KeyFile {
  /// Returns the text of a key file if only its owner and root could have read or changed it.
  ///
  /// All checks use the open file, so that nobody can exchange the file between a check and its use.
  static func read(path: String) throws(KeyError.Reason) -> SecretBytes {
    guard !path.contains("\0") else { throw .unreadable(errno: EINVAL) }
    // With O_NONBLOCK, a pipe in place of the file is refused; without it, the call would wait.
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ELOOP ? .symbolicLink : .unreadable(errno: code)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegularFile }
    guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .foreignOwner(user: status.st_uid) }
    guard status.st_mode & 0o077 == 0 else { throw .readableByOthers(mode: status.st_mode & 0o7777) }
    guard status.st_size <= KeyLoader.textLimit else { throw .tooLong(limit: KeyLoader.textLimit) }
    return try KeyLoader.readToEnd(descriptor)
  }

  /// Makes a key of 32 random bytes and a new file for it that only its owner may read: `hex:`, 64 digits, a newline.
  /// An existing file stays unchanged. When this returns, the key has reached the disk.
  public static func create(path: String) throws(KeyError) -> SecretBytes {
    do throws(KeyError.Reason) {
      let key = SecretBytes.random(count: 32)
      try write(text(of: key), path: path)
      return key
    } catch {
      throw KeyError(.file(path: path), error)
    }
  }

  /// Does the same as `create` for a file that is protected by a passphrase of 12 bytes or more.
  public static func createWrapped(path: String, passphrase: SecretBytes) throws(KeyError) -> SecretBytes {
    do throws(KeyError.Reason) {
      let key = SecretBytes.random(count: 32)
      let text = Array(try WrappedKey.seal(key, passphrase: passphrase).utf8)
      try write(unsafe text.withUnsafeBytes { unsafe SecretBytes(copying: $0) }, path: path)
      return key
    } catch {
      throw KeyError(.file(path: path), error)
    }
  }

  private static func text(of key: SecretBytes) -> SecretBytes {
    unsafe SecretBytes(count: 4 + 2 * key.count + 1) { (text: UnsafeMutableRawBufferPointer) in
      unsafe text.copyBytes(from: "hex:".utf8)
      unsafe key.withUnsafeBytes { key in
        for index in key.indices {
          unsafe text[4 + 2 * index] = Hex.digit(key[index] >> 4)
          unsafe text[4 + 2 * index + 1] = Hex.digit(key[index] & 0xF)
        }
      }
      unsafe text[text.count - 1] = UInt8(ascii: "\n")
    }
  }

  private static func write(_ text: SecretBytes, path: String) throws(KeyError.Reason) {
    guard !path.contains("\0") else { throw .unwritable(errno: EINVAL) }
    do throws(KeyError.Reason) {
      try publish(text, path: path)
    } catch {
      guard error == .unwritable(errno: ENOENT) else { throw error }
      try makeFolder(of: path)
      try publish(text, path: path)
    }
    do throws(KeyError.Reason) {
      try syncFolder(of: path)
    } catch {
      unsafe unlink(path)
      throw error
    }
  }

  /// Writes a file without a name, and gives it the name when all of it has reached the disk: whatever happens meanwhile,
  /// no part of a key file is ever there. Where a file system has no such files, the file is made under its name.
  private static func publish(_ text: SecretBytes, path: String) throws(KeyError.Reason) {
    // The kernel's O_TMPFILE, which Glibc's module leaves out.
    let unnamed = 0o20_000_000 | O_DIRECTORY
    let descriptor = unsafe open(folder(of: path), O_WRONLY | unnamed | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      guard [EOPNOTSUPP, EISDIR, EINVAL].contains(code) else { throw .unwritable(errno: code) }
      return try publishNamed(text, path: path)
    }
    defer { close(descriptor) }
    try fill(descriptor, with: text)
    // Sound: both are C strings for the length of the call.
    if unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 { return }
    switch errno {
    case EEXIST: throw .alreadyExists
    case ENOENT, EXDEV, EOPNOTSUPP, EPERM: try publishNamed(text, path: path)
    case let code: throw .unwritable(errno: code)
    }
  }

  private static func publishNamed(_ text: SecretBytes, path: String) throws(KeyError.Reason) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      throw code == EEXIST || code == ELOOP ? .alreadyExists : .unwritable(errno: code)
    }
    defer { close(descriptor) }
    do throws(KeyError.Reason) {
      try fill(descriptor, with: text)
    } catch {
      unsafe unlink(path)
      throw error
    }
  }

  private static func fill(_ descriptor: Int32, with text: SecretBytes) throws(KeyError.Reason) {
    try unsafe text.withUnsafeBytes { bytes throws(KeyError.Reason) in
      var offset = 0
      // Sound: each write gets exactly the number of bytes that are left.
      while offset < bytes.count, let start = bytes.baseAddress {
        let count = unsafe Glibc.write(descriptor, start + offset, bytes.count - offset)
        if count >= 0 { offset += count } else if errno != EINTR { throw .unwritable(errno: errno) }
      }
    }
    // The process's mask may have removed the owner's own permissions.
    guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else { throw .unwritable(errno: errno) }
  }

  private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "." }

  /// Makes the folder of the file, for example `keys`, for its owner alone. It makes only one folder: if more are
  /// missing, the path is probably wrong.
  private static func makeFolder(of path: String) throws(KeyError.Reason) {
    let folder = folder(of: path)
    guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .unwritable(errno: errno) }
    try sync(folder + "/..")
  }

  /// Brings the file's name to the disk as well.
  private static func syncFolder(of path: String) throws(KeyError.Reason) { try sync(folder(of: path)) }

  private static func sync(_ folder: String) throws(KeyError.Reason) {
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(errno: errno) }
    defer { close(descriptor) }
    // Some file systems cannot sync a folder and say so with EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .unwritable(errno: errno) }
  }
}
