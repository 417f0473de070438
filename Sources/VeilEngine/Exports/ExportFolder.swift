import Glibc
import VeilConfig
import VeilGround

/// The exports in a folder and its subfolders, as their manifests name them. Symbolic links are not followed.
struct ExportFolder {
  /// The path as the user wrote it.
  let path: String
  /// The path with its symbolic links resolved.
  private let real: String
  private(set) var manifests: [ManifestFile] = []
  /// Files that begin like a manifest but cannot be read as one.
  private(set) var unreadable: [String] = []
  /// Files with records that no manifest here names.
  private(set) var unnamed: [String] = []
  private var dataFiles: [String] = []

  init(_ path: String) throws(RunError) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let real = FilePath.real(path) else { throw RunError(.inputOutput, "there is no folder \(path)") }
    self.real = real
    try look(into: self.path, depth: 0)
    manifests.sort { $0.path < $1.path }
    let named = Set(manifests.flatMap(\.exports).compactMap { FilePath.absolute($0.path) })
    unnamed = dataFiles.filter { !named.contains(FilePath.absolute($0) ?? $0) }.sorted()
  }

  var exports: [PublishedExport] { manifests.flatMap(\.exports) }

  /// Returns the folder of an export and its name there; nil if it is not inside this folder.
  func place(of export: PublishedExport) -> (folder: String, name: String)? {
    guard let folder = FilePath.real(FilePath.folder(of: export.path)) else { return nil }
    let name = FilePath.name(of: export.path)
    guard folder == real || folder.hasPrefix(real == "/" ? "/" : real + "/"), name != "..", name != "." else {
      return nil
    }
    return (folder, name)
  }

  private mutating func look(into folder: String, depth: Int) throws(RunError) {
    guard depth < 64 else { throw RunError(.inputOutput, "cannot read \(folder): it lies too deep") }
    let names: [String]
    do throws(InputError) { names = try FolderNames.all(of: folder) } catch { throw RunError(error) }
    for name in names.sorted() where !name.hasPrefix(".") {
      let path = FilePath.joined(folder == "." ? "./" : folder, name)
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try look(into: path, depth: depth + 1)
      case S_IFREG: try look(at: path)
      default: break
      }
    }
  }

  private mutating func look(at path: String) throws(RunError) {
    if path.hasSuffix(".json"), ManifestFile.isOne(path) {
      if let manifest = ManifestFile(path) { manifests.append(manifest) } else { unreadable.append(path) }
      return
    }
    if DataFormat(fileName: path) != nil, !path.hasSuffix("audit.jsonl"), !path.hasSuffix(".lineage.json") {
      dataFiles.append(path)
    }
  }
}

/// A manifest that was found on the disk.
struct ManifestFile {
  let path: String
  let sha256: String
  let document: JSONValue
  let exports: [PublishedExport]

  private static let limit = 64 << 20

  /// Returns whether a file begins like a manifest.
  static func isOne(_ path: String) -> Bool {
    guard let file = try? Descriptor.open(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return false }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe (try? file.read(into: $0, at: 0)) ?? 0 }
    return String(decoding: bytes[..<count], as: UTF8.self).contains("\"manifest_version\"")
  }

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
