import Glibc
import VeilConfig

/// The files that a path stands for, sorted by their bytes: itself, the data files in a folder, or what a pattern with
/// `*`, `?` or `[…]` meets.
struct InputListing {
  private(set) var paths: [String] = []
  /// How many files of a folder are no data files, by their names.
  private(set) var others = 0
  /// Whether a pattern or a folder was given, which may stand for nothing at all for a night.
  private(set) var isPattern = true
  /// As messages call it.
  let path: String

  /// - Parameters:
  ///   - folder: what stands before a path, to be taken as it is.
  ///   - format: of the data files in a folder; nil for any.
  init(_ written: String, in folder: String = "", format: DataFormat? = nil) throws(InputError) {
    path = written == "-" ? written : folder + written
    if written == "-" || path.utf8.contains(0) {
      (paths, isPattern) = ([path], false)
    } else if Self.isFolder(path) {
      try list(format)
    } else if Self.isPattern(written), unsafe access(path, F_OK) != 0 {
      try match(Self.literal(folder) + written)
    } else {
      // A file that is really called so is meant itself.
      (paths, isPattern) = ([path], false)
    }
    paths.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Throws where there is nothing to read.
  func requireSome() throws(InputError) {
    guard paths.isEmpty else { return }
    let what = Self.isFolder(path) ? "no data file is in the folder \(path)" : "no file matches \(path)"
    throw InputError(others > 0 ? "\(what) (\(others) others are: their names end in no format's name)" : what)
  }

  private static func isPattern(_ path: String) -> Bool {
    path.utf8.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A path that a pattern takes at its word.
  private static func literal(_ path: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in path.unicodeScalars {
      if "*?[\\".unicodeScalars.contains(scalar) { out.append("\\") }
      out.append(scalar)
    }
    return String(out)
  }

  /// The regular files that are not hidden and whose names end as a format's do.
  private mutating func list(_ format: DataFormat?) throws(InputError) {
    guard let folder = unsafe opendir(path) else { throw InputError("cannot read \(path): \(SystemError(errno))") }
    defer { unsafe closedir(folder) }
    while let entry = unsafe readdir(folder) {
      // Sound: the system ends the name with a zero byte, and it is copied before the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
        unsafe String(validatingCString: UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
      }
      guard let name else { throw InputError("\(path) holds a file whose name is not UTF-8") }
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if name.hasPrefix(".") || Self.isFolder(file) { continue }
      if let found = DataFormat(fileName: name), format == nil || found == format {
        paths.append(file)
      } else {
        others += 1
      }
    }
  }

  private mutating func match(_ pattern: String) throws(InputError) {
    var found = unsafe glob_t()
    let status = unsafe glob(pattern, GLOB_ERR, nil, &found)
    defer { unsafe globfree(&found) }
    switch status {
    case 0: break
    case GLOB_NOMATCH: return
    case GLOB_ABORTED: throw InputError("cannot read every folder that \(path) goes through: \(SystemError(errno))")
    default: throw InputError("cannot look for \(path): out of memory")
    }
    for index in unsafe 0..<Int(found.gl_pathc) {
      // Sound: on success glob filled in `gl_pathc` C strings, which live until `globfree`.
      guard let bytes = unsafe found.gl_pathv[index], let text = unsafe String(validatingCString: bytes) else {
        throw InputError("\(path) matches a file whose name is not UTF-8")
      }
      paths.append(text)
    }
  }
}
