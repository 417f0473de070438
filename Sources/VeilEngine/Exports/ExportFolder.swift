import Glibc
import VeilConfig
import VeilGround

/// The exports in a folder and its subfolders, as their manifests name them, and everything else that stands there.
/// Links are not followed, and nothing but regular files is opened.
struct ExportFolder {
  /// A file that may hold people, and that cannot be searched for them.
  struct Stranger {
    let path: String
    let reason: String
    /// Whether it may hide exports: a manifest that cannot be read, or a place that is not looked into.
    let mayHideExports: Bool
  }

  /// The path as the user wrote it.
  let path: String
  /// The path with its symbolic links resolved.
  private let real: String
  private(set) var manifests: [ManifestFile] = []
  private(set) var strangers: [Stranger] = []
  /// The exports that are there or should be: of several manifests that name one file, those that describe it as it is.
  private(set) var exports: [PublishedExport] = []
  /// What commands that were ended had begun here, and was ended now.
  var ended: [String] = []
  /// Whether the folder is put in order before it is looked at.
  private let mends: Bool
  /// Files that are known for what they are, such as the pipelines of the command.
  private let known: Set<String>
  private var files: [String] = []
  private var folders: [String] = []

  /// - Parameters:
  ///   - mends: whether what killed commands left there is ended and removed first.
  ///   - known: files that need not be judged.
  init(_ path: String, mends: Bool, known: [String]) throws(RunError) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let real = FilePath.real(path) else { throw RunError(.inputOutput, "there is no folder \(path)") }
    (self.real, self.mends) = (real, mends)
    self.known = Set(known.compactMap { FilePath.real($0) })
    try look(into: self.path, depth: 0)
    judge()
    exports = Self.current(manifests.flatMap(\.exports))
    manifests.sort { $0.path < $1.path }
    strangers.sort { $0.path < $1.path }
  }

  /// The manifests that cannot be read, and what may be one.
  var unreadable: [Stranger] { strangers.filter(\.mayHideExports) }
  /// The other files that no manifest here names.
  var unnamed: [Stranger] { strangers.filter { !$0.mayHideExports } }

  /// Returns the folder of an export and its name there; nil if it is not inside this folder.
  func place(of export: PublishedExport) -> (folder: String, name: String)? {
    guard let folder = FilePath.real(FilePath.folder(of: export.path)) else { return nil }
    let name = FilePath.name(of: export.path)
    guard folder == real || folder.hasPrefix(real == "/" ? "/" : real + "/"), name != "..", name != "." else {
      return nil
    }
    return (folder, name)
  }

  /// Returns the other descriptions of the very file that an export is.
  func twins(of export: PublishedExport) -> [PublishedExport] {
    let key = PathKey(FilePath.absolute(export.path) ?? export.path)
    return manifests.flatMap(\.exports).filter { other in
      (other.manifest, other.index) != (export.manifest, export.index) && other.sha256 == export.sha256
        && PathKey(FilePath.absolute(other.path) ?? other.path) == key
    }
  }

  private mutating func look(into folder: String, depth: Int) throws(RunError) {
    guard depth < 64 else { throw RunError(.inputOutput, "cannot read \(folder): it lies too deep") }
    folders.append(folder)
    if mends {
      do throws(OutputError) {
        let found = try Leftovers.clear(folder)
        ended += found.ended.map { "\(folder): ended an earlier \($0)" }
      } catch {
        strangers.append(Stranger(path: folder, reason: "\(error)", mayHideExports: true))
      }
    }
    let names: [String]
    do throws(InputError) { names = try FolderNames.all(of: folder) } catch { throw RunError(error) }
    for name in names.sorted() {
      let path = FilePath.joined(folder == "." ? "./" : folder, name)
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else {
        if errno == ENOENT { continue }
        throw RunError(.inputOutput, "cannot read \(path): \(SystemError(errno))")
      }
      switch RegularFile.kind(status.st_mode) {
      case nil: files.append(path)
      case "a folder"? where !name.hasPrefix("."): try look(into: path, depth: depth + 1)
      case "a folder"?:
        let holdsAny = try Self.holdsAny(path)
        if holdsAny { add(path, "it is a hidden folder, which is not looked into", mayHideExports: true) }
      case let kind?: add(path, "it is \(kind), which is not followed or opened", mayHideExports: kind == "a link")
      }
    }
  }

  private static func holdsAny(_ folder: String) throws(RunError) -> Bool {
    do throws(InputError) { return try !FolderNames.all(of: folder).isEmpty } catch { throw RunError(error) }
  }

  private mutating func add(_ path: String, _ reason: String, mayHideExports: Bool) {
    strangers.append(Stranger(path: path, reason: reason, mayHideExports: mayHideExports))
  }

  /// Finds the manifests, and judges the files that none of them names.
  private mutating func judge() {
    var others: [(path: String, file: KnownFile)] = []
    for path in files where !known.contains(FilePath.absolute(path) ?? path) {
      switch KnownFile(path) {
      case .manifest(let manifest): manifests.append(manifest)
      case .harmless: break
      case let file: others.append((path, file))
      }
    }
    let named = Set(manifests.flatMap(\.exports).map { PathKey(FilePath.absolute($0.path) ?? $0.path) })
    for (path, file) in others {
      let absolute = FilePath.absolute(path) ?? path
      if named.contains(PathKey(absolute)) { continue }
      switch file {
      case .brokenManifest(let reason): add(path, reason, mayHideExports: true)
      case .stranger(let reason): add(path, reason, mayHideExports: false)
      case .manifest, .harmless: break
      }
    }
  }

  /// Of several descriptions of one file those that are true of it now, one of them; all if none is. An export that was
  /// pruned and is not there any more is none.
  private static func current(_ all: [PublishedExport]) -> [PublishedExport] {
    let groups = Dictionary(grouping: all) { PathKey(FilePath.absolute($0.path) ?? $0.path) }
    var left: Set<[String]> = []
    for (path, group) in groups {
      var status = stat()
      var isThere = false
      if path.text != "-" { isThere = unsafe lstat(path.text, &status) == 0 }
      var own = isThere ? group : group.filter { !$0.isPruned }
      if own.count > 1, path.text != "-", let now = FileFacts.sha256(path.text) {
        let matching = own.filter { $0.sha256 == now }.sorted { !$0.isPruned && $1.isPruned }
        if let first = matching.first { own = [first] }
      }
      for export in own { left.insert([export.manifest, "\(export.index)"]) }
    }
    return all.filter { left.contains([$0.manifest, "\($0.index)"]) }
  }
}

/// A manifest that was found on the disk.
struct ManifestFile {
  let path: String
  let sha256: String
  let document: JSONValue
  let exports: [PublishedExport]

  private static let limit = 64 << 20

  /// Reads a manifest. Returns nil if the file cannot be read whole, or is no manifest.
  init?(_ path: String) {
    guard case .success(let bytes) = PipelineParser.readSmallFile(path, limit: Self.limit), bytes.count <= Self.limit,
      let document = JSONReader.read(bytes), document["manifest_version"]?.integer == 1,
      document["tool"]?["name"]?.text == "veil", let outputs = document["outputs"]?.items
    else { return nil }
    self.path = path
    self.document = document
    sha256 = AuditLine.digest(bytes)
    let read = outputs.indices.map { PublishedExport(manifest: path, document: document, index: $0) }
    exports = read.compactMap { $0 }
    // A manifest whose exports can only be read in part counts as unreadable; skipping an export would hide it.
    if exports.count != read.count { return nil }
  }
}

/// One export, as its manifest describes it.
struct PublishedExport {
  let manifest: String
  /// The index of the export among the manifest's outputs.
  let index: Int
  /// The path as this process can open it.
  let path: String
  let sha256: String
  let byteCount: Int
  let format: DataFormat
  let csv: CSVDialect
  let columns: [String?]
  let recipient: String?
  let expires: CalendarDate?
  let isEncrypted: Bool
  let isAggregate: Bool
  /// Whether `veil prune` has deleted it.
  let isPruned: Bool
  let pipelineName: String
  let pipelineDigest: String
  /// Digests of the keys of the run, by name (and id, for a key of a ring).
  let keys: [String: String]
  let label: String

  /// Returns nil if something is missing that every manifest has.
  init?(manifest: String, document: JSONValue, index: Int) {
    guard let output = document["outputs"]?.items?[index], let sha256 = output["sha256"]?.text,
      let byteCount = output["bytes"]?.integer,
      let format = output["format"]?.text.flatMap({ DataFormat(rawValue: $0) }),
      let name = document["pipeline"]?["name"]?.text, let digest = document["pipeline"]?["sha256"]?.text
    else { return nil }
    (self.manifest, self.index, self.sha256, self.byteCount, self.format) = (manifest, index, sha256, byteCount, format)
    (pipelineName, pipelineDigest) = (name, digest)
    // An export to standard output has no location.
    let location = output["location"]?.text ?? "-"
    path = location == "-" ? "-" : FilePath.joined(FilePath.folder(of: manifest), location)
    func byte(_ name: String) -> UInt8? {
      output["csv"]?[name]?.text.flatMap { $0.utf8.count == 1 ? $0.utf8.first : nil }
    }
    csv = CSVDialect(
      delimiter: byte("delimiter"), quote: byte("quote"), header: output["csv"]?["header"]?.bool ?? true)
    columns = output["columns"]?.items?.map(\.text) ?? []
    recipient = output["recipient"]?.text
    let day = output["expires"]?.text
    expires = day.flatMap { CalendarDate($0) }
    if day != nil, expires == nil { return nil }
    isEncrypted = output["encryption"] != nil
    isAggregate = output["aggregate"] != nil
    isPruned = output["pruned"] != nil
    keys = Dictionary(
      (document["keys"]?.members ?? []).compactMap { name, value in value.text.map { (name, $0) } }
    ) { first, _ in first }
    label = output["label"]?.text ?? ""
  }
}
