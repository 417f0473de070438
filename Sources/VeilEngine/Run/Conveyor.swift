import Glibc

/// Works on one chunk at a time. Belongs to one thread, but for `deliver`, which runs while no other station delivers.
protocol Station: AnyObject {
  /// Does the work that needs nothing but the chunk. In parallel.
  func process(_ chunk: Chunk) throws
  /// Hands on what `process` made. One station at a time, in input order.
  func deliver() throws
}

/// Takes chunks through stations, one station a thread, in order at both ends: whatever is delivered is the same at any
/// number of threads.
///
/// Each thread reads a chunk while it holds the input, works on it while it holds nothing, and delivers when its turn
/// comes. The first failure in input order is the one that is thrown.
///
/// Sound to share: everything mutable is guarded by `lock`, and the reader by `inputLock`.
final class Conveyor: @unchecked Sendable {
  private let reader: ChunkReader
  private let lock = ThreadLock()
  private let inputLock = ThreadLock()
  private var turn = 0
  private var isStopped = false
  private var failure: (any Error)?
  private var readFailure: (any Error)?

  private init(reader: ChunkReader) { self.reader = reader }

  /// Runs until the input ends or something fails. The calling thread works at the first station.
  static func run(_ reader: ChunkReader, through stations: [any Station]) throws {
    guard let station = stations.first else { return }
    let conveyor = Conveyor(reader: reader)
    let chunk = Chunk()
    let sequence = conveyor.read(into: chunk)
    // A small input is one chunk, which leaves nothing for other threads. A station that gets no thread has nothing to do:
    // on this one it would wait for the chunk that was read already.
    let others = (reader.isSpent ? [] : stations.dropFirst()).compactMap { station in
      WorkerThread.started { conveyor.work(at: station) }
    }
    conveyor.work(at: station, from: sequence, in: chunk)
    for thread in others { thread.join() }
    if let failure = conveyor.failure ?? conveyor.readFailure { throw failure }
  }

  private func work(at station: any Station) {
    let chunk = Chunk()
    work(at: station, from: read(into: chunk), in: chunk)
  }

  /// Goes on from a chunk that was read.
  private func work(at station: any Station, from first: Int?, in chunk: Chunk) {
    var next = first
    while let sequence = next {
      var problem: (any Error)?
      do { try station.process(chunk) } catch { problem = error }
      lock.lock()
      while turn != sequence { lock.wait() }
      let skips = failure != nil
      lock.unlock()
      if !skips && problem == nil {
        do { try station.deliver() } catch { problem = error }
      }
      lock.lock()
      if failure == nil, let problem {
        failure = problem
        isStopped = true
      }
      turn += 1
      lock.broadcast()
      lock.unlock()
      next = read(into: chunk)
    }
  }

  /// The next chunk and its number; nil at the end, or when something has failed.
  private func read(into chunk: Chunk) -> Int? {
    inputLock.lock()
    defer { inputLock.unlock() }
    lock.lock()
    let stops = isStopped
    lock.unlock()
    if stops { return nil }
    do {
      guard try reader.next(into: chunk) else {
        stop(because: nil)
        return nil
      }
    } catch {
      stop(because: error)
      return nil
    }
    return chunk.sequence
  }

  private func stop(because error: (any Error)?) {
    lock.lock()
    isStopped = true
    readFailure = error
    lock.unlock()
  }
}
