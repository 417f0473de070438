import Glibc

/// Paths in the form in which people write them.
package enum FilePath {
  package static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  package static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  package static func joined(_ folder: String, _ name: String) -> String {
    name.hasPrefix("/") || folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// Returns the path of an existing folder or file without symbolic links and dots; nil if there is none.
  package static func real(_ path: String) -> String? {
    // Sound: the answer is a C string that realpath allocated; it is copied and freed.
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// Returns the absolute path of a file or folder that need not exist yet; its folder must exist, or the folder of
  /// that.
  package static func absolute(_ path: String) -> String? {
    let folder = folder(of: path)
    if let real = real(folder) { return joined(real, name(of: path)) }
    guard let outer = real(Self.folder(of: folder)) else { return nil }
    return joined(joined(outer, name(of: folder)), name(of: path))
  }

  /// Returns `path` relative to the folder of `other`; absolute if they share only the root.
  package static func relative(_ path: String, toFolderOf other: String) -> String {
    guard let path = absolute(path), let other = absolute(other) else { return path }
    let parts = path.split(separator: "/")
    let start = other.split(separator: "/").dropLast()
    let shared = zip(parts, start).prefix { $0 == $1 }.count
    if shared == 0, !start.isEmpty { return path }
    return (Array(repeating: "..", count: start.count - shared) + parts[shared...]).joined(separator: "/")
  }
}
