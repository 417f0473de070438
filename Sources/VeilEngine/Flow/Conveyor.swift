import Glibc
import VeilGround

/// Works on one chunk at a time, on whatever thread.
protocol Station: AnyObject {
  /// Does the work that needs nothing but the chunk. In parallel.
  func process(_ chunk: Chunk) throws
  /// Hands on what `process` made. One station at a time, in input order.
  func deliver() throws
}

/// Takes chunks through stations, in order at both ends: whatever is delivered is the same at any number of threads.
///
/// Each thread takes a free station, reads a chunk while it holds the input, and works on it while it holds nothing. What it
/// made is delivered by whoever finds that its turn has come: nobody waits for the chunk before, as long as a station is
/// free to go on with. The first failure in input order is the one that is thrown.
///
/// Sound to share: everything mutable is guarded by `lock`, and the reader by `inputLock`. A place belongs to the thread that
/// took it until that puts it among the done ones, then to the one that delivers.
final class Conveyor: @unchecked Sendable {
  /// A station and the chunk it works on.
  private final class Workplace {
    let station: any Station
    let chunk = Chunk()
    /// Why its work failed.
    var problem: (any Error)?

    init(_ station: any Station) { self.station = station }
  }

  private let reader: ChunkReader
  private let lock = ThreadLock()
  private let inputLock = ThreadLock()
  /// The place that became free last comes first: its memory is still near.
  private var free: [Workplace]
  /// Places that wait for the turn of their chunk.
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

  /// How many stations keep so many threads busy: the spare ones are gone on with while done ones wait for their turn.
  static func stationCount(threads: Int) -> Int { threads + threads / 2 }

  /// Runs until the input ends or something fails. The calling thread is one of `threads`.
  static func run(_ reader: ChunkReader, through stations: [any Station], threads: Int) throws {
    guard !stations.isEmpty else { return }
    let conveyor = Conveyor(reader: reader, stations)
    let first = conveyor.next()
    // A small input is one chunk, which leaves nothing for other threads.
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

  /// A place with the next chunk; nil at the end, or when something has failed.
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

  /// Waits for one. Nil when nothing more is to be read.
  private func freeWorkplace() -> Workplace? {
    lock.lock()
    defer { lock.unlock() }
    while free.isEmpty && !isStopped { lock.wait() }
    return isStopped ? nil : free.popLast()
  }

  // MARK: At the end

  /// Delivers every chunk whose turn has come, unless another thread does so already.
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

  /// Called with the lock held, and lets it go meanwhile.
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
