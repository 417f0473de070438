import VeilCrypto
import VeilGround

/// Passes bytes on and computes their SHA-256 for manifests.
final class HashingSink: ByteSink {
  private let next: any ByteSink
  private let hash = StreamingSHA256()
  private(set) var byteCount = 0

  init(_ next: any ByteSink) { self.next = next }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    unsafe try next.write(bytes)
    unsafe hash.update(bytes)
    byteCount += bytes.count
  }

  func finish() throws(OutputError) { try next.finish() }

  /// The digest of all bytes written so far, in hex. It is that of the whole output after `finish`.
  var sha256: String { hash.finalizeHex() }
}
