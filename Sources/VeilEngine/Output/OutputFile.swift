import VeilCrypto

/// One output: packed as its name says, hashed, and published whole or not at all.
final class OutputFile: ByteSink {
  /// Publishes the output; nil for standard output, whose bytes are gone at once.
  let publication: Publication?
  private let hashed: HashingSink?
  private let packed: any ByteSink

  /// Begins to write `path`; `-` is standard output. A name that ends in `.gz` or `.zst` is packed.
  /// - Parameters:
  ///   - packingThreads: how many threads pack. With 0 the calling one does, but for zstd, which needs one of its own so
  ///     that the bytes stay the same.
  ///   - certificate: The one that it is encrypted to, when it has been packed.
  init(
    path: String, isHashed: Bool = true, packingThreads: Int = PackingThreads.count,
    certificate: RecipientCertificate? = nil
  ) throws(OutputError) {
    publication = path == "-" ? nil : try Publication.begin(path)
    let target: any ByteSink = publication?.sink ?? StandardOutputSink()
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

  /// The SHA-256 of the bytes as they are stored, in hex, and their count; complete after `finish`. Nil and 0 where
  /// hashing was not asked for.
  var sha256: String? { hashed?.sha256 }
  var byteCount: Int { hashed?.byteCount ?? 0 }
}
