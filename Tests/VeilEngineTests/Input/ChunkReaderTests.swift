import Testing

@testable import VeilEngine
@testable import VeilGround

/// Records are lines; what is only newlines at the end is blank.
private final class LineSplitter: RecordSplitter {
  var scannedTwice = 0
  private var last = 0

  func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int, isEnd: Bool) throws(InputError) -> Int {
    if scanned != 0 && scanned != last { scannedTwice += 1 }
    last = count
    for index in 0..<64 where bytes[count + index] != 0 { scannedTwice += 1 }
    if isEnd { return (0..<count).allSatisfy { bytes[$0] == 0x0A } ? 0 : count }
    var index = count
    while index > scanned {
      if bytes[index - 1] == 0x0A { return index }
      index -= 1
    }
    return 0
  }
}

@Suite struct ChunkReaderTests {
  /// The chunks of `bytes`, having checked what holds of every chunk.
  private static func chunks(
    _ bytes: [UInt8], target: Int, pieces: [Int] = [.max], maxRecord: Int = 1 << 20, prefix: Int? = nil
  ) throws -> [[UInt8]] {
    let splitter = LineSplitter()
    let reader = ChunkReader(
      PieceSource(bytes, pieces: pieces), name: "in.csv", splitter: splitter, targetBytes: target,
      maxRecordBytes: maxRecord)
    if let prefix {
      try reader.readPrefix { (_, count: Int, isEnd: Bool) throws(InputError) in
        count >= prefix ? prefix : isEnd ? count : nil
      }
    }
    let chunk = Chunk()
    var chunks: [[UInt8]] = []
    var offset = min(prefix ?? 0, bytes.count)
    while try reader.next(into: chunk) {
      #expect(chunk.sequence == chunks.count)
      #expect(chunk.offset == offset)
      #expect(chunk.bytes.count > 0)
      for index in 0..<64 { #expect(chunk.bytes.start[chunk.bytes.count + index] == 0) }
      let contents = Array(UnsafeBufferPointer(start: chunk.bytes.start, count: chunk.bytes.count))
      offset += contents.count
      chunks.append(contents)
    }
    #expect(try !reader.next(into: chunk))
    #expect(splitter.scannedTwice == 0)
    return chunks
  }

  @Test(arguments: [1, 2, 3, 5, 8, 63, 64, 65, 1000, 4096, 1 << 20])
  func chunksJoinToTheInput(_ target: Int) throws {
    var random = FixedRandom(UInt64(target))
    for _ in 0..<30 {
      var text: [UInt8] = []
      for _ in 0..<Int.random(in: 0...60, using: &random) {
        text += [UInt8](repeating: 0x61, count: Int.random(in: 0...90, using: &random)) + [0x0A]
      }
      text += [UInt8](repeating: 0x62, count: Int.random(in: 1...9, using: &random))
      for pieces in [[.max], [1], [3, 700, 1]] {
        let chunks = try Self.chunks(text, target: target, pieces: pieces)
        #expect(Array(chunks.joined()) == text)
        for chunk in chunks.dropLast() { #expect(chunk.last == 0x0A) }
        let prefix = Int.random(in: 0...text.count, using: &random)
        let behind = try Self.chunks(text, target: target, pieces: pieces, prefix: prefix)
        #expect(Array(behind.joined()) == Array(text[prefix...]))
      }
    }
  }

  @Test func chunksHaveAboutTheirTarget() throws {
    let text = sampleText(1_000_000)
    let chunks = try Self.chunks(text, target: 10_000)
    #expect(chunks.count >= 99 && chunks.count <= 103)
  }

  @Test func emptyAndBlankInputsHaveNoChunk() throws {
    for target in [1, 2, 100] {
      #expect(try Self.chunks([], target: target).isEmpty)
      #expect(try Self.chunks([], target: target, prefix: 5).isEmpty)
    }
    #expect(try Self.chunks([0x61, 0x0A], target: 1) == [[0x61, 0x0A]])
    #expect(try Self.chunks([0x61], target: 9) == [[0x61]])
  }

  @Test(arguments: [1, 7, 100, 128, 1000])
  func theRecordLimitDoesNotDependOnTheChunks(_ target: Int) throws {
    let short = Array("ab\n".utf8)
    let most = [UInt8](repeating: 0x61, count: 128) + [0x0A]
    for text in [most, short + most + short, most + most, short + most.dropLast()] {
      #expect(try Array(Self.chunks(text, target: target, maxRecord: 128).joined()) == text)
    }
    for text in [[0x61] + most, short + [0x61] + most + short, short + [0x61] + most.dropLast()] {
      let message = errorText { _ = try Self.chunks(text, target: target, maxRecord: 128) }
      let start = text[1] == 0x61 ? 0 : 3
      #expect(message.contains("in.csv: the record that begins at byte \(start) "))
      #expect(message.contains("longer than 128 bytes") && message.contains("quote"))
    }
  }

  @Test func aFailureStays() throws {
    let reader = ChunkReader(
      PieceSource([UInt8](repeating: 0x61, count: 1000)), name: "x", splitter: LineSplitter(), maxRecordBytes: 100)
    let chunk = Chunk()
    for _ in 0..<3 { #expect(throws: InputError.self) { try reader.next(into: chunk) } }
  }

  @Test func aPrefixThatNeverEndsIsAnError() {
    let reader = ChunkReader(
      PieceSource(sampleText(1000)), name: "x.csv", splitter: LineSplitter(), targetBytes: 1, maxRecordBytes: 100)
    let message = errorText {
      try reader.readPrefix { (_, _, _) throws(InputError) in nil }
    }
    #expect(message.contains("x.csv: the record that begins at byte 0 is longer than 100 bytes"))
  }
}
