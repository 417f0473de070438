import Glibc
import VeilConfig

/// Finds pipelines by the path of a file or of a folder.
enum PipelineFolder {
  /// Returns the file itself, or every YAML file of the folder (not of its subfolders) that has the sections of a
  /// pipeline, sorted.
  static func files(at path: String) throws -> [String] {
    var status = stat()
    // Sound: the path is a C string for the length of the call.
    guard unsafe stat(path, &status) == 0 else { throw Failure(2, "veil: cannot read \(path)") }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    guard let folder = unsafe opendir(path) else { throw Failure(2, "veil: cannot read the folder \(path)") }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      // Sound: `d_name` is a C string within the entry, which lives until the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { place in
        unsafe place.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
    }
    if errno != 0 { throw Failure(3, "veil: cannot read the folder \(path) to its end") }
    let base = path.hasSuffix("/") ? path : path + "/"
    return names.sorted().map { base + $0 }.filter { PipelineParser.looksLikePipeline(path: $0) }
  }
}
