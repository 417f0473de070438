import VeilGround

/// The queue of blocks between the thread that reads ahead and the thread that takes the bytes.
///
/// Sound to share: `lock` guards the counts, the end and the failure. A block belongs to the reading thread until it is
/// counted in `filled`, then to the taking thread until it is counted in `emptied`, and so on in a ring. Only the
/// taking thread uses `position`.
final class ReadAheadQueue: @unchecked Sendable {
  private let lock = ThreadLock()
  private let blocks: [Block]
  private let blockBytes: Int
  private var filled = 0
  private var emptied = 0
  private var isEnded = false
  private var isStopped = false
  private var failure: InputError?
  /// How many bytes of the front block were taken.
  private var position = 0

  private final class Block {
    var bytes = ByteBuffer()
  }

  init(blockBytes: Int, blockCount: Int) {
    precondition(blockBytes > 0 && blockCount > 0)
    self.blockBytes = blockBytes
    blocks = (0..<blockCount).map { _ in Block() }
  }

  // MARK: The reading thread

  /// Reads `source` until its end, until a failure, or until the queue is stopped.
  func fill(from source: any ByteSource) {
    var turn = 0
    while waitForRoom() {
      let block = blocks[turn % blocks.count]
      turn += 1
      var failure: InputError?
      do throws(InputError) { try fill(block, from: source) } catch { failure = error }
      lock.lock()
      if !block.bytes.isEmpty { filled += 1 }
      if failure != nil || block.bytes.count < blockBytes {
        isEnded = true
        self.failure = failure
      }
      lock.broadcast()
      lock.unlock()
    }
  }

  private func waitForRoom() -> Bool {
    lock.lock()
    defer { lock.unlock() }
    while filled - emptied == blocks.count && !isStopped { lock.wait() }
    return !isStopped && !isEnded
  }

  /// Fills the whole block, or less at the end. Handing over many small blocks would cost more than reading them.
  private func fill(_ block: Block, from source: any ByteSource) throws(InputError) {
    block.bytes.removeAll()
    block.bytes.reserve(blockBytes)
    while block.bytes.count < blockBytes {
      // Sound: the room was reserved.
      let room = unsafe UnsafeMutableRawBufferPointer(start: block.bytes.end, count: blockBytes - block.bytes.count)
      let count = unsafe try source.read(into: room)
      if count == 0 { return }
      block.bytes.advance(by: count)
    }
  }

  // MARK: The taking thread

  /// Moves bytes that were read into `buffer`, and waits for them if necessary; returns 0 at the end.
  func take(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    guard let block = try front() else { return 0 }
    let count = min(block.bytes.count - position, buffer.count)
    // Sound: the count is at most what is left on either side.
    unsafe buffer.baseAddress?.copyMemory(from: block.bytes.start + position, byteCount: count)
    position += count
    if position == block.bytes.count {
      position = 0
      lock.lock()
      emptied += 1
      lock.broadcast()
      lock.unlock()
    }
    return count
  }

  /// Returns the oldest filled block; nil at the end.
  private func front() throws(InputError) -> Block? {
    lock.lock()
    defer { lock.unlock() }
    while filled == emptied && !isEnded {
      precondition(!isStopped, "nothing is read behind a stop")
      lock.wait()
    }
    if filled > emptied { return blocks[emptied % blocks.count] }
    if let failure { throw failure }
    return nil
  }

  /// Stops the reading thread.
  func stop() {
    lock.lock()
    isStopped = true
    lock.broadcast()
    lock.unlock()
  }
}
