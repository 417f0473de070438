import VeilGround

/// Packs blocks of bytes. Used by one `PackingSink`.
protocol BlockPacker: AnyObject {
  /// Packs all of `block` and passes on what came of it; with `isLast` also what was held back and the trailer.
  func pack(_ block: UnsafeRawBufferPointer, isLast: Bool, into next: any ByteSink) throws(OutputError)
}

/// How many threads pack one output.
enum PackingThreads {
  /// More would outrun what is read, and cost memory.
  static let most = 8
  /// One a processor.
  static var count: Int { min(WorkerThread.processorCount, most) }
}

/// Packs what is written before it passes it on.
///
/// What is written is cut into blocks of one size first: the packed bytes then depend on the contents and the level
/// alone, never on how the contents were cut into writes.
final class PackingSink<Packer: BlockPacker>: ByteSink {
  private let packer: Packer
  private let next: any ByteSink
  private var block = ByteBuffer()
  private var isFinished = false
  /// What went wrong: a gap in the output must not be followed by anything.
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
