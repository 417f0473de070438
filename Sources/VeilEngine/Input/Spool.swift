import Glibc
import VeilCrypto
import VeilGround

/// Stores the bytes of an input that cannot be read twice, for as many passes as are needed.
///
/// The bytes are in a temporary file that has no name and that nobody else may open. They are encrypted under a key
/// that exists only in this process, so nobody can read them after the process has ended, however it ended.
///
/// Sound: blocks are sealed into and opened from buffers that were reserved to the length of a sealed block.
@safe
final class Spool {
  /// The number of spooled bytes.
  private(set) var byteCount = 0
  private let folder: String
  private let descriptor: Descriptor
  private let cipher = SpoolCipher()
  /// The bytes that were written and do not fill a block yet.
  private var pending = ByteBuffer()

  /// The number of bytes in each block except the last one.
  fileprivate static let blockBytes = 256 << 10
  fileprivate static let sealedBytes = blockBytes + SpoolCipher.overhead

  /// Reads `source` to its end into a file in `folder`. Without a folder, the file is in `$TMPDIR`, or else in `/tmp`.
  convenience init(_ source: any ByteSource, folder: String? = nil) throws(InputError) {
    try self.init(folder: folder)
    try fill(from: source)
  }

  /// Makes an empty spool to write to.
  init(folder: String? = nil) throws(InputError) {
    self.folder = folder ?? Spool.standardFolder
    do throws(SystemError) {
      descriptor = try Descriptor.temporary(in: self.folder)
    } catch {
      throw InputError("cannot make a temporary file in \(self.folder): \(error)")
    }
  }

  deinit { pending.wipe() }

  func write(_ bytes: UnsafeRawBufferPointer) throws(InputError) {
    pending.reserve(Spool.blockBytes)
    var rest = unsafe bytes
    while let start = rest.baseAddress, rest.count > 0 {
      let count = min(Spool.blockBytes - pending.count, rest.count)
      // Sound: the buffer was reserved to a whole block, and `rest` has `count` bytes.
      unsafe pending.append(start.assumingMemoryBound(to: UInt8.self), count: count)
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if pending.count == Spool.blockBytes { try finish() }
    }
  }

  /// Writes the bytes that do not fill a block. Only the last block may be shorter, because nothing is written after
  /// it.
  func finish() throws(InputError) {
    if pending.isEmpty { return }
    var sealed = ByteBuffer()
    sealed.reserve(Spool.sealedBytes)
    try append(pending, as: UInt64(byteCount / Spool.blockBytes), through: sealed)
    byteCount += pending.count
    pending.removeAll()
  }

  /// The folder of temporary files: `$TMPDIR`, or else `/tmp`.
  static var standardFolder: String {
    guard let path = unsafe getenv("TMPDIR"), unsafe path.pointee != 0 else { return "/tmp" }
    return unsafe String(cString: path)
  }

  private func fill(from source: any ByteSource) throws(InputError) {
    var plaintext = ByteBuffer()
    var sealed = ByteBuffer()
    plaintext.reserve(Spool.blockBytes)
    sealed.reserve(Spool.sealedBytes)
    defer { plaintext.wipe() }
    var block: UInt64 = 0
    var isEnd = false
    while !isEnd {
      plaintext.removeAll()
      while plaintext.count < Spool.blockBytes && !isEnd {
        let room = unsafe UnsafeMutableRawBufferPointer(start: plaintext.end, count: Spool.blockBytes - plaintext.count)
        let count = unsafe try source.read(into: room)
        plaintext.advance(by: count)
        isEnd = count == 0
      }
      if plaintext.isEmpty { break }
      try append(plaintext, as: block, through: sealed)
      byteCount += plaintext.count
      block += 1
    }
  }

  private func append(
    _ plaintext: borrowing ByteBuffer, as block: UInt64, through sealed: borrowing ByteBuffer
  ) throws(InputError) {
    let contents = unsafe UnsafeRawBufferPointer(start: plaintext.start, count: plaintext.count)
    let room = unsafe UnsafeMutableRawBufferPointer(start: sealed.start, count: Spool.sealedBytes)
    let count: Int
    do throws(CryptoError) {
      count = unsafe try cipher.encrypt(block: block, contents, into: room)
    } catch {
      throw InputError("cannot encrypt the temporary file in \(folder): \(error)")
    }
    do throws(SystemError) {
      unsafe try descriptor.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
    } catch {
      throw InputError("cannot write the temporary file in \(folder): \(error)")
    }
  }

  /// Returns a source that reads the spooled bytes from their start. Sources are independent of each other.
  func source() -> any ByteSource { SpoolSource(self) }

  /// Opens block `index` into `plaintext`, which has room for one; `sealed` has room for a sealed one.
  fileprivate func open(
    _ index: Int, into plaintext: inout ByteBuffer, through sealed: borrowing ByteBuffer
  ) throws(InputError) {
    let begin = index * Spool.blockBytes
    let count = min(byteCount - begin, Spool.blockBytes)
    let place = unsafe UnsafeMutableRawBufferPointer(start: sealed.start, count: count + SpoolCipher.overhead)
    do throws(SystemError) {
      let found = unsafe try descriptor.read(into: place, at: index * Spool.sealedBytes)
      if found < place.count { throw SystemError(EIO) }
    } catch {
      throw InputError("cannot read the temporary file in \(folder): \(error)")
    }
    plaintext.removeAll()
    let room = unsafe UnsafeMutableRawBufferPointer(start: plaintext.end, count: count)
    do throws(CryptoError) {
      plaintext.advance(by: unsafe try cipher.decrypt(block: UInt64(index), UnsafeRawBufferPointer(place), into: room))
    } catch {
      throw InputError("cannot read the temporary file in \(folder): \(error)")
    }
  }
}

/// Reads a spool once.
@safe
private final class SpoolSource: ByteSource {
  private let spool: Spool
  private var block = 0
  private var plaintext = ByteBuffer()
  private var sealed = ByteBuffer()
  private var position = 0

  init(_ spool: Spool) {
    self.spool = spool
    plaintext.reserve(Spool.blockBytes)
    sealed.reserve(Spool.sealedBytes)
  }

  deinit { plaintext.wipe() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    if position == plaintext.count {
      if block * Spool.blockBytes >= spool.byteCount { return 0 }
      try spool.open(block, into: &plaintext, through: sealed)
      block += 1
      position = 0
    }
    // Sound: the count is at most what is left on either side.
    let count = min(plaintext.count - position, buffer.count)
    if count > 0 { unsafe buffer.baseAddress?.copyMemory(from: plaintext.start + position, byteCount: count) }
    position += count
    return count
  }
}

extension ByteBuffer {
  /// Overwrites the contents of the buffer, so that freed memory holds none of them.
  mutating func wipe() {
    if capacity > 0 { unsafe explicit_bzero(start, capacity) }
    removeAll()
  }
}

extension Descriptor {
  /// Makes a file for this process alone in `folder`, without a name, and readable and writable only by its owner.
  static func temporary(in folder: String) throws(SystemError) -> Descriptor {
    do throws(SystemError) {
      // O_EXCL means that the file can never be given a name.
      return try open(folder, flags: unnamedFile | O_EXCL | O_RDWR, mode: 0o600)
    } catch {
      guard cannotDoUnnamedFiles.contains(error.code) else { throw error }
    }
    let path = "\(folder)/.veil-\(RandomName.hex()).tmp"
    let file = try open(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    guard unsafe unlink(path) == 0 else { throw SystemError(errno) }
    return file
  }
}
