import Glibc

/// Files that decide which key makes tokens, or what was published: whoever can change one can change that.
package enum GuardedFile {
  /// Throws if others than its owner and root can write to the file, or if it is another user's. A file that is not there
  /// is left to whoever opens it.
  package static func require(_ path: String, _ name: String) throws(RunError) {
    var status = stat()
    // Sound: the path is a C string for the length of the call.
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw RunError(
        .invalid,
        "\(name) \(path) belongs to another user (id \(status.st_uid)), who could change it; it must belong to you or to root"
      )
    }
    guard status.st_mode & 0o022 == 0 else {
      let mode = String(status.st_mode & 0o7777, radix: 8)
      throw RunError(.invalid, "\(name) \(path) can be changed by others (mode \(mode)); run  chmod go-w \(path)")
    }
  }
}
