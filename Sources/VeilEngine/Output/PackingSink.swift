import VeilGround

/// Packs blocks of bytes. One `PackingSink` uses it.
protocol BlockPacker: AnyObject {
  /// Packs all of `block` and passes the result on. If `isLast` is true, also passes on the bytes that were held back
  /// and the trailer.
  func pack(_ block: UnsafeRawBufferPointer, isLast: Bool, into next: any ByteSink) throws(OutputError)
}

/// The number of threads that pack one output.
enum PackingThreads {
  /// More threads would pack faster than the input is read, and cost memory.
  static let most = 8
  /// One thread for each processor, up to `most`.
  static var count: Int { min(WorkerThread.processorCount, most) }
}

/// Packs bytes and passes them on.
///
/// The bytes are first cut into blocks of one size. So the packed bytes depend only on the contents and the level,
/// never on how the contents were divided into writes.
final class PackingSink<Packer: BlockPacker>: ByteSink {
  private let packer: Packer
  private let next: any ByteSink
  private var block = ByteBuffer()
  private var isFinished = false
  /// The first error. After it, nothing more may be written, because the output has a gap.
  private var failure: OutputError?

  private static var blockBytes: Int { 128 << 10 }

  init(_ packer: Packer, into next: any ByteSink) {
    self.packer = packer
    self.next = next
    block.reserve(Self.blockBytes)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    if let failure { throw failure }
    precondition(!isFinished, "nothing follows the trailer")
    var rest = unsafe bytes
    while let start = rest.baseAddress, rest.count > 0 {
      let count = min(Self.blockBytes - block.count, rest.count)
      // Sound: the block was reserved to its whole length, and `rest` has `count` bytes.
      unsafe block.append(start.assumingMemoryBound(to: UInt8.self), count: count)
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if block.count == Self.blockBytes { try packBlock(isLast: false) }
    }
  }

  func finish() throws(OutputError) {
    if let failure { throw failure }
    precondition(!isFinished, "a sink is finished once")
    isFinished = true
    try packBlock(isLast: true)
    try next.finish()
  }

  private func packBlock(isLast: Bool) throws(OutputError) {
    let bytes = unsafe UnsafeRawBufferPointer(start: block.start, count: block.count)
    do throws(OutputError) {
      unsafe try packer.pack(bytes, isLast: isLast, into: next)
    } catch {
      failure = error
      throw error
    }
    block.removeAll()
  }
}
