/// Gives each running number a digest that tells nothing of it to anybody without the key: AES-256 (FIPS 197) of the
/// number as one block.
///
/// A block cipher is a permutation, so no two numbers have the same digest: an order by digests has no ties.
public final class OrderCipher {
  private let cipher: AESBlock

  /// Takes a key of 32 bytes.
  public init(key: SecretBytes) {
    precondition(key.count == 32, "AES-256 takes 32 bytes")
    cipher = unsafe key.withUnsafeBytes { unsafe AESBlock(key: $0) }
  }

  /// Writes the digests of `count` numbers, from `first` on, to `out`.
  public func digests(from first: UInt64, count: Int, into out: UnsafeMutablePointer<SIMD2<UInt64>>) {
    // Sound: the caller has room for `count` digests, each of which is one block, and AES works in place.
    for index in 0..<count { unsafe out[index] = SIMD2((first &+ UInt64(index)).littleEndian, 0) }
    var done = 0
    while done < count {
      let step = min(count - done, Self.step)
      let bytes = unsafe UnsafeMutableRawPointer(out + done).assumingMemoryBound(to: UInt8.self)
      unsafe cipher.encrypt(bytes, count: step, into: bytes)
      done += step
    }
    for index in 0..<count {
      unsafe out[index] = unsafe SIMD2(UInt64(littleEndian: out[index][0]), UInt64(littleEndian: out[index][1]))
    }
  }

  /// The most blocks in one call of the cipher, which counts bytes in 32 bits.
  private static let step = 1 << 20
}
