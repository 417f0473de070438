import VeilCrypto
import VeilGround

/// Passes bytes on and computes their SHA-256 for manifests.
final class HashingSource: ByteSource {
  private let source: any ByteSource
  private let hash = StreamingSHA256()
  private(set) var byteCount = 0

  init(_ source: any ByteSource) { self.source = source }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = unsafe try source.read(into: buffer)
    unsafe hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    byteCount += count
    return count
  }

  /// The digest of all bytes read so far, in hex. It is that of the whole file once `read` has returned 0.
  var sha256: String { hash.finalizeHex() }
}
