import COpenSSL
import Glibc

/// Random bytes that are good enough for keys.
public enum SecureRandom {
  /// Fills `buffer` by the kernel's generator (getentropy(3)), which waits until it has been seeded. Use it for a few
  /// bytes: OpenSSL's generators are seeded from it, and their set-up takes longer than a small run.
  ///
  /// Ends the process if there is no randomness, because nothing safe can follow.
  public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    // Sound: each call gets the rest of the caller's buffer, or less: 256 bytes are the most that it gives.
    var offset = 0
    while offset < buffer.count, let start = buffer.baseAddress {
      let count = min(buffer.count - offset, 256)
      guard unsafe getentropy(start + offset, count) == 0 else { CryptoFailure.end("the system gives no random bytes") }
      offset += count
    }
  }

  /// Fills `buffer` by OpenSSL's generator for private values. Use it for many bytes, such as those of noise. Ends the
  /// process if there is no randomness.
  public static func fillMuch(_ buffer: UnsafeMutableRawBufferPointer) {
    // Sound: the call gets the length of the caller's buffer, which fits its Int32 by the check.
    precondition(buffer.count <= Int(Int32.max))
    let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard unsafe RAND_priv_bytes(start, Int32(buffer.count)) == 1 else { openSSLFailed("gather random bytes") }
  }
}
