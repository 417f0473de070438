import Glibc
import VeilConfig
import VeilGround

/// The files that a path of the pipeline stands for, sorted by their bytes: the file itself, the data files in a
/// folder, or the files that match a pattern with `*`, `?` or `[…]`.
struct InputListing {
  private(set) var paths: [String] = []
  /// The number of files in a folder that are not data files, judged by their names.
  private(set) var others = 0
  /// Whether the path is a pattern or a folder, which may have no file at all on some days.
  private(set) var isPattern = true
  /// The path in messages.
  let path: String

  /// - Parameters:
  ///   - folder: the text in front of the path; it is not read as a pattern.
  ///   - format: the format of the data files in a folder; nil for any.
  init(_ written: String, in folder: String = "", format: DataFormat? = nil) throws(InputError) {
    path = written == "-" ? written : folder + written
    if written == "-" || path.utf8.contains(0) {
      (paths, isPattern) = ([path], false)
    } else if Self.isFolder(path) {
      try list(format)
    } else if Self.isPattern(written), unsafe access(path, F_OK) != 0 {
      try match(Self.literal(folder) + written)
    } else {
      // If a file with exactly this name exists, the path means that file.
      (paths, isPattern) = ([path], false)
    }
    paths.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Throws if there is no file to read.
  func requireSome() throws(InputError) {
    if paths.isEmpty { throw InputError(emptiness) }
  }

  /// Says that there is no file to read.
  var emptiness: String {
    let what = Self.isFolder(path) ? "no data file is in the folder \(path)" : "no file matches \(path)"
    return others > 0 ? "\(what) (\(others) others are: their names end in no format's name)" : what
  }

  private static func isPattern(_ path: String) -> Bool {
    path.utf8.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns a pattern that matches exactly this path.
  private static func literal(_ path: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in path.unicodeScalars {
      if "*?[\\".unicodeScalars.contains(scalar) { out.append("\\") }
      out.append(scalar)
    }
    return String(out)
  }

  /// Lists the regular files that are not hidden and whose names end as a format's do.
  private mutating func list(_ format: DataFormat?) throws(InputError) {
    for name in try FolderNames.all(of: path) {
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if name.hasPrefix(".") || Self.isFolder(file) { continue }
      try Self.refuseOther(file)
      if let found = DataFormat(fileName: name), format == nil || found == format {
        paths.append(file)
      } else {
        others += 1
      }
    }
  }

  /// Throws if a pipe, a socket or a device stands among the files: nobody named it, and reading it could last for ever.
  private static func refuseOther(_ path: String) throws(InputError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0, let kind = RegularFile.kind(status.st_mode), kind != "a folder" else {
      return
    }
    throw InputError("\(path) is \(kind), which is read only where it is named by itself: take it out of the folder")
  }

  /// Matches a pattern folder by folder. (glob(3) treats a folder that cannot be read as one that has ended.)
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
        // A file in the middle of the path is not a folder to search.
        if !folder.isEmpty, !Self.isFolder(folder) { continue }
        for name in try FolderNames.all(of: folder.isEmpty ? "." : folder)
        where unsafe fnmatch(String(part), name, FNM_PERIOD) == 0 {
          next.append(stem + name)
        }
      }
      found = next
    }
    for path in found { try Self.refuseOther(path) }
    paths = found
  }

  /// Returns the name that a part of a pattern stands for, or nil if the part has a wildcard.
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

/// The names of the files in a folder.
enum FolderNames {
  /// Returns all names in a folder except `.` and `..`, in no particular order. Throws if the folder cannot be read to
  /// its end.
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

  /// Returns whether a file has the name.
  static func isThere(_ path: String) throws(InputError) -> Bool {
    var status = stat()
    if unsafe lstat(path, &status) == 0 { return true }
    if errno == ENOENT || errno == ENOTDIR { return false }
    throw InputError("cannot read \(path): \(SystemError(errno))")
  }
}

extension InputListing {
  /// Lists the files that a path of a pipeline stands for. The name of the pipeline's own folder is not a pattern,
  /// whatever characters it contains.
  init(_ written: String, of config: PipelineConfig, format: DataFormat?) throws(InputError) {
    let folder = String(decoding: config.resolve(written).utf8.dropLast(written.utf8.count), as: UTF8.self)
    try self.init(written, in: folder, format: format)
  }
}
