import Foundation
import Testing

@testable import VeilEngine
@testable import VeilGround

/// Packing on several threads: the same bytes, in order, whatever happens.
@Suite(.timeLimit(.minutes(3))) struct ParallelPackingTests {
  static let contents: [[UInt8]] = [
    [], [65], sampleText(131_071), sampleText(131_072), sampleText(131_073), sampleText(262_144), sampleText(2_500_001),
    randomBytes(700_000), [UInt8](repeating: 0, count: 5_000_000), sampleText(200_000) + randomBytes(200_000),
  ]

  @Test func bytesDoNotDependOnThreadsOrCuts() throws {
    for text in Self.contents {
      let gz = try gzipped(text, threads: 1)
      let zst = try zstandard(text, threads: 1)
      for (threads, cut) in [(0, [1 << 20]), (2, [131_072, 3]), (8, [7, 100_001])] {
        #expect(try gzipped(text, pieces: cut, threads: threads) == gz)
        #expect(try zstandard(text, pieces: cut, threads: max(threads, 1)) == zst)
      }
      let trusting = UnpackLimits(maxRatio: .infinity)
      #expect(try PackingTests.gunzip(gz, limits: trusting) == text)
      #expect(try PackingTests.unzstd(zst, limits: trusting) == text)
    }
  }

  @Test(arguments: [Int32(1), 3, 9]) func everyLevelRoundTrips(_ level: Int32) throws {
    for text in [sampleText(131_072), sampleText(600_000)] {
      let gz = try gzipped(text, level: level, threads: 3)
      #expect(try PackingTests.gunzip(gz) == text)
      #expect(try PackingTests.unzstd(zstandard(text, level: level, threads: 3)) == text)
    }
  }

  /// One member that others read whole, with the check sums that they expect.
  @Test func otherProgramsReadIt() throws {
    let folder = try ScratchFolder()
    let text = sampleText(2_000_000) + randomBytes(300_000)
    let gz = try folder.file("a.gz", gzipped(text, threads: 4))
    let zst = try folder.file("a.zst", zstandard(text, threads: 4))
    try #expect(output(of: "gzip", ["-dc", gz]) == text)
    let python = "import sys, gzip; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())"
    try #expect(output(of: "python3", ["-c", python, gz]) == text)
    // The first member is the whole of it.
    let member =
      "import sys, zlib; d = zlib.decompressobj(31); f = open(sys.argv[1], 'rb').read(); "
      + "sys.stdout.buffer.write(d.decompress(f)); assert d.eof and not d.unused_data"
    try #expect(output(of: "python3", ["-c", member, gz]) == text)
    if FileManager.default.isExecutableFile(atPath: "/usr/bin/zstd") {
      try #expect(output(of: "zstd", ["-dcq", zst]) == text)
      let list = try String(decoding: output(of: "zstd", ["-l", zst]), as: UTF8.self)
      #expect(list.split(separator: "\n").last?.split(separator: " ").first == "1", "one frame")
    }
  }

  private func output(of program: String, _ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return bytes
  }

  @Test func packingAcrossBlocksIsAsSmallAsInOneStream() throws {
    // Every block repeats the one before: without a window into it nothing would be saved.
    let pattern = randomBytes(20_000)
    let text = [[UInt8]](repeating: pattern, count: 60).flatMap { $0 }
    #expect(try gzipped(text).count < pattern.count + 20_000)
    #expect(try zstandard(text).count < pattern.count + 20_000)
  }

  @Test func aFullDiskEndsItWhileBlocksAreUnderWay() throws {
    let text = randomBytes(3_000_000)
    for threads in [1, 2, 4] {
      for room in [0, 5, 9, 10, 100_000, 131_100, 1_000_000, 2_999_999] {
        for makeSink in [
          { GzipSink($0, threadCount: threads) }, { ZstdSink($0, threadCount: threads) },
        ] as [(any ByteSink) -> any ByteSink] {
          let full = FailingSink(room: room)
          let sink = makeSink(full)
          let first = errorText {
            try sink.write(text, pieces: [70_000])
            try sink.finish()
          }
          #expect(first == "disk full")
          // Whatever is tried then, the gap stays the end.
          #expect(errorText { try sink.write(text) } == "disk full")
          #expect(full.writesAfterFailure == 0)
        }
      }
    }
  }

  @Test func aFullDeviceIsNamed() throws {
    for threads in [1, 2] {
      let device = FileSink(try Descriptor.open("/dev/full", flags: O_WRONLY), name: "out.csv.gz")
      let sink = GzipSink(device, threadCount: threads)
      let message = errorText {
        try sink.write(randomBytes(1_000_000))
        try sink.finish()
      }
      #expect(message == "cannot write out.csv.gz: No space left on device")
    }
  }

  @Test func whatIsNeverFinishedHoldsNothingUp() throws {
    let text = randomBytes(2_000_000)
    for round in 0..<40 {
      let kept = KeepingSink()
      let sink: any ByteSink = round % 2 == 0 ? GzipSink(kept, threadCount: 3) : ZstdSink(kept, threadCount: 3)
      try sink.write(Array(text.prefix(round * 50_000)), pieces: [33_333])
      #expect(!kept.isFinished)
    }
  }

  @Test func anOutputFileIsPackedAsItsNameSays() throws {
    let folder = try ScratchFolder()
    let text = sampleText(1_500_000)
    for name in ["a.csv.gz", "a.csv.zst"] {
      let file = try OutputFile(path: folder(name))
      try file.write(text, pieces: [99_999])
      try file.finish()
      try file.publication?.commit()
      #expect(try InputFile(path: folder(name)).readAll() == text)
      #expect(try folder.bytes(name).count == file.byteCount)
    }
  }
}
