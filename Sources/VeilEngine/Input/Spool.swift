import VeilGround

/// Stores the bytes of an input that cannot be read twice, for as many passes as are needed.
///
/// The bytes are in a `SealedFile`.
///
/// Sound: blocks are filled and read within the length that was reserved for one.
@safe
final class Spool {
  /// The number of spooled bytes.
  private(set) var byteCount = 0
  private let file: SealedFile
  /// The bytes that were written and do not fill a block yet.
  private var pending = ByteBuffer()

  /// The number of bytes in each block except the last one.
  fileprivate static let blockBytes = 256 << 10
  fileprivate static let sealedBytes = blockBytes + SealedFile.overhead

  /// Reads `source` to its end into a file in `folder`. Without a folder, the file is in `$TMPDIR`, or else in `/tmp`.
  convenience init(_ source: any ByteSource, folder: String? = nil) throws(InputError) {
    try self.init(folder: folder)
    try fill(from: source)
  }

  /// Makes an empty spool to write to.
  init(folder: String? = nil) throws(InputError) {
    file = try SealedFile(folder: folder)
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
    try file.append(pending, as: byteCount / Spool.blockBytes, through: sealed)
    byteCount += pending.count
    pending.removeAll()
  }

  private func fill(from source: any ByteSource) throws(InputError) {
    var plaintext = ByteBuffer()
    var sealed = ByteBuffer()
    plaintext.reserve(Spool.blockBytes)
    sealed.reserve(Spool.sealedBytes)
    defer { plaintext.wipe() }
    var block = 0
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
      try file.append(plaintext, as: block, through: sealed)
      byteCount += plaintext.count
      block += 1
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
    plaintext.removeAll()
    try file.read(
      index, at: index * Spool.sealedBytes, count: count, into: &plaintext, through: sealed)
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
