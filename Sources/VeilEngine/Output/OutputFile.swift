import VeilCrypto
import VeilGround

/// One output. It is packed as its name says and hashed, and it is published whole or not at all.
final class OutputFile: ByteSink {
  /// Publishes the output; nil for standard output, which cannot be published later.
  let publication: Publication?
  private let hashed: HashingSink?
  private let packed: any ByteSink
  private let held: HeldSink?

  /// Begins to write `path`; `-` is standard output. An output whose name ends in `.gz` or `.zst` is packed.
  /// - Parameters:
  ///   - packingThreads: the number of threads that pack. With 0 the calling thread packs, except for zstd, which needs
  ///     a thread of its own so that the bytes stay the same.
  ///   - certificate: the certificate that the output is encrypted to, after packing.
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

  /// Writes what was held back to standard output.
  func release() throws(OutputError) { try held?.release() }

  /// The SHA-256 of the stored bytes, in hex, and their count; complete after `finish`. Nil and 0 if hashing was not
  /// asked for.
  var sha256: String? { hashed?.sha256 }
  var byteCount: Int { hashed?.byteCount ?? 0 }
}
