import COpenSSL
import Glibc

/// AES-SIV (RFC 5297) of many values under one key and one list of associated data, both prepared once: a short value
/// costs two runs of the AES block cipher. Equal values give equal tokens; without the key, a token shows only this and
/// the value's length. Decryption fails for a token that was changed, or made under another key or with other
/// associated data.
///
/// Privacy claim: as for HMAC, tokens are pseudonyms; everybody who has the key can decrypt them (GDPR, article 4(5)).
///
/// It is cheap to make. Threads must not share it: each worker thread has its own.
///
/// Sound: the memory for counter blocks is allocated in `init` and freed in `deinit`.
@safe
public final class SIVContext {
  /// The number of bytes that an encrypted value has in addition to its own.
  public static let overhead = 16
  /// The length of AES-256-SIV's key: one half authenticates, the other half encrypts.
  public static let keyByteCount = 64

  private let authentication: AESBlock
  private let encryption: AESBlock
  /// S2V of the associated data, before the value is added; and the same, doubled and combined with CMAC's first
  /// subkey, for short values.
  private let state: Block
  private let shortState: Block
  private let subkey1: Block
  private let subkey2: Block
  private let counters: UnsafeMutablePointer<UInt8>

  /// The number of blocks of key stream that are made at a time.
  private static let batch = 16

  /// Throws `keySize` unless the key has 32, 48 or 64 bytes (AES-128, 192 or 256 twice).
  public init(key: SecretBytes, associatedData: [[UInt8]]) throws(CryptoError) {
    guard [32, 48, 64].contains(key.count) else { throw .keySize(byteCount: key.count) }
    let half = key.count / 2
    let aes = unsafe key.withUnsafeBytes { unsafe AESBlock(key: UnsafeRawBufferPointer(rebasing: $0[..<half])) }
    encryption = unsafe key.withUnsafeBytes { unsafe AESBlock(key: UnsafeRawBufferPointer(rebasing: $0[half...])) }
    let subkey1 = aes.encrypt(Block()).doubled
    let subkey2 = subkey1.doubled
    // The MAC of a block of zeros.
    var state = aes.encrypt(subkey1)
    for data in associatedData {
      let mac = unsafe data.withUnsafeBufferPointer { data in
        guard let start = data.baseAddress else { return aes.encrypt(Block(0x80, 0) ^ subkey2) }
        return unsafe Self.cmac(
          start, count: data.count, xorEnd: Block(), aes: aes, subkey1: subkey1, subkey2: subkey2)
      }
      state = state.doubled ^ mac
    }
    authentication = aes
    self.subkey1 = subkey1
    self.subkey2 = subkey2
    self.state = state
    shortState = state.doubled ^ subkey1
    unsafe counters = .allocate(capacity: Self.batch * 16)
    unsafe counters.initialize(repeating: 0, count: Self.batch * 16)
  }

  deinit {
    unsafe OPENSSL_cleanse(counters, Self.batch * 16)
    unsafe counters.deallocate()
  }

  /// Writes `count + overhead` bytes at `out` (the synthetic IV, then the ciphertext), which must not overlap the
  /// value.
  public func seal(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    let tag = unsafe self.tag(of: value, count: count)
    unsafe tag.store(to: out)
    unsafe crypt(value, count: count, tag: tag, into: out + Self.overhead)
  }

  /// Writes the value of `sealed`, `count - overhead` bytes, to `out`, which must not overlap it. If `seal` did not
  /// make it under this key and associated data, wipes `out` and returns false.
  public func open(_ sealed: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) -> Bool {
    let valueCount = count - Self.overhead
    guard valueCount >= 0 else { return false }
    let tag = unsafe Block(loading: sealed)
    unsafe crypt(sealed + Self.overhead, count: valueCount, tag: tag, into: out)
    let difference = unsafe tag ^ self.tag(of: out, count: valueCount)
    // All bits are compared at once, so the time does not show where they differ.
    if difference[0] | difference[1] == 0 { return true }
    unsafe OPENSSL_cleanse(out, valueCount)
    return false
  }

  /// Does the same as `seal` for a single value.
  public func seal(_ value: [UInt8]) -> [UInt8] {
    unsafe bytesOf(value, resultCount: value.count + Self.overhead) { unsafe seal($0, count: value.count, into: $1) }
  }

  /// Does the same as `open` for a single value; returns nil if it is not authentic.
  public func open(_ sealed: [UInt8]) -> [UInt8]? {
    guard sealed.count >= Self.overhead else { return nil }
    var isAuthentic = false
    let value = unsafe bytesOf(sealed, resultCount: sealed.count - Self.overhead) {
      isAuthentic = unsafe open($0, count: sealed.count, into: $1)
    }
    return isAuthentic ? value : nil
  }

  /// Computes the last step of S2V, which gives the synthetic IV.
  @inline(__always)
  private func tag(of value: UnsafePointer<UInt8>, count: Int) -> Block {
    if count < 16 { return unsafe authentication.encrypt(shortState ^ Block(padding: value, count: count)) }
    return unsafe Self.cmac(
      value, count: count, xorEnd: state, aes: authentication, subkey1: subkey1, subkey2: subkey2)
  }

  /// Computes CMAC (NIST SP 800-38B) of a value of at least one byte, with `xorEnd` XORed onto its last 16 bytes if it
  /// has that many: RFC 5297's `xorend`.
  private static func cmac(
    _ value: UnsafePointer<UInt8>, count: Int, xorEnd: Block, aes: borrowing AESBlock, subkey1: Block, subkey2: Block
  ) -> Block {
    // Sound: all reads lie within `count`; the tail's copy has room for its 31 bytes.
    if count < 16 { return unsafe aes.encrypt(Block(padding: value, count: count) ^ subkey2) }
    if count == 16 { return unsafe aes.encrypt(Block(loading: value) ^ xorEnd ^ subkey1) }
    var chain = Block()
    var done = 0
    // This takes the whole blocks that lie before the last 16 bytes.
    while count - done >= 32 {
      chain = unsafe aes.encrypt(chain ^ Block(loading: value + done))
      done += 16
    }
    var tail = (Block(), Block())
    let tailCount = count - done
    return unsafe withUnsafeMutableBytes(of: &tail) { tail in
      guard let start = unsafe tail.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return chain }
      unsafe memcpy(start, value + done, tailCount)
      let end = unsafe start + (tailCount - 16)
      unsafe (Block(loading: end) ^ xorEnd).store(to: end)
      if tailCount == 16 { return unsafe aes.encrypt(chain ^ Block(loading: start) ^ subkey1) }
      chain = unsafe aes.encrypt(chain ^ Block(loading: start))
      return unsafe aes.encrypt(chain ^ Block(padding: start + 16, count: tailCount - 16) ^ subkey2)
    }
  }

  /// Applies AES-CTR from the synthetic IV with two of its bits cleared, as RFC 5297 defines it.
  private func crypt(
    _ bytes: UnsafePointer<UInt8>, count: Int, tag: Block, into out: UnsafeMutablePointer<UInt8>
  ) {
    var high = tag[0].bigEndian
    var low = tag[1].bigEndian & 0x7FFF_FFFF_7FFF_FFFF
    var done = 0
    while done < count {
      let blocks = min((count - done + 15) / 16, Self.batch)
      for index in 0..<blocks {
        unsafe Block(high.bigEndian, low.bigEndian).store(to: counters + 16 * index)
        low &+= 1
        if low == 0 { high &+= 1 }
      }
      unsafe encryption.encrypt(counters, count: blocks, into: counters)
      let end = min(count, done + blocks * 16)
      var stream = unsafe counters
      while done + 16 <= end {
        unsafe (Block(loading: bytes + done) ^ Block(loading: stream)).store(to: out + done)
        unsafe stream += 16
        done += 16
      }
      while done < end {
        unsafe out[done] = bytes[done] ^ stream.pointee
        unsafe stream += 1
        done += 1
      }
    }
  }
}
