import CZlib
import VeilGround

/// Writes gzip (RFC 1952) as one member without a time or a name, so that equal contents give equal files.
typealias GzipSink = PackingSink<GzipPacker>

extension PackingSink where Packer == GzipPacker {
  /// - Parameters:
  ///   - level: from 1, the fastest, to 9, the smallest result.
  ///   - threadCount: the number of threads that pack; the bytes do not depend on it.
  convenience init(_ next: any ByteSink, level: Int32 = 6, threadCount: Int = PackingThreads.count) {
    self.init(GzipPacker(level: level, threadCount: threadCount), into: next)
  }
}

/// Packs every block on its own, with the end of the block before it as a dictionary, and joins the results. Each block
/// except the last ends with a flush, at a byte boundary. So several threads together make one member that every
/// program can read.
@safe
final class GzipPacker: BlockPacker {
  private let level: Int32
  private let threadCount: Int
  /// Made when there is more than one block to pack.
  private var crew: GzipCrew?
  /// The end of the previous block.
  private var window = ByteBuffer()
  private var hasBegun = false
  private var crc: UInt = 0
  private var contentCount = 0

  init(level: Int32, threadCount: Int) {
    precondition((1...9).contains(level), "gzip has levels 1 to 9")
    precondition(threadCount >= 0)
    self.level = level
    self.threadCount = threadCount
  }

  func pack(_ block: UnsafeRawBufferPointer, isLast: Bool, into next: any ByteSink) throws(OutputError) {
    if !hasBegun { try writeHeader(into: next) }
    let crew = self.crew ?? GzipCrew(level: level, threadCount: isLast ? 0 : threadCount)
    self.crew = crew
    if !crew.hasRoom, let oldest = crew.collect(waits: true) { try append(oldest, to: next) }
    crew.submit { slot in
      unsafe slot.fill(block, after: window, isLast: isLast)
    }
    unsafe keepWindow(of: block)
    while let packed = crew.collect(waits: isLast) { try append(packed, to: next) }
    if isLast { try writeTrailer(into: next) }
  }

  private func keepWindow(of block: UnsafeRawBufferPointer) {
    let end = unsafe UnsafeRawBufferPointer(rebasing: block.suffix(GzipBlock.windowBytes))
    window.removeAll()
    // Sound: the block is alive during the call.
    guard let start = unsafe end.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    unsafe window.append(start, count: end.count)
  }

  private func append(_ block: GzipBlock, to next: any ByteSink) throws(OutputError) {
    crc = UInt(crc32_combine(crc, block.crc, block.contentCount))
    contentCount += block.contentCount
    unsafe try next.write(UnsafeRawBufferPointer(start: block.packed.start, count: block.packed.count))
  }

  private func writeHeader(into next: any ByteSink) throws(OutputError) {
    hasBegun = true
    // Magic number, deflate, no flags, no time, the level as RFC 1952 codes it, made on Unix.
    let effort: UInt8 = level == 9 ? 2 : level == 1 ? 4 : 0
    try write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, effort, 3], into: next)
  }

  private func writeTrailer(into next: any ByteSink) throws(OutputError) {
    var trailer: [UInt8] = []
    for value in [UInt32(truncatingIfNeeded: crc), UInt32(truncatingIfNeeded: contentCount)] {
      for shift in stride(from: 0, to: 32, by: 8) { trailer.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
    try write(trailer, into: next)
  }

  private func write(_ bytes: [UInt8], into next: any ByteSink) throws(OutputError) {
    var buffer = ByteBuffer()
    for byte in bytes { buffer.append(byte) }
    unsafe try next.write(UnsafeRawBufferPointer(start: buffer.start, count: buffer.count))
  }
}
