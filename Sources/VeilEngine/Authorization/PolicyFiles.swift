import Glibc
import VeilConfig
import VeilGround

/// The policies of a pipeline: always `policy.yaml` in its folder, and the policy that the pipeline names.
///
/// Its folder is the one that it is named in, and the one where it really lies, if a link leads there: nobody gets past a
/// policy by a link. A file that seems meant as a policy but would not be read stops the run.
struct PolicyFiles {
  static let fileName = "policy.yaml"

  private(set) var files: [NamedFile] = []

  init(_ config: PipelineConfig, _ diagnostics: Diagnostics) {
    let named = config.policy.map { NamedFile(path: config.resolve($0.path), mark: $0.mark) }
    for folder in Self.folders(of: config.path) {
      for name in Self.names(in: folder) {
        let path = FilePath.joined(folder, name)
        // A pipeline may have that name itself.
        if PathConflicts.isSame(path, config.path) { continue }
        if name == Self.fileName {
          if !files.contains(where: { PathConflicts.isSame($0.path, path) }) { add(path, diagnostics) }
        } else if named.map({ !PathConflicts.isSame($0.path, path) }) ?? true, !isRead(path) {
          diagnostics.error(
            at: nil, "\(path) is not read as a policy, which is called \(Self.fileName)",
            help: "rename it, or name it in the pipeline:  policy: \(name)")
        }
      }
    }
    if let named, !isRead(named.path) { files.append(named) }
  }

  private func isRead(_ path: String) -> Bool { files.contains { PathConflicts.isSame($0.path, path) } }

  /// A link that leads nowhere is no absent policy.
  private mutating func add(_ path: String, _ diagnostics: Diagnostics) {
    if unsafe access(path, F_OK) == 0 { return files.append(NamedFile(path: path, mark: nil)) }
    let code = errno
    diagnostics.error(
      at: nil, unsafe "the policy \(path) cannot be followed: \(String(cString: strerror(code)))",
      help: "mend the link, or remove it")
  }

  /// The folder in which the pipeline is named, and each one that its links lead through.
  private static func folders(of path: String) -> [String] {
    var found: [String] = []
    var next: String? = path
    // As many links as Linux follows.
    for _ in 0..<40 {
      guard let here = next else { break }
      let folder = FilePath.folder(of: here)
      if !found.contains(where: { FilePath.real($0) == FilePath.real(folder) }) { found.append(folder) }
      next = target(of: here)
    }
    if let real = FilePath.real(path).map(FilePath.folder), !found.contains(where: { FilePath.real($0) == real }) {
      found.append(real)
    }
    return found
  }

  /// Returns where a symbolic link leads; nil for anything else.
  private static func target(of path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 4096)
    // Sound: the call writes at most as many bytes as the array has.
    let count = unsafe readlink(path, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return FilePath.joined(FilePath.folder(of: path), text)
  }

  /// The files of a folder that are called like a policy, whatever the case of the letters.
  private static func names(in folder: String) -> [String] {
    guard let names = try? FolderNames.all(of: folder) else {
      // Without the names, the one that counts can still be asked for.
      var status = stat()
      return unsafe lstat(FilePath.joined(folder, fileName), &status) == 0 ? [fileName] : []
    }
    return names.filter { $0.utf8.count <= 11 && ["policy.yaml", "policy.yml"].contains($0.lowercased()) }.sorted()
  }
}
