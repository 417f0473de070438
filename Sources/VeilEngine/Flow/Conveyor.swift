import Glibc
import VeilGround

/// A workplace of the conveyor: works on one chunk at a time, on any thread.
protocol Station: AnyObject {
  /// Does the work that needs only the chunk. Several stations do this in parallel.
  func process(_ chunk: Chunk) throws
  /// Passes on what `process` made. One station at a time does this, in input order.
  func deliver() throws
}

/// Takes chunks through stations, and delivers them in input order: the output is the same with any number of threads.
///
/// Each thread takes a free station, reads a chunk while it holds the input, and works on the chunk while it holds
/// nothing. A finished chunk is delivered by the first thread that finds that its turn has come. So no thread waits for
/// an earlier chunk as long as a station is free. If several chunks fail, the first failure in input order is thrown.
///
/// Sound to share: everything mutable is guarded by `lock`, and the reader by `inputLock`. A workplace belongs to the
/// thread that took it until that thread adds it to the done ones, and then to the thread that delivers.
final class Conveyor: @unchecked Sendable {
  /// A station and the chunk it works on.
  private final class Workplace {
    let station: any Station
    let chunk = Chunk()
    /// The reason why its work failed.
    var problem: (any Error)?

    init(_ station: any Station) { self.station = station }
  }

  private let reader: ChunkReader
  private let lock = ThreadLock()
  private let inputLock = ThreadLock()
  /// The free workplaces. The one that became free last is used first, because its memory is probably still in the
  /// cache.
  private var free: [Workplace]
  /// Workplaces that wait for the turn of their chunk.
  private var done: [Workplace] = []
  private var isDelivering = false
  private var turn = 0
  private var isStopped = false
  private var failure: (any Error)?
  private var readFailure: (any Error)?

  private init(reader: ChunkReader, _ stations: [any Station]) {
    self.reader = reader
    free = stations.reversed().map(Workplace.init)
  }

  /// Returns how many stations keep this many threads busy. The spare ones are used while finished ones wait for their
  /// turn.
  static func stationCount(threads: Int) -> Int { threads + threads / 2 }

  /// Runs until the input ends or something fails. The calling thread is one of `threads`.
  static func run(_ reader: ChunkReader, through stations: [any Station], threads: Int) throws {
    guard !stations.isEmpty else { return }
    let conveyor = Conveyor(reader: reader, stations)
    let first = conveyor.next()
    // A small input is a single chunk, which leaves nothing for other threads.
    let others = (reader.isSpent ? 1..<1 : 1..<max(1, threads)).compactMap { _ in
      WorkerThread.started { conveyor.work(from: conveyor.next()) }
    }
    conveyor.work(from: first)
    for thread in others { thread.join() }
    if let failure = conveyor.failure ?? conveyor.readFailure { throw failure }
  }

  private func work(from first: Workplace?) {
    var next = first
    while let place = next {
      do { try place.station.process(place.chunk) } catch { place.problem = error }
      finish(place)
      next = self.next()
    }
  }

  // MARK: At the beginning

  /// Returns a workplace with the next chunk; nil at the end of the input, or after a failure.
  private func next() -> Workplace? {
    inputLock.lock()
    defer { inputLock.unlock() }
    guard let place = freeWorkplace() else { return nil }
    var problem: (any Error)?
    do {
      if try reader.next(into: place.chunk) { return place }
    } catch {
      problem = error
    }
    lock.lock()
    isStopped = true
    readFailure = problem
    lock.unlock()
    return nil
  }

  /// Waits for a free workplace. Returns nil if nothing more is to be read.
  private func freeWorkplace() -> Workplace? {
    lock.lock()
    defer { lock.unlock() }
    while free.isEmpty && !isStopped { lock.wait() }
    return isStopped ? nil : free.popLast()
  }

  // MARK: At the end

  /// Delivers every chunk whose turn has come, unless another thread already does it.
  private func finish(_ place: Workplace) {
    lock.lock()
    defer { lock.unlock() }
    done.append(place)
    if isDelivering { return }
    isDelivering = true
    while let due = done.firstIndex(where: { $0.chunk.sequence == turn }) {
      let place = done.remove(at: due)
      deliver(place)
      free.append(place)
      turn += 1
      lock.broadcast()
    }
    isDelivering = false
  }

  /// Delivers one chunk. The caller holds the lock; this function releases it while it delivers.
  private func deliver(_ place: Workplace) {
    if failure == nil && place.problem == nil {
      lock.unlock()
      do { try place.station.deliver() } catch { place.problem = error }
      lock.lock()
    }
    if failure == nil, let problem = place.problem {
      failure = problem
      isStopped = true
    }
    place.problem = nil
  }
}
