import Foundation
import Testing

@testable import VeilEngine

@Suite(.timeLimit(.minutes(2))) struct ReadAheadTests {
  @Test(arguments: [1, 2, 3]) func bytesComeInOrder(_ blocks: Int) throws {
    for count in [0, 1, 999, 1000, 1001, 100_000] {
      let text = sampleText(count)
      for (pieces, room) in [([.max], 64), ([1000], 1000), ([7, 13], 5000), ([.max], 1 << 20)] {
        let source = ReadAheadSource(PieceSource(text, pieces: pieces), blockBytes: 1000, blockCount: blocks)
        #expect(try source.readAll(room: room) == text)
        // The end stays the end, also behind a stop.
        #expect(try source.readAll().isEmpty)
        source.stop()
        #expect(try source.readAll().isEmpty)
      }
    }
  }

  @Test func aFailureComesBehindTheBytesAndStays() throws {
    for count in [0, 1, 5000] {
      let broken = BreakingSource(sampleText(count), pieces: [300])
      let source = ReadAheadSource(broken, blockBytes: 512)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
      defer { buffer.deallocate() }
      var bytes: [UInt8] = []
      let message = errorText {
        while true { bytes += buffer[..<(try source.read(into: buffer))] }
      }
      #expect(message == "broken")
      #expect(bytes == sampleText(count))
      #expect(errorText { _ = try source.read(into: buffer) } == "broken")
      source.stop()
      #expect(errorText { _ = try source.read(into: buffer) } == "broken")
      #expect(broken.readsAfterFailure == 0)
    }
  }

  @Test func whoeverStopsEarlyIsNotHeldUp() throws {
    let text = sampleText(1 << 20)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { buffer.deallocate() }
    for round in 0..<300 {
      var source: ReadAheadSource? = ReadAheadSource(PieceSource(text), blockBytes: 4096, blockCount: 1 + round % 3)
      for _ in 0..<(round % 7) { _ = try source?.read(into: buffer) }
      if round % 2 == 0 { source?.stop() }
      source = nil
    }
  }

  @Test func packedFilesAreReadAhead() throws {
    let folder = try ScratchFolder()
    let text = sampleText(3_000_000)
    for (name, stored) in [("a.csv.gz", try gzipped(text)), ("a.csv.zst", try zstandard(text))] {
      let path = try folder.file(name, stored)
      let whole = try InputFile(path: path)
      #expect(try whole.readAll(room: 100_000) == text)
      #expect(whole.byteCount == stored.count)
      try whole.checkUnchanged()
      // Left in the middle.
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 1)
      defer { buffer.deallocate() }
      for _ in 0..<50 {
        let part = try InputFile(path: path)
        #expect(try part.read(into: buffer) > 0)
      }
      // Cut short: what came before is whole, and the message names the file.
      let cut = try folder.file("cut-\(name)", Array(stored.dropLast(5)))
      let short = try InputFile(path: cut)
      let message = errorText { _ = try short.readAll() }
      #expect(message.hasPrefix(cut) && message.contains("cut short"))
    }
  }

  @Test func aPackedPipeIsRead() throws {
    let folder = try ScratchFolder()
    let path = folder("pipe.csv.gz")
    #expect(mkfifo(path, 0o600) == 0)
    let text = sampleText(500_000)
    let gz = try gzipped(text)
    let writer = Thread { try? Data(gz).write(to: URL(fileURLWithPath: path)) }
    writer.start()
    let input = try InputFile(path: path)
    #expect(input.identity == nil)
    #expect(try input.readAll() == text)
  }
}
