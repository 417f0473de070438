/// One output: packed as its name says, hashed, and published whole or not at all.
final class OutputFile: ByteSink {
  /// Publishes the output; nil for standard output, whose bytes are gone at once.
  let publication: Publication?
  private let stored: HashingSink
  private let packed: any ByteSink

  /// Begins to write `path`; `-` is standard output. A name that ends in `.gz` or `.zst` is packed.
  init(path: String) throws(OutputError) {
    if path == "-" {
      publication = nil
      stored = HashingSink(StandardOutputSink())
    } else {
      let publication = try Publication.begin(path)
      self.publication = publication
      stored = HashingSink(publication.sink)
    }
    switch Packing(path: path) {
    case .none: packed = stored
    case .gzip: packed = GzipSink(stored)
    case .zstd: packed = ZstdSink(stored)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) { unsafe try packed.write(bytes) }

  func finish() throws(OutputError) { try packed.finish() }

  /// The SHA-256 of the bytes as they are stored, in hex, and their count; complete after `finish`.
  var sha256: String { stored.sha256 }
  var byteCount: Int { stored.byteCount }
}
