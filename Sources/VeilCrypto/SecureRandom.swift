import COpenSSL

/// Random bytes fit for keys, from OpenSSL's generator for private values, which the kernel seeds.
public enum SecureRandom {
  /// Fills `buffer`. Ends the process if there is no randomness: nothing safe can follow.
  public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    // Sound: every slice lies within the caller's buffer, and its length fits the C call's Int32.
    var offset = 0
    while offset < buffer.count {
      let count = min(buffer.count - offset, 1 << 20)
      let slice = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + count])
      let start = unsafe slice.baseAddress?.assumingMemoryBound(to: UInt8.self)
      guard unsafe RAND_priv_bytes(start, Int32(count)) == 1 else { openSSLFailed("gather random bytes") }
      offset += count
    }
  }
}
