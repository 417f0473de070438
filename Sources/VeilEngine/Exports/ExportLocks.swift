import Glibc
import VeilGround

/// The locks of all exports of a folder and of their manifests: while they are held, no run publishes there, whether it
/// names the files themselves or makes their names of `{stem}`, `{date}` or `{run}`.
struct ExportLocks {
  private let locks: RunLocks

  /// Looks at a folder, takes the locks of what it finds, and looks again, since a run may have ended in between.
  ///
  /// Throws `.locked` if a run goes on there.
  /// - Parameter changes: whether files will be changed; if not, no lock is taken, and nothing is put in order.
  static func taken(
    _ path: String, changes: Bool, known: [String]
  ) throws(RunError) -> (folder: ExportFolder, locks: ExportLocks) {
    let first = try ExportFolder(path, mends: changes, known: known)
    guard changes else { return (first, ExportLocks(locks: try RunLocks([], patience: 0, monitor: RunMonitor()))) }
    let targets = targets(of: first)
    let locks = ExportLocks(locks: try RunLocks(targets, patience: 0, monitor: RunMonitor()))
    try requireNoTemplate(for: targets)
    var second = try ExportFolder(path, mends: false, known: known)
    guard Set(Self.targets(of: second)).isSubset(of: targets) else {
      throw RunError(.locked, "a run has just published to \(path): try again")
    }
    second.ended = first.ended
    return (second, locks)
  }

  private static func targets(of folder: ExportFolder) -> [String] {
    var seen: Set<PathKey> = []
    return (folder.exports.filter { folder.place(of: $0) != nil }.map(\.path) + folder.manifests.map(\.path))
      .filter { seen.insert(PathKey(FilePath.absolute($0) ?? $0)).inserted && isFile($0) }
  }

  /// A link is refused where it is looked at, and is never replaced.
  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// How many folders above a file are looked through for the lock of a path with placeholders.
  private static let levels = 4

  /// Throws if a run holds the lock of a path with placeholders that one of the files may have been made from. (The lock
  /// of such a path lies in its last folder without any.)
  private static func requireNoTemplate(for targets: [String]) throws(RunError) {
    var locks: [String: [(name: String, pattern: String)]] = [:]
    for target in targets {
      var rest = FilePath.name(of: target)
      guard var folder = FilePath.real(FilePath.folder(of: target)) else { continue }
      for _ in 0..<levels {
        if locks[folder] == nil { locks[folder] = patterns(in: folder) }
        for lock in locks[folder] ?? [] where unsafe fnmatch(lock.pattern, rest, 0) == 0 {
          guard let descriptor = try? Descriptor.open(folder, flags: O_RDONLY | O_DIRECTORY),
            let holder = OutputLock.holder(of: lock.name, in: descriptor)
          else { continue }
          throw RunError(.locked, "another run holds the lock of \(target): \(holder.text)")
        }
        if folder == "/" { break }
        rest = FilePath.name(of: folder) + "+" + rest
        folder = FilePath.folder(of: folder)
      }
    }
  }

  /// Returns the locks of paths with placeholders in a folder, each with a pattern of the names that it stands for.
  private static func patterns(in folder: String) -> [(name: String, pattern: String)] {
    guard let names = try? FolderNames.all(of: folder) else { return [] }
    return names.compactMap { name in
      guard name.hasPrefix("."), name.hasSuffix(OutputLock.ending), name.contains("{") else { return nil }
      return (name, pattern(String(name.dropFirst().dropLast(OutputLock.ending.count))))
    }
  }

  private static func pattern(_ template: String) -> String {
    var pattern = String.UnicodeScalarView()
    var isOutside = true
    for scalar in template.unicodeScalars {
      switch scalar {
      case "{" where isOutside:
        isOutside = false
        pattern.append("*")
      case "}": isOutside = true
      default:
        guard isOutside else { continue }
        if "*?[\\".unicodeScalars.contains(scalar) { pattern.append("\\") }
        pattern.append(scalar)
      }
    }
    // The name of a lock is cut where it is long.
    return String(pattern) + (template.utf8.count >= 190 ? "*" : "")
  }
}
