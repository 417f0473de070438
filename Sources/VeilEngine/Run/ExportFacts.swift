import Glibc
import VeilConfig

/// What a manifest says of one export so that `veil find`, `erase` and `prune` can work on it later: where it is, how it
/// is written, until when it may be kept, and how it names its people.
enum ExportFacts {
  static func members(_ output: RunOutput, _ lane: CompiledPipeline, options: RunOptions) -> [(String, JSONValue)] {
    let sink = lane.config.sinks[0]
    var members: [(String, JSONValue)] = []
    if output.path != "-", let manifest = options.manifest {
      members.append(("location", .text(FilePath.relative(output.path, toFolderOf: manifest))))
    }
    let day = options.asOf ?? .today()
    members += [
      ("purpose", .optional(lane.config.purpose)),
      ("expires", .optional(sink.expires.map { day.after($0).description })),
    ]
    if Stations.isCSV(output.format) {
      let csv = CSVFormat(sink.csv, format: output.format)
      members.append(
        (
          "csv",
          .object([
            ("delimiter", .text(String(Unicode.Scalar(csv.delimiter)))),
            ("quote", .text(String(Unicode.Scalar(csv.quote)))), ("header", .bool(sink.csv.header)),
          ])
        ))
    }
    if sink.aggregate == nil {
      // A header's name that no rule names may be anything; it is not told.
      let known = Set(lane.fields.map { $0.config.path.singleKey ?? $0.config.path.description })
      members.append(("columns", .array(output.columns.map { known.contains($0) ? .text($0) : .null })))
      members.append(("subject", subject(lane)))
    }
    return members
  }

  /// How the export names the person that a record is about.
  private static func subject(_ lane: CompiledPipeline) -> JSONValue {
    guard let path = lane.config.source.subject else { return .null }
    let field = lane.fields.first { $0.config.path == path }
    return .object([
      ("field", .text(path.description)), ("leaves", .bool(field.map { !$0.isDropped } ?? false)),
      ("fate", .text(field?.fate?.name ?? "dropped")),
      ("stages", .array(field?.config.stages.map { .text($0.name) } ?? [])),
    ])
  }
}

/// Paths as people write them.
enum FilePath {
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  static func joined(_ folder: String, _ name: String) -> String {
    name.hasPrefix("/") || folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The folder or file that a path leads to, without links and dots; nil where there is none.
  static func real(_ path: String) -> String? {
    // Sound: the answer is a C string of realpath's own, which is copied and freed.
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// An absolute path to what may not be there yet: its folder, or the folder around that, is.
  static func absolute(_ path: String) -> String? {
    let folder = folder(of: path)
    if let real = real(folder) { return joined(real, name(of: path)) }
    guard let outer = real(Self.folder(of: folder)) else { return nil }
    return joined(joined(outer, name(of: folder)), name(of: path))
  }

  /// `path` as seen from the folder that `other` lies in; absolute where they share no more than the root.
  static func relative(_ path: String, toFolderOf other: String) -> String {
    guard let path = absolute(path), let other = absolute(other) else { return path }
    let parts = path.split(separator: "/")
    let start = other.split(separator: "/").dropLast()
    let shared = zip(parts, start).prefix { $0 == $1 }.count
    if shared == 0, !start.isEmpty { return path }
    return (Array(repeating: "..", count: start.count - shared) + parts[shared...]).joined(separator: "/")
  }
}
