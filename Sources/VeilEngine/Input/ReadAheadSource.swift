import VeilGround

/// Reads another source on a thread of its own, a few blocks ahead of the caller.
///
/// The bytes, the end and the failure come in the same order as from the other source. The first read starts the
/// thread. The end of this source stops and joins it, and waits for a read that has already started. So the other
/// source must not wait for another program, as a pipe does.
final class ReadAheadSource: ByteSource {
  private let source: any ByteSource
  private let queue: ReadAheadQueue
  private var reader = Reader.notStarted

  private enum Reader {
    case notStarted
    case running(WorkerThread)
    /// The system gave no thread, so bytes are read when the caller asks for them.
    case refused
    case stopped
  }

  init(_ source: any ByteSource, blockBytes: Int = 256 << 10, blockCount: Int = 3) {
    self.source = source
    queue = ReadAheadQueue(blockBytes: blockBytes, blockCount: blockCount)
  }

  deinit { stop() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    if buffer.count == 0 { return 0 }
    if case .notStarted = reader { start() }
    if case .refused = reader { return unsafe try source.read(into: buffer) }
    return unsafe try queue.take(into: buffer)
  }

  private func start() {
    let thread = WorkerThread.started { [source, queue] in queue.fill(from: source) }
    reader = thread.map { .running($0) } ?? .refused
  }

  /// Ends the thread, so that only the caller uses the other source. After this call nothing more may be read, except
  /// the end if it was reached.
  func stop() {
    guard case .running(let thread) = reader else { return }
    queue.stop()
    thread.join()
    reader = .stopped
  }
}
