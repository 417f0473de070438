import COpenSSL
import Glibc

/// Bytes that must stay secret: keys, salts, and the texts from which they are read.
///
/// They are in memory pages of their own, which are kept out of swap (if the limits allow it) and out of core dumps.
/// They never change after `init`, and are overwritten when the last reference is released. Printing, dumping or
/// interpolating a value shows how many bytes it holds, not the bytes.
@safe
public final class SecretBytes: Sendable {
  // Sound to share: written only in `init`, unmapped only in `deinit`, and read-only in between.
  private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

  /// The number of bytes.
  public let count: Int

  /// Lets `fill` write `count` bytes, which are zero at first. `count` must not be negative.
  public init<E: Error>(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
    precondition(count >= 0 && count < Int.max - (1 << 20), "a secret's length must be sensible")
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let size = max(1, (count + page - 1) / page) * page
    guard let start = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      unsafe start != MAP_FAILED
    else { CryptoFailure.end("there is no memory for a secret of \(count) bytes") }
    // These calls may fail: an unprivileged process may lock only a limited amount, and core dumps may be disabled
    // anyway.
    _ = unsafe mlock(start, size)
    _ = unsafe madvise(start, size, MADV_DONTDUMP)
    unsafe memory = UnsafeMutableRawBufferPointer(start: start, count: size)
    self.count = count
    try unsafe fill(UnsafeMutableRawBufferPointer(start: start, count: count))
  }

  /// Copies `bytes`; the caller must cleanse the original.
  public convenience init(copying bytes: UnsafeRawBufferPointer) {
    unsafe self.init(count: bytes.count) { (memory: UnsafeMutableRawBufferPointer) in
      unsafe memory.copyMemory(from: bytes)
    }
  }

  deinit {
    unsafe OPENSSL_cleanse(memory.baseAddress, memory.count)
    _ = unsafe munmap(memory.baseAddress, memory.count)
  }

  /// Returns `count` bytes from the system's generator.
  public static func random(count: Int) -> SecretBytes {
    unsafe SecretBytes(count: count) { (memory: UnsafeMutableRawBufferPointer) in unsafe SecureRandom.fill(memory) }
  }

  /// Lends the bytes to `body`; they are valid until it returns. Copy them only to memory that is cleansed.
  public func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: memory.baseAddress, count: count))
  }

  /// 16 hexadecimal digits that distinguish keys and say nothing about them: HMAC-SHA-256, under the key, of the text
  /// `veil/v1/fingerprint`, cut to its first 8 bytes.
  public var fingerprint: String {
    Hex.string(HMACContext(algorithm: .sha256, key: self).authenticate(Array("veil/v1/fingerprint".utf8)).prefix(8))
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "<secret: \(count) bytes>" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Lends `body` zeroed bytes on the stack (or the heap, if many) and overwrites them afterwards.
func withCleansedBytes<R: ~Copyable>(count: Int, _ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
  unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { memory in
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
    defer { unsafe OPENSSL_cleanse(memory.baseAddress, memory.count) }
    return unsafe body(memory)
  }
}
