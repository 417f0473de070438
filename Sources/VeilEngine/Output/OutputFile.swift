import VeilCrypto
import VeilGround

/// One output: packed as its name says, hashed, and published whole or not at all.
final class OutputFile: ByteSink {
  /// Publishes the output; nil for standard output, whose bytes are gone at once.
  let publication: Publication?
  private let hashed: HashingSink?
  private let packed: any ByteSink
  private let held: HeldSink?

  /// Begins to write `path`; `-` is standard output. A name that ends in `.gz` or `.zst` is packed.
  /// - Parameters:
  ///   - packingThreads: how many threads pack. With 0 the calling one does, but for zstd, which needs one of its own so
  ///     that the bytes stay the same.
  ///   - certificate: The one that it is encrypted to, when it has been packed.
  ///   - isHeld: whether standard output gets nothing before `release`.
  init(
    path: String, isHashed: Bool = true, packingThreads: Int = PackingThreads.count,
    certificate: RecipientCertificate? = nil, isHeld: Bool = false
  ) throws(OutputError) {
    publication = path == "-" ? nil : try Publication.begin(path)
    held = path == "-" && isHeld ? try HeldSink(StandardOutputSink()) : nil
    let target: any ByteSink = publication?.sink ?? held ?? StandardOutputSink()
    hashed = isHashed ? HashingSink(target) : nil
    var stored: any ByteSink = hashed ?? target
    if let certificate { stored = try EncryptingSink(certificate, into: stored, name: path) }
    switch Packing(path: path) {
    case .none: packed = stored
    case .gzip: packed = GzipSink(stored, threadCount: packingThreads)
    case .zstd: packed = ZstdSink(stored, threadCount: max(1, packingThreads))
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) { unsafe try packed.write(bytes) }

  func finish() throws(OutputError) { try packed.finish() }

  /// Lets through what was held back from standard output.
  func release() throws(OutputError) { try held?.release() }

  /// The SHA-256 of the bytes as they are stored, in hex, and their count; complete after `finish`. Nil and 0 where
  /// hashing was not asked for.
  var sha256: String? { hashed?.sha256 }
  var byteCount: Int { hashed?.byteCount ?? 0 }
}
