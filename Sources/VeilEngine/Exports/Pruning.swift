import Glibc
import VeilConfig
import VeilCrypto
public import VeilGround

/// Deletes the exports of a folder that have expired, as their manifests say.
///
/// Only a file that a manifest names is deleted, and only if it still is, to the byte, the file that the manifest
/// describes. The manifest stays, with a note of when the export was deleted: it holds no values, and says what there
/// was.
public struct Pruning {
  public struct Options {
    public var folder: String
    /// The day of the pruning. An export is deleted from the day on that its manifest names.
    public var asOf: CalendarDate
    public var isDryRun = false
    public var audit: String
    public var toolVersion: String

    public init(folder: String, asOf: CalendarDate, audit: String, toolVersion: String) {
      (self.folder, self.asOf, self.audit, self.toolVersion) = (folder, asOf, audit, toolVersion)
    }
  }

  /// What was done, one line each.
  public private(set) var text = ""
  /// Whether all expired exports are gone.
  public private(set) var isComplete = true
  private let options: Options
  private let folder: ExportFolder

  private struct Deletion {
    var export: PublishedExport
    /// The file to delete; nil if it is already gone.
    var file: (folder: Descriptor, name: String, identity: FileIdentity)?
  }

  private struct Refusal: Error { let reason: String }

  public init(_ options: Options) throws(RunError) {
    self.options = options
    folder = try ExportFolder(options.folder)
    do { try run() } catch { throw RunError(any: error) }
  }

  private mutating func run() throws {
    var deletions: [Deletion] = []
    for path in folder.unreadable { refuse(path, "it is a manifest that cannot be read") }
    for export in folder.exports where !export.isPruned {
      guard let expires = export.expires, options.asOf >= expires else { continue }
      do throws(Refusal) {
        if let deletion = try judge(export) { deletions.append(deletion) }
      } catch {
        refuse(export.path, error.reason)
      }
    }
    if !options.isDryRun, !deletions.isEmpty { try delete(deletions) }
    if options.isDryRun {
      for deletion in deletions { say(deletion, "would be deleted") }
    }
    if text.isEmpty { text = "\(folder.path): nothing has expired by \(options.asOf)\n" }
    if !folder.unnamed.isEmpty {
      text += "note: \(folder.unnamed.count) files of records that no manifest names were left alone\n"
    }
  }

  private mutating func refuse(_ path: String, _ reason: String) {
    text += "REFUSED: \(path): \(reason)\n"
    isComplete = false
  }

  private mutating func say(_ deletion: Deletion, _ what: String) {
    let export = deletion.export
    let day = export.expires.map { ", expired \($0)" } ?? ""
    text += "\(export.path): \(deletion.file == nil ? "gone already" : what)\(day)\n"
  }

  // MARK: Judging

  /// Decides whether an export is to be deleted; returns nil if another export has replaced it.
  private func judge(_ export: PublishedExport) throws(Refusal) -> Deletion? {
    if export.path == "-" { throw Refusal(reason: "its manifest (\(export.manifest)) does not say where it is") }
    guard let place = folder.place(of: export) else {
      throw Refusal(reason: "it lies outside of \(folder.path) (\(export.manifest))")
    }
    do throws(SystemError) {
      let around = try Descriptor.open(place.folder, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      let file: Descriptor
      do throws(SystemError) {
        file = try Descriptor.open(place.name, in: around, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      } catch {
        if error.code == ENOENT { return Deletion(export: export, file: nil) }
        if error.code == ELOOP { throw SystemError(EMLINK) }
        throw error
      }
      let status = try file.status()
      guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(EMLINK) }
      let digest = Int(status.st_size) == export.byteCount ? try Self.digest(file) : nil
      if digest == export.sha256 {
        return Deletion(export: export, file: (around, place.name, FileIdentity(status)))
      }
      let others = folder.exports.filter { $0.path == export.path && !$0.isPruned && $0.manifest != export.manifest }
      let actual = try Self.digest(file)
      if others.contains(where: { $0.sha256 == actual }) { return nil }
    } catch {
      throw Refusal(reason: error.code == EMLINK ? "it is not a regular file" : "\(error)")
    }
    throw Refusal(reason: "it is not what its manifest describes: it was changed or replaced since")
  }

  static func digest(_ file: Descriptor) throws(SystemError) -> String {
    let hash = StreamingSHA256()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let count = try unsafe block.withUnsafeMutableBytes { block in
        Result { () throws(SystemError) in unsafe try file.read(into: block, at: offset) }
      }.get()
      if count == 0 { return hash.finalizeHex() }
      unsafe block[..<count].withUnsafeBytes { unsafe hash.update($0) }
      offset += count
    }
  }

  // MARK: Deleting

  private mutating func delete(_ deletions: [Deletion]) throws {
    let log = AuditLog(path: options.audit)
    // The log is written first: no file is deleted without a line in the log.
    try log.append("prune", members("deleting", deletions))
    var failed: [Deletion] = []
    for deletion in deletions {
      if let problem = unlink(deletion) {
        refuse(deletion.export.path, problem)
        failed.append(deletion)
      } else {
        say(deletion, "deleted")
      }
    }
    if !failed.isEmpty { try log.append("prune", members("failed", failed)) }
    let done = deletions.filter { deletion in !failed.contains { $0.export.path == deletion.export.path } }
    for manifest in folder.manifests {
      let gone = done.filter { $0.export.manifest == manifest.path }.map(\.export.index)
      if !gone.isEmpty { try mark(manifest, gone) }
    }
  }

  private func unlink(_ deletion: Deletion) -> String? {
    guard let file = deletion.file else { return nil }
    var status = stat()
    // Sound: the name is a C string for the length of the calls.
    guard unsafe fstatat(file.folder.number, file.name, &status, AT_SYMLINK_NOFOLLOW) == 0,
      FileIdentity(status) == file.identity
    else { return "it was changed meanwhile" }
    guard unsafe unlinkat(file.folder.number, file.name, 0) == 0 else { return "\(SystemError(errno))" }
    do throws(SystemError) { try file.folder.synchronize() } catch { return "\(error)" }
    return status.st_nlink > 1 ? "it is deleted, but the file has another name elsewhere, which stays" : nil
  }

  private func members(_ result: String, _ deletions: [Deletion]) -> [(String, JSONValue)] {
    let files = deletions.map { deletion in
      JSONValue.object([
        ("path", .text(deletion.export.path)), ("sha256", .text(deletion.export.sha256)),
        ("expires", .optional(deletion.export.expires?.description)),
        ("recipient", .optional(deletion.export.recipient)), ("manifest", .text(deletion.export.manifest)),
      ])
    }
    return [
      ("result", .text(result)), ("user_id", .integer(Int(getuid()))), ("folder", .text(folder.path)),
      ("as_of", .text("\(options.asOf)")), ("exports", .array(files)), ("tool_version", .text(options.toolVersion)),
    ]
  }

  /// Notes in a manifest that some of its exports were deleted.
  private func mark(_ manifest: ManifestFile, _ indices: [Int]) throws {
    var document = manifest.document
    guard var outputs = document["outputs"]?.items else { return }
    for index in indices {
      outputs[index]["pruned"] = .object([
        ("time", .text(Timestamp.now().description)), ("as_of", .text("\(options.asOf)")),
      ])
    }
    document["outputs"] = .array(outputs)
    let set = PublicationSet()
    try Publication.add(document, to: manifest.path, in: set)
    try set.commit()
  }
}
