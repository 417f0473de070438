import VeilGround

/// Reads another source on a thread of its own, a few blocks ahead of whoever reads here.
///
/// The bytes, the end and the failure come in the order in which the other source gave them. The thread starts with
/// the first read, and is stopped and joined with this source; that waits for the read that is under way, so the other
/// source must not be one that waits for somebody else, such as a pipe.
final class ReadAheadSource: ByteSource {
  private let source: any ByteSource
  private let queue: ReadAheadQueue
  private var reader = Reader.notStarted

  private enum Reader {
    case notStarted
    case running(WorkerThread)
    /// The system gave no thread: bytes are read when they are asked for.
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

  /// Ends the thread, so that the other source is the caller's alone. Nothing may be read afterwards but an end that
  /// was reached.
  func stop() {
    guard case .running(let thread) = reader else { return }
    queue.stop()
    thread.join()
    reader = .stopped
  }
}
