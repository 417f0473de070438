import Glibc
import VeilConfig
import VeilGround

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
    for name in try FolderNames.all(of: path) {
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if name.hasPrefix(".") || Self.isFolder(file) { continue }
      if let found = DataFormat(fileName: name), format == nil || found == format {
        paths.append(file)
      } else {
        others += 1
      }
    }
  }

  /// Follows a pattern from folder to folder. (glob(3) takes a folder that fails to be read for one that has ended.)
  private mutating func match(_ pattern: String) throws(InputError) {
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for part in pattern.split(separator: "/") {
      var next: [String] = []
      for folder in found {
        let stem = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
        if let name = Self.literalName(part) {
          if try FolderNames.isThere(stem + name) { next.append(stem + name) }
          continue
        }
        // A file on the way is no folder to look into.
        if !folder.isEmpty, !Self.isFolder(folder) { continue }
        for name in try FolderNames.all(of: folder.isEmpty ? "." : folder)
        where unsafe fnmatch(String(part), name, FNM_PERIOD) == 0 {
          next.append(stem + name)
        }
      }
      found = next
    }
    paths = found
  }

  /// What a part of a pattern stands for, where it has no wildcard.
  private static func literalName(_ part: Substring) -> String? {
    var name = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in part.unicodeScalars {
      if !isEscaped, scalar == "\\" {
        isEscaped = true
        continue
      }
      if !isEscaped, "*?[".unicodeScalars.contains(scalar) { return nil }
      name.append(scalar)
      isEscaped = false
    }
    return String(name)
  }
}

/// What lies in a folder.
enum FolderNames {
  /// All names in a folder but `.` and `..`, in no order. A folder that cannot be read to its end is an error.
  static func all(of path: String) throws(InputError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw InputError("cannot read \(path): \(SystemError(errno))") }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      // Sound: the system ends the name with a zero byte, and it is copied before the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
        unsafe String(validatingCString: UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
      }
      guard let name else { throw InputError("\(path) holds a file whose name is not UTF-8") }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw InputError("cannot read \(path): \(SystemError(errno))") }
    return names
  }

  /// Whether anything bears the name.
  static func isThere(_ path: String) throws(InputError) -> Bool {
    var status = stat()
    if unsafe lstat(path, &status) == 0 { return true }
    if errno == ENOENT || errno == ENOTDIR { return false }
    throw InputError("cannot read \(path): \(SystemError(errno))")
  }
}

extension InputListing {
  /// The files that a path of a pipeline stands for. The name of the pipeline's own folder is no pattern, whatever stands
  /// in it.
  init(_ written: String, of config: PipelineConfig, format: DataFormat?) throws(InputError) {
    let folder = String(decoding: config.resolve(written).utf8.dropLast(written.utf8.count), as: UTF8.self)
    try self.init(written, in: folder, format: format)
  }
}
