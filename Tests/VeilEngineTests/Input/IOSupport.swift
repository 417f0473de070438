import Foundation

@testable import VeilEngine
@testable import VeilGround

/// Gives bytes in pieces of the given sizes, over and over.
final class PieceSource: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let sizes: [Int]
  private var turn = 0

  init(_ bytes: [UInt8], pieces sizes: [Int] = [.max]) {
    rest = bytes[...]
    self.sizes = sizes
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = min(sizes[turn % sizes.count], buffer.count, rest.count)
    turn += 1
    buffer.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    return count
  }
}

/// Keeps what is written.
final class KeepingSink: ByteSink {
  private(set) var bytes: [UInt8] = []
  private(set) var isFinished = false

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) { self.bytes.append(contentsOf: bytes) }
  func finish() throws(OutputError) { isFinished = true }
}

extension ByteSource {
  /// Everything up to the end, read through a buffer of `room` bytes.
  func readAll(room: Int = 1 << 16) throws(InputError) -> [UInt8] {
    var all: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      let count = try read(into: buffer)
      if count == 0 { return all }
      all.append(contentsOf: buffer[..<count])
    }
  }
}

extension ByteSink {
  /// Writes `bytes` in pieces of the given sizes, over and over.
  func write(_ bytes: [UInt8], pieces sizes: [Int] = [.max]) throws(OutputError) {
    var (done, turn) = (0, 0)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    while done < copy.count {
      let count = min(sizes[turn % sizes.count], copy.count - done)
      try write(UnsafeRawBufferPointer(rebasing: copy[done..<done + count]))
      turn += 1
      done += count
    }
  }
}

/// A folder that goes with the test.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "veil-io-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file and answers its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: self(name)))) }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// A generator whose numbers are the same in every run.
struct FixedRandom: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

/// Text that packs well but not absurdly.
func sampleText(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = FixedRandom(seed)
  var bytes: [UInt8] = []
  while bytes.count < count {
    bytes += Array("\(UInt16.random(in: 0 ... .max, using: &random)),customer,\(bytes.count % 7)\n".utf8)
  }
  return Array(bytes.prefix(count))
}

func packed<P: BlockPacker>(
  _ bytes: [UInt8], pieces: [Int] = [.max], _ sink: (any ByteSink) -> PackingSink<P>
) throws -> [UInt8] {
  let kept = KeepingSink()
  let packing = sink(kept)
  try packing.write(bytes, pieces: pieces)
  try packing.finish()
  return kept.bytes
}

func gzipped(_ bytes: [UInt8], pieces: [Int] = [.max], level: Int32 = 6, threads: Int = 2) throws -> [UInt8] {
  try packed(bytes, pieces: pieces) { GzipSink($0, level: level, threadCount: threads) }
}

func zstandard(_ bytes: [UInt8], pieces: [Int] = [.max], level: Int32 = 3, threads: Int = 2) throws -> [UInt8] {
  try packed(bytes, pieces: pieces) { ZstdSink($0, level: level, threadCount: threads) }
}

/// Takes `room` bytes and fails then, as a full disk does.
final class FailingSink: ByteSink {
  private var room: Int
  private(set) var writesAfterFailure = -1

  init(room: Int) { self.room = room }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    room -= bytes.count
    if room < 0 {
      writesAfterFailure += 1
      throw OutputError("disk full")
    }
  }

  func finish() throws(OutputError) {}
}

/// Fails when its bytes are used up.
final class BreakingSource: ByteSource {
  private let source: PieceSource
  private(set) var readsAfterFailure = -1

  init(_ bytes: [UInt8], pieces sizes: [Int] = [.max]) { source = PieceSource(bytes, pieces: sizes) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = try source.read(into: buffer)
    if count == 0 {
      readsAfterFailure += 1
      throw InputError("broken")
    }
    return count
  }
}

/// Bytes that do not pack.
func randomBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = FixedRandom(seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) }
}

/// The text of the error that `body` throws; empty if it throws none.
func errorText(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
