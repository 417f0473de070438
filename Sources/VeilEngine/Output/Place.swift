import Glibc
import VeilGround

/// The folder and the name under which an output is published.
struct Place {
  /// The path as the user wrote it.
  let target: String
  let name: String
  let folderPath: String
  /// The folder is kept open, so that all files go to the same folder even if it is moved during the run.
  let folder: Descriptor

  /// Opens the folder of the target. Makes the folder, for its owner alone, if only that one folder is missing; throws
  /// if more are missing.
  init(target: String) throws(OutputError) {
    self.target = target
    let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
    name = slash.map { String(target[target.utf8.index(after: $0)...]) } ?? target
    let path = slash.map { String(target[..<$0]) } ?? "."
    folderPath = path.isEmpty ? "/" : path
    if name.isEmpty { throw OutputError("cannot write '\(target)': it names a folder, a file is needed") }
    folder = try Place.open(folderPath, for: target)
  }

  private static func open(_ path: String, for target: String) throws(OutputError) -> Descriptor {
    let flags = O_RDONLY | O_DIRECTORY
    do throws(SystemError) {
      do throws(SystemError) {
        return try Descriptor.open(path, flags: flags)
      } catch {
        guard error.code == ENOENT else { throw error }
        try SystemError.refuseNull(in: path)
        if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST { throw SystemError(errno) }
        // The new folder must survive a power failure, like the files in it.
        try Descriptor.open(path + "/..", flags: flags).synchronize()
        return try Descriptor.open(path, flags: flags)
      }
    } catch {
      if error.code == ENOENT {
        throw OutputError("cannot write \(target): there is no folder \(path): make it first, with  mkdir -p \(path)")
      }
      throw OutputError("cannot write \(target): the folder \(path): \(error)")
    }
  }

  /// Returns the path of a file in the folder.
  func path(of name: String) -> String { folderPath == "." ? name : "\(folderPath)/\(name)" }

  func failure(_ error: SystemError) -> OutputError { OutputError("cannot write \(target): \(error)") }

  /// Throws if the target must not be replaced. Returns true for a device such as `/dev/null`, which is written to and
  /// not replaced.
  func isDevice() throws(OutputError) -> Bool {
    var status = stat()
    if unsafe fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) != 0 {
      if errno == ENOENT { return false }
      throw failure(SystemError(errno))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return false
    case S_IFCHR: return true
    case S_IFDIR: throw OutputError("cannot write \(target): it is a folder, a file is needed")
    case S_IFLNK:
      throw OutputError(
        "cannot write \(target): it is a symbolic link, which would be replaced and not followed: "
          + "name the file that it leads to, or '-' for standard output")
    default:
      throw OutputError("cannot write \(target): it is neither a file nor a device; for a pipe, write to '-'")
    }
  }

  // MARK: Names of temporary files

  /// The beginning of the names of all temporary files of this target.
  private var temporaryPrefix: String {
    // A file name may have 255 bytes; the other parts take 28.
    var stem = name
    while stem.utf8.count > 200 { stem.removeLast() }
    return ".\(stem).veil-"
  }

  private static let temporarySuffix = ".tmp"

  func newTemporaryName() -> String { temporaryPrefix + RandomName.hex() + Place.temporarySuffix }

  /// Puts the folder of the target in order: see `Leftovers`.
  func clearLeftovers() throws(OutputError) {
    do throws(OutputError) { try Leftovers.clear(folder, at: folderPath) } catch {
      throw OutputError("cannot write \(target): \(error)")
    }
  }
}
