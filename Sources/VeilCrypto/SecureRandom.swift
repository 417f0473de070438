import Glibc

/// Random bytes fit for keys, from the kernel's generator (getentropy(3)), which waits until it has been seeded.
///
/// OpenSSL's own generators are seeded from it, and setting them up takes longer than a small run.
public enum SecureRandom {
  /// Fills `buffer`. Ends the process if there is no randomness: nothing safe can follow.
  public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    // Sound: each call is told how much of the caller's buffer is left, or less: 256 bytes are the most it gives.
    var offset = 0
    while offset < buffer.count, let start = buffer.baseAddress {
      let count = min(buffer.count - offset, 256)
      guard unsafe getentropy(start + offset, count) == 0 else { fatalError("the system gives no random bytes") }
      offset += count
    }
  }
}
