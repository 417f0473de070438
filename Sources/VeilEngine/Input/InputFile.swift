import Glibc
import VeilConfig
import VeilGround

/// An open input file: it is hashed while it is read, unpacked if its name says that it is packed, and read as
/// UTF-8.
final class InputFile: ByteSource {
  /// The name of the file in messages.
  var name: String { file.name }
  /// Nil for pipes and standard input, which cannot be read twice.
  var identity: FileIdentity? { file.identity }
  private let file: FileSource
  private let stored: HashingSource?
  private let unpacked: any ByteSource
  private let readAhead: ReadAheadSource?

  /// Opens `path`; `-` is standard input. A file whose name ends in `.gz` or `.zst` is unpacked, on a thread of its
  /// own. Without an `encoding` a byte order mark decides between UTF-8 and UTF-16. If `expected` is given, the file
  /// must be the same one, unchanged. If `readsAhead` is false, the reading thread unpacks. `takes` says what may stand
  /// at the path.
  init(
    path: String, limits: UnpackLimits = UnpackLimits(), encoding: TextEncoding? = nil,
    expecting expected: FileIdentity? = nil, isHashed: Bool = true, meter: (any ByteMeter)? = nil,
    readsAhead: Bool = true, takes: FileSource.Kind = .anything
  ) throws(InputError) {
    file = try FileSource(path: path, expecting: expected, meter: meter, takes: takes)
    stored = isHashed ? HashingSource(file) : nil
    let stored: any ByteSource = stored ?? file
    let plain: any ByteSource
    let packing = Packing(path: path)
    switch packing {
    case .none: plain = stored
    case .gzip: plain = GzipSource(stored, name: file.name, limits: limits)
    case .zstd: plain = ZstdSource(stored, name: file.name, limits: limits)
    }
    let source = TextSource(plain, name: file.name, encoding: encoding)
    // A program that writes to a pipe may stop for any length of time, and then the thread could not be stopped.
    let canReadAhead = packing != .none && file.identity != nil
    readAhead = readsAhead && canReadAhead ? ReadAheadSource(source) : nil
    unpacked = readAhead ?? source
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    unsafe try unpacked.read(into: buffer)
  }

  /// Throws if the file was changed since it was opened. Call it when `read` has returned 0.
  func checkUnchanged() throws(InputError) { try file.checkUnchanged() }

  var isHashed: Bool { stored != nil }

  /// The SHA-256 of the stored bytes, in hex, and their count. They are complete when `read` has returned 0. Nothing
  /// may be read after they were asked for. Empty and 0 if hashing was not asked for.
  var sha256: String {
    readAhead?.stop()
    return stored?.sha256 ?? ""
  }
  var byteCount: Int {
    readAhead?.stop()
    return stored?.byteCount ?? 0
  }
}

/// How a file is packed, according to its name.
enum Packing: Equatable, Sendable {
  case none, gzip, zstd

  init(path: String) {
    var name = path.lowercased()
    for ending in [".cms", ".p7m"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    self = name.hasSuffix(".gz") ? .gzip : name.hasSuffix(".zst") ? .zstd : .none
  }
}
