import Glibc

/// One opened input: its file, unpacked as its name says, hashed on the way.
final class InputFile: ByteSource {
  /// As messages call it.
  var name: String { file.name }
  /// Nil for pipes and standard input, which cannot be read twice.
  var identity: FileIdentity? { file.identity }
  private let file: FileSource
  private let stored: HashingSource?
  private let unpacked: any ByteSource
  private let readAhead: ReadAheadSource?

  /// Opens `path`; `-` is standard input. A name that ends in `.gz` or `.zst` is unpacked, on a thread of its own.
  /// Where `expected` is given, the file must be that one, unchanged since. Without `readsAhead` the reading thread
  /// unpacks.
  init(
    path: String, limits: UnpackLimits = UnpackLimits(), expecting expected: FileIdentity? = nil, isHashed: Bool = true,
    readsAhead: Bool = true
  ) throws(InputError) {
    file = try FileSource(path: path, expecting: expected)
    stored = isHashed ? HashingSource(file) : nil
    let stored: any ByteSource = stored ?? file
    let source: any ByteSource
    let packing = Packing(path: path)
    switch packing {
    case .none: source = stored
    case .gzip: source = GzipSource(stored, name: file.name, limits: limits)
    case .zstd: source = ZstdSource(stored, name: file.name, limits: limits)
    }
    // Whoever feeds a pipe may take for ever, and then the thread could not be stopped.
    let canReadAhead = packing != .none && file.identity != nil
    readAhead = readsAhead && canReadAhead ? ReadAheadSource(source) : nil
    unpacked = readAhead ?? source
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    unsafe try unpacked.read(into: buffer)
  }

  /// Throws if the file was changed since it was opened. To be called when `read` has answered 0.
  func checkUnchanged() throws(InputError) { try file.checkUnchanged() }

  /// The SHA-256 of the bytes as they are stored, in hex, and their count; complete when `read` has answered 0.
  /// Nothing may be read after them. Empty and 0 where hashing was not asked for.
  var sha256: String {
    readAhead?.stop()
    return stored?.sha256 ?? ""
  }
  var byteCount: Int {
    readAhead?.stop()
    return stored?.byteCount ?? 0
  }

  /// The paths that `path` stands for, sorted by their bytes: itself, or what a pattern with `*`, `?` or `[…]` meets.
  static func expand(_ path: String) throws(InputError) -> [String] {
    guard path != "-", path.utf8.contains(where: { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }) else { return [path] }
    guard !path.utf8.contains(0) else { throw InputError("no file matches \(path)") }
    // A file that is really called so is meant itself.
    if unsafe access(path, F_OK) == 0 { return [path] }
    var found = unsafe glob_t()
    let status = unsafe glob(path, GLOB_ERR, nil, &found)
    defer { unsafe globfree(&found) }
    switch status {
    case 0: break
    case GLOB_NOMATCH: throw InputError("no file matches \(path)")
    case GLOB_ABORTED: throw InputError("cannot read every folder that \(path) goes through: \(SystemError(errno))")
    default: throw InputError("cannot look for \(path): out of memory")
    }
    var paths: [String] = []
    for index in unsafe 0..<Int(found.gl_pathc) {
      // Sound: on success glob filled in `gl_pathc` C strings, which live until `globfree`.
      guard let bytes = unsafe found.gl_pathv[index], let text = unsafe String(validatingCString: bytes) else {
        throw InputError("\(path) matches a file whose name is not UTF-8")
      }
      paths.append(text)
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// How a file is packed, which its name says.
enum Packing: Equatable, Sendable {
  case none, gzip, zstd

  init(path: String) {
    var name = path.lowercased()
    for ending in [".cms", ".p7m"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    self = name.hasSuffix(".gz") ? .gzip : name.hasSuffix(".zst") ? .zstd : .none
  }
}
