import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, for example those of a file for a manifest.
///
/// Sound: the state is allocated in `init` and freed in `deinit`.
@safe
public final class StreamingSHA256 {
  private let state: UnsafeMutablePointer<SHA256_CTX>

  public init() {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: SHA256_CTX())
    guard unsafe SHA256_Init(state) == 1 else { openSSLFailed("start SHA-256") }
  }

  deinit {
    unsafe OPENSSL_cleanse(state, MemoryLayout<SHA256_CTX>.stride)
    unsafe state.deallocate()
  }

  /// Adds the next piece.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    guard unsafe SHA256_Update(state, bytes.baseAddress, bytes.count) == 1 else { openSSLFailed("go on with SHA-256") }
  }

  /// Returns the 32 bytes of the digest of everything so far; more may follow.
  public func finalize() -> [UInt8] {
    var copy = unsafe state.pointee
    defer { unsafe OPENSSL_cleanse(&copy, MemoryLayout<SHA256_CTX>.stride) }
    var digest = [UInt8](repeating: 0, count: 32)
    guard unsafe SHA256_Final(&digest, &copy) == 1 else { openSSLFailed("finish SHA-256") }
    return digest
  }

  /// Returns the digest of `finalize()` as 64 lowercase hexadecimal digits.
  public func finalizeHex() -> String { Hex.string(finalize()) }

  /// Returns the digest of bytes that are all in memory, as 64 lowercase hexadecimal digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    let hash = StreamingSHA256()
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.finalizeHex()
  }
}
