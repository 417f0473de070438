import VeilGround

/// Threads that pack blocks in parallel and return them in order. A fixed number of blocks is in use at most, and their
/// memory is reused.
///
/// Only one thread at a time may submit and collect. The crew's `deinit` stops and joins its threads; blocks that
/// nobody collected are discarded.
final class GzipCrew {
  private let belt: Belt
  private var threads: [WorkerThread] = []
  /// Packs on the submitting thread if the system gave no threads.
  private let standIn: GzipDeflater?
  private var submitted = 0
  private var collected = 0

  /// Which blocks are to be packed and which are packed.
  ///
  /// Sound to share: `lock` guards the counts and the states. A block belongs to the thread that submits and collects;
  /// only between `submitted` and `isPacked` does it belong to the thread that packs it.
  private final class Belt: @unchecked Sendable {
    let lock = ThreadLock()
    let blocks: [GzipBlock]
    private var isPacked: [Bool]
    private var submitted = 0
    private var taken = 0
    private var isStopped = false

    init(blockCount: Int) {
      blocks = (0..<blockCount).map { _ in GzipBlock() }
      isPacked = Array(repeating: false, count: blockCount)
    }

    func block(_ number: Int) -> GzipBlock { blocks[number % blocks.count] }

    func work(level: Int32) {
      let deflater = GzipDeflater(level: level)
      while let number = take() {
        deflater.pack(block(number))
        lock.lock()
        isPacked[number % blocks.count] = true
        lock.broadcast()
        lock.unlock()
      }
    }

    private func take() -> Int? {
      lock.lock()
      defer { lock.unlock() }
      while taken == submitted && !isStopped { lock.wait() }
      if isStopped { return nil }
      defer { taken += 1 }
      return taken
    }

    func submit(_ number: Int) {
      lock.lock()
      isPacked[number % blocks.count] = false
      submitted = number + 1
      lock.broadcast()
      lock.unlock()
    }

    /// Returns whether block `number` is packed. If `waits` is true, it first waits until the block is packed.
    func isPacked(_ number: Int, waits: Bool) -> Bool {
      lock.lock()
      defer { lock.unlock() }
      while waits && !isPacked[number % blocks.count] { lock.wait() }
      return isPacked[number % blocks.count]
    }

    func stop() {
      lock.lock()
      isStopped = true
      lock.broadcast()
      lock.unlock()
    }
  }

  /// - Parameter threadCount: if it is 0, the submitting thread packs.
  init(level: Int32, threadCount: Int) {
    let belt = Belt(blockCount: max(threadCount * 2, 1))
    for _ in 0..<threadCount {
      guard let thread = WorkerThread.started({ belt.work(level: level) }) else { break }
      threads.append(thread)
    }
    standIn = threads.isEmpty ? GzipDeflater(level: level) : nil
    self.belt = belt
  }

  deinit {
    belt.stop()
    for thread in threads { thread.join() }
  }

  var hasRoom: Bool { submitted - collected < belt.blocks.count }

  /// Queues a block for packing; `fill` sets its contents. Call it only if there is room.
  func submit(_ fill: (GzipBlock) -> Void) {
    precondition(hasRoom, "a block is collected before its memory is used again")
    let block = belt.block(submitted)
    fill(block)
    if let standIn { standIn.pack(block) } else { belt.submit(submitted) }
    submitted += 1
  }

  /// Returns the oldest block that was not collected yet, once it is packed. The caller may use it until the next
  /// `submit`. Returns nil if there is none, or, if `waits` is false, if it is not packed yet.
  func collect(waits: Bool) -> GzipBlock? {
    if collected == submitted { return nil }
    if standIn == nil && !belt.isPacked(collected, waits: waits) { return nil }
    defer { collected += 1 }
    return belt.block(collected)
  }
}
