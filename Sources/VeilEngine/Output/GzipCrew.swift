import VeilGround

/// Threads that pack blocks side by side, and give them back in order. At most a fixed number of blocks is under way,
/// whose memory is used again and again.
///
/// Whoever submits and collects is one thread at a time. The crew's threads are stopped and joined with it; blocks that
/// nobody collected are forgotten.
final class GzipCrew {
  private let belt: Belt
  private var threads: [WorkerThread] = []
  /// Packs in place of the threads where the system gave none.
  private let standIn: GzipDeflater?
  private var submitted = 0
  private var collected = 0

  /// Which blocks are to be packed and which are.
  ///
  /// Sound to share: the counts and the states are guarded by `lock`. A block belongs to whoever submits and collects,
  /// but between `submitted` and `isPacked` to the thread that took it.
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

    /// Whether block `number` is packed; with `waits` it is, before this returns.
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

  /// - Parameter threadCount: 0 packs on the submitting thread.
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

  /// Has a block packed that `fill` fills. Needs room.
  func submit(_ fill: (GzipBlock) -> Void) {
    precondition(hasRoom, "a block is collected before its memory is used again")
    let block = belt.block(submitted)
    fill(block)
    if let standIn { standIn.pack(block) } else { belt.submit(submitted) }
    submitted += 1
  }

  /// The oldest block that was not collected yet, once it is packed; the caller's until the next `submit`. Nil if there
  /// is none, or, unless `waits`, none that is packed already.
  func collect(waits: Bool) -> GzipBlock? {
    if collected == submitted { return nil }
    if standIn == nil && !belt.isPacked(collected, waits: waits) { return nil }
    defer { collected += 1 }
    return belt.block(collected)
  }
}
