import Glibc
import VeilGround

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
    meter: (any ByteMeter)? = nil, readsAhead: Bool = true
  ) throws(InputError) {
    file = try FileSource(path: path, expecting: expected, meter: meter)
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
