import Glibc
import Synchronization
import Testing

@testable import VeilEngine
@testable import VeilGround

@Suite("Conveyor")
struct ConveyorTests {
  private struct Broken: Error, Equatable { let at: String }

  /// Notes what it delivers; fails where it is told to.
  private final class Notes: @unchecked Sendable {
    var delivered: [String] = []
    let inDelivery = Atomic<Int>(0)
    var failsIn: (String) -> Bool = { _ in false }
    var failsDelivering: (String) -> Bool = { _ in false }
    var naps = false
    var hasSpare = true
  }

  private final class Noting: Station {
    private let notes: Notes
    private var text = ""

    init(_ notes: Notes) { self.notes = notes }

    func process(_ chunk: Chunk) throws {
      text = (0..<chunk.bytes.count).map { String(UnicodeScalar(chunk.bytes[$0])) }.joined()
      if notes.naps { usleep(UInt32(text.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0x3FF)) }
      if notes.failsIn(text) { throw Broken(at: text) }
    }

    func deliver() throws {
      #expect(notes.inDelivery.add(1, ordering: .sequentiallyConsistent).newValue == 1)
      defer { notes.inDelivery.subtract(1, ordering: .sequentiallyConsistent) }
      if notes.failsDelivering(text) { throw Broken(at: text) }
      notes.delivered.append(text)
    }
  }

  /// Notes on which threads it works.
  private final class Placed: Station, @unchecked Sendable {
    private(set) var threads: [pthread_t] = []
    func process(_ chunk: Chunk) throws { threads.append(pthread_self()) }
    func deliver() throws {}
  }

  private final class FailingSource: ByteSource {
    private let inner: PieceSource
    init(_ bytes: [UInt8]) { inner = PieceSource(bytes, pieces: [4]) }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
      let count = try inner.read(into: buffer)
      if count == 0 { throw InputError("the disk is gone") }
      return count
    }
  }

  /// How many chunks behind the first were worked on, and whether the first waited for them in vain.
  private final class Progress: Sendable {
    private let chunks = Atomic<Int>(0)
    private let isLate = Atomic<Bool>(false)

    var count: Int { chunks.load(ordering: .sequentiallyConsistent) }
    var wasLate: Bool { isLate.load(ordering: .sequentiallyConsistent) }

    func add() { chunks.add(1, ordering: .sequentiallyConsistent) }

    func wait(for awaited: Int) {
      for _ in 0..<10_000 where count < awaited { usleep(1_000) }
      isLate.store(count < awaited, ordering: .sequentiallyConsistent)
    }
  }

  /// Holds the first chunk until so many behind it were worked on.
  private final class Held: Station {
    private let progress: Progress
    private let awaited: Int
    init(_ progress: Progress, awaited: Int) { (self.progress, self.awaited) = (progress, awaited) }

    func process(_ chunk: Chunk) throws {
      if chunk.sequence == 0 { progress.wait(for: awaited) } else { progress.add() }
    }

    func deliver() throws {}
  }

  private func run(_ source: any ByteSource, threads: Int, _ notes: Notes) throws {
    let stations = notes.hasSpare ? Conveyor.stationCount(threads: threads) : threads
    let reader = ChunkReader(source, name: "x", splitter: NDJSONSplitter(), targetBytes: 1)
    try Conveyor.run(reader, through: (0..<stations).map { _ in Noting(notes) }, threads: threads)
  }

  private func lines(_ count: Int) -> [String] { (0..<count).map { "\($0)\n" } }

  @Test("An input of one chunk is worked on by the caller alone", arguments: ["", "1\n", "1\n2\n3"])
  func oneChunk(text: String) throws {
    for _ in 0..<20 {
      let stations = (0..<8).map { _ in Placed() }
      let source = PieceSource(Array(text.utf8), pieces: [2])
      try Conveyor.run(ChunkReader(source, name: "x", splitter: NDJSONSplitter()), through: stations, threads: 8)
      #expect(stations[0].threads == (text.isEmpty ? [] : [pthread_self()]))
      #expect(!stations.dropFirst().contains { !$0.threads.isEmpty })
    }
  }

  @Test("A chunk that takes long does not hold up those behind it, as long as a station is free", arguments: [2, 4, 8])
  func spares(threads: Int) throws {
    let stations = Conveyor.stationCount(threads: threads)
    let progress = Progress()
    let reader = ChunkReader(
      PieceSource(Array(lines(100).joined().utf8)), name: "x", splitter: NDJSONSplitter(), targetBytes: 1)
    // All but one station can hold what comes behind the first chunk.
    try Conveyor.run(
      reader, through: (0..<stations).map { _ in Held(progress, awaited: stations - 1) }, threads: threads)
    #expect(!progress.wasLate)
    #expect(progress.count == 99)
    #expect(stations > threads)
  }

  @Test("Order is kept over ten thousand tiny chunks", arguments: [1, 2, 3, 8], [true, false])
  func order(threads: Int, hasSpare: Bool) throws {
    let lines = self.lines(10_000)
    let notes = Notes()
    notes.hasSpare = hasSpare
    try run(PieceSource(Array(lines.joined().utf8)), threads: threads, notes)
    #expect(notes.delivered == lines)
    let none = Notes()
    try run(PieceSource([]), threads: threads, none)
    #expect(none.delivered.isEmpty)
  }

  @Test("The first failure in input order is the one thrown, and nothing behind it is delivered", arguments: [1, 2, 8])
  func firstFailure(threads: Int) throws {
    let lines = self.lines(200)
    for first in [0, 1, 7, 63, 199] {
      for late in [false, true] {
        let notes = Notes()
        notes.naps = true
        let fails: (String) -> Bool = { (Int($0.dropLast()) ?? 0) >= first }
        if late { notes.failsDelivering = fails } else { notes.failsIn = fails }
        #expect(throws: Broken(at: lines[first])) {
          try run(PieceSource(Array(lines.joined().utf8)), threads: threads, notes)
        }
        #expect(notes.delivered == Array(lines[..<first]))
      }
    }
  }

  @Test("A failure to read comes behind the failures of what was read before", arguments: [1, 2, 8])
  func readFailure(threads: Int) throws {
    let lines = self.lines(40)
    let bytes = Array(lines.joined().utf8)
    for _ in 0..<20 {
      let notes = Notes()
      notes.naps = true
      #expect(throws: InputError.self) { try run(FailingSource(bytes), threads: threads, notes) }
      #expect(notes.delivered == Array(lines[..<notes.delivered.count]) && notes.delivered.count >= 38)
      let broken = Notes()
      broken.naps = true
      broken.failsIn = { $0 == "37\n" }
      #expect(throws: Broken(at: "37\n")) { try run(FailingSource(bytes), threads: threads, broken) }
      #expect(broken.delivered == Array(lines[..<37]))
    }
  }
}
