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
  private let locks: ExportLocks

  private struct Deletion {
    var export: PublishedExport
    /// The file to delete; nil if it is already gone.
    var file: Removal?
  }

  private struct Refusal: Error { let reason: String }

  public init(_ options: Options) throws(RunError) {
    self.options = options
    (folder, locks) = try ExportLocks.taken(options.folder, changes: !options.isDryRun, known: [])
    do { try run() } catch { throw RunError(any: error) }
  }

  private mutating func run() throws {
    defer { extendLifetime(locks) }
    for line in folder.ended { text += line + "\n" }
    var deletions: [Deletion] = []
    for stranger in folder.unreadable { refuse(stranger.path, stranger.reason) }
    for export in folder.exports where hasExpired(export) {
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
    if deletions.isEmpty, isComplete { text += "\(folder.path): nothing has expired by \(options.asOf)\n" }
    if !folder.unnamed.isEmpty {
      text += "note: \(folder.unnamed.count) files that no manifest names were left alone\n"
    }
  }

  /// Whether all manifests that describe a file say that its time is over.
  private func hasExpired(_ export: PublishedExport) -> Bool {
    ([export] + folder.twins(of: export).filter { !$0.isPruned }).allSatisfy { one in
      one.expires.map { options.asOf >= $0 } ?? false
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

  /// Decides whether an export is to be deleted; returns nil if it was, and is gone.
  private func judge(_ export: PublishedExport) throws(Refusal) -> Deletion? {
    if export.path == "-" { throw Refusal(reason: "its manifest (\(export.manifest)) does not say where it is") }
    guard let place = folder.place(of: export) else {
      throw Refusal(reason: "it lies outside of \(folder.path) (\(export.manifest))")
    }
    do throws(SystemError) {
      let around = try Descriptor.open(place.folder, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      let file: Descriptor
      do throws(SystemError) {
        file = try Descriptor.regular(place.name, in: around, followsLinks: false)
      } catch {
        if error.code == ENOENT { return export.isPruned ? nil : Deletion(export: export, file: nil) }
        if error.code == ELOOP || error.code == EINVAL { throw SystemError(EMLINK) }
        throw error
      }
      let status = try file.status()
      let digest = Int(status.st_size) == export.byteCount ? try file.sha256() : nil
      if digest == export.sha256 {
        let removal = Removal(
          path: export.path, folder: around, folderPath: place.folder, name: place.name,
          identity: FileIdentity(status), sha256: export.sha256)
        return Deletion(export: export, file: removal)
      }
    } catch {
      throw Refusal(reason: error.code == EMLINK ? "it is not a regular file" : "\(error)")
    }
    throw Refusal(
      reason: export.isPruned
        ? "it was pruned, and another file has its name, which no manifest describes"
        : "it is not what its manifest describes: it was changed or replaced since")
  }

  // MARK: Deleting

  /// Deletes files and notes it in their manifests, all under one journal: whoever comes by after a crash ends it.
  private mutating func delete(_ deletions: [Deletion]) throws {
    let log = AuditLog(path: options.audit)
    let line = members("deleting", deletions)
    let set = PublicationSet()
    set.journal = "pruning"
    for deletion in deletions { if let file = deletion.file { set.add(file) } }
    try mark(deletions, in: set)
    // The log is written first: no file is deleted without a line in the log.
    set.announce { try log.append("prune", line) }
    var problem: OutputError?
    do throws(OutputError) { try set.commit() } catch { problem = error }
    var kept: [Deletion] = []
    for deletion in deletions {
      guard let file = deletion.file else {
        say(deletion, "gone already")
        continue
      }
      if let problem = file.problem { refuse(deletion.export.path, problem) }
      if file.isRemoved, file.problem == nil { say(deletion, "deleted") }
      if !file.isRemoved { kept.append(deletion) }
    }
    guard let problem else { return }
    // Nothing at all could be done, or all was done but for a file that could not be deleted.
    if !deletions.contains(where: { $0.file?.isRemoved == true || $0.file?.problem != nil }) { throw problem }
    try log.append("prune", members("failed", kept))
    let rest = PublicationSet()
    rest.journal = "pruning"
    try mark(deletions.filter { $0.file?.isRemoved ?? true }, in: rest)
    try rest.commit()
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

  /// Notes in the manifests that exports were deleted.
  private func mark(_ deletions: [Deletion], in set: PublicationSet) throws {
    let gone = deletions.flatMap { [$0.export] + folder.twins(of: $0.export) }
    for manifest in folder.manifests {
      let indices = gone.filter { $0.manifest == manifest.path }.map(\.index)
      guard !indices.isEmpty, var outputs = manifest.document["outputs"]?.items else { continue }
      for index in indices {
        outputs[index]["pruned"] = .object([
          ("time", .text(Timestamp.now().description)), ("as_of", .text("\(options.asOf)")),
        ])
      }
      var document = manifest.document
      document["outputs"] = .array(outputs)
      try Publication.add(document, to: manifest.path, in: set, replacing: manifest.sha256)
    }
  }
}
