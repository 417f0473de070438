import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// What a state remembers a file by.
enum FileFacts {
  /// The path as a state names it: without links and detours in its folder, and from the pipeline's folder on where it lies
  /// in there, so that all may be moved together.
  static func key(_ path: String, from pipelineFolder: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(path[...$0]) } ?? "."
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    let full = (real(folder) ?? folder) + "/" + name
    guard let root = real(pipelineFolder), full.hasPrefix(root + "/") else { return full }
    return String(full.dropFirst(root.count + 1))
  }

  private static func real(_ path: String) -> String? {
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(validatingCString: found)
  }

  /// A file's length, and times that change with it: of its contents, and of what the system knows of it. They are
  /// empty for a file that was changed in the last two seconds, since a change within one tick of the clock would not show.
  static func look(_ path: String) throws(RunError) -> (byteCount: Int, stamp: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw RunError(.inputOutput, "cannot read \(path): \(SystemError(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RunError(.inputOutput, "cannot read \(path): with 'state' every input is a regular file")
    }
    let isFresh = status.st_ctim.tv_sec > time(nil) - 2
    let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }.joined(separator: "/")
    return (Int(status.st_size), isFresh ? "" : "\(times)/\(status.st_ino)")
  }

  /// Whether a path leads to something that can be read only once.
  static func isPipe(_ path: String) -> Bool {
    var status = stat()
    if path == "-" { return true }
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }

  /// When the newest of the files was last changed, in seconds since 1970; nil where none can be asked.
  static func newest(of paths: [String]) -> Int? {
    paths.compactMap { path in
      var status = stat()
      return unsafe stat(path, &status) == 0 ? status.st_mtim.tv_sec : nil
    }.max()
  }

  /// The SHA-256 of a file as it is stored, in hex; nil where it cannot be read.
  static func sha256(_ path: String) -> String? {
    var room = [UInt8](repeating: 0, count: 1 << 18)
    do throws(InputError) {
      let source = try FileSource(path: path, takes: .files)
      let hash = StreamingSHA256()
      while true {
        var failure: InputError?
        let count = unsafe room.withUnsafeMutableBytes { room in
          do throws(InputError) {
            let count = unsafe try source.read(into: room)
            unsafe hash.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<count]))
            return count
          } catch {
            failure = error
            return 0
          }
        }
        if let failure { throw failure }
        if count == 0 { return hash.finalizeHex() }
      }
    } catch {
      return nil
    }
  }
}
