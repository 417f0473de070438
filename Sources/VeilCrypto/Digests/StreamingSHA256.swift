import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, such as a file's for a manifest.
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

  /// Takes in the next piece.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    guard unsafe SHA256_Update(state, bytes.baseAddress, bytes.count) == 1 else { openSSLFailed("go on with SHA-256") }
  }

  /// The 32 bytes of everything taken in so far; more may follow.
  public func finalize() -> [UInt8] {
    var copy = unsafe state.pointee
    defer { unsafe OPENSSL_cleanse(&copy, MemoryLayout<SHA256_CTX>.stride) }
    var digest = [UInt8](repeating: 0, count: 32)
    guard unsafe SHA256_Final(&digest, &copy) == 1 else { openSSLFailed("finish SHA-256") }
    return digest
  }

  /// `finalize()` as 64 lowercase hexadecimal digits.
  public func finalizeHex() -> String { Hex.string(finalize()) }

  /// The digest of bytes that are all there, as 64 lowercase hexadecimal digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    let hash = StreamingSHA256()
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.finalizeHex()
  }
}
