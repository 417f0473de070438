/// Keys derived from keys: the extract-and-expand key derivation function of RFC 5869.
public enum HKDF {
  /// Derives with HKDF-SHA-256: `derive` with the digest that domain keys use.
  public static func sha256(
    inputKey: SecretBytes, salt: [UInt8], info: [UInt8], count: Int
  ) throws(CryptoError) -> SecretBytes {
    try derive(algorithm: .sha256, inputKey: inputKey, salt: salt, info: info, count: count)
  }

  /// Derives `count` bytes from `inputKey`, for the use that `info` names. An empty salt stands for as many zeros as a
  /// digest has bytes. Throws `outputTooLong` for more than 255 digests, or for a negative count.
  public static func derive(
    algorithm: DigestAlgorithm, inputKey: SecretBytes, salt: [UInt8], info: [UInt8], count: Int
  ) throws(CryptoError) -> SecretBytes {
    let limit = 255 * algorithm.byteCount
    guard (0...limit).contains(count) else { throw .outputTooLong(requested: count, limit: limit) }
    let saltKey = unsafe salt.withUnsafeBytes { unsafe SecretBytes(copying: $0) }
    let extracted = unsafe inputKey.withUnsafeBytes { input in
      unsafe tag(of: input, under: HMACContext(algorithm: algorithm, key: saltKey))
    }
    return expand(HMACContext(algorithm: algorithm, key: extracted), info: info, count: count)
  }

  /// Computes T(1) | T(2) | …, where T(i) is the tag of T(i - 1) | info | i.
  private static func expand(_ mac: HMACContext, info: [UInt8], count: Int) -> SecretBytes {
    unsafe SecretBytes(count: count) { (output: UnsafeMutableRawBufferPointer) in
      unsafe withCleansedBytes(count: mac.byteCount + info.count + 1) { message in
        unsafe UnsafeMutableRawBufferPointer(rebasing: message[mac.byteCount...]).copyBytes(from: info)
        var start = 0
        while start < output.count {
          // The first message has no tag before it.
          unsafe message[message.count - 1] += 1
          let input = unsafe UnsafeRawBufferPointer(rebasing: message[(start == 0 ? mac.byteCount : 0)...])
          let next = unsafe tag(of: input, under: mac)
          unsafe next.withUnsafeBytes { next in
            unsafe message.copyMemory(from: next)
            let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: output[start...])
            unsafe piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: next.prefix(piece.count)))
          }
          start += mac.byteCount
        }
      }
    }
  }

  private static func tag(of value: UnsafeRawBufferPointer, under mac: HMACContext) -> SecretBytes {
    unsafe SecretBytes(count: mac.byteCount) { (tag: UnsafeMutableRawBufferPointer) in
      // Sound: a tag is never empty, so there is an address, which stands in for the one an empty value need not have.
      guard let out = unsafe tag.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      let start = unsafe value.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(out)
      unsafe mac.authenticate(start, count: value.count, into: out)
    }
  }
}
