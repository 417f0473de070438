import Foundation
import Testing

@testable import VeilEngine

@Suite struct PackingTests {
  static let sizes = [0, 1, 2, 1000, 131_071, 131_072, 131_073, 1_000_003]
  static let cuts = [[1 << 20], [1], [7, 131_072, 3], [131_072], [65_537]]

  /// Unpacks with every library there is, which must agree.
  static func gunzip(_ bytes: [UInt8], pieces: [Int] = [.max], room: Int = 1 << 16, limits: UnpackLimits = .init())
    throws -> [UInt8]
  {
    let results = GzipLibrary.allCases.map { library in
      Result {
        try GzipSource(PieceSource(bytes, pieces: pieces), name: "a.gz", limits: limits, library: library)
          .readAll(room: room)
      }
    }
    #expect(Set(results.map { kind(of: $0) }).count == 1, "\(results.map { kind(of: $0) })")
    return try results[0].get()
  }

  /// How it went, less where and as what damage was met.
  private static func kind(of result: Result<[UInt8], any Error>) -> String {
    switch result {
    case .success(let bytes): "\(bytes.count) bytes, hash \(bytes.hashValue)"
    case .failure(let error): "\(error)".replacing(/near byte .*/, with: "")
    }
  }

  static func unzstd(_ bytes: [UInt8], pieces: [Int] = [.max], room: Int = 1 << 16, limits: UnpackLimits = .init())
    throws -> [UInt8]
  {
    try ZstdSource(PieceSource(bytes, pieces: pieces), name: "a.zst", limits: limits).readAll(room: room)
  }

  @Test(arguments: sizes) func roundTripsOfAnySize(_ size: Int) throws {
    let text = sampleText(size)
    #expect(try Self.gunzip(gzipped(text)) == text)
    #expect(try Self.unzstd(zstandard(text)) == text)
  }

  @Test func packedBytesDoNotDependOnTheWrites() throws {
    let text = sampleText(400_000)
    for level in [Int32(1), 6, 9] {
      let whole = try gzipped(text, level: level)
      for cut in Self.cuts { #expect(try gzipped(text, pieces: cut, level: level) == whole) }
    }
    let whole = try zstandard(text)
    for cut in Self.cuts { #expect(try zstandard(text, pieces: cut) == whole) }
  }

  @Test func unpackingDoesNotDependOnTheReads() throws {
    let text = sampleText(300_000)
    let (gz, zst) = try (gzipped(text), zstandard(text))
    for (pieces, room) in [([1], 4096), ([13, 1], 1), ([.max], 7), ([5000], 1 << 20)] {
      #expect(try Self.gunzip(gz, pieces: pieces, room: room) == text)
      #expect(try Self.unzstd(zst, pieces: pieces, room: room) == text)
    }
  }

  @Test func otherProgramsReadAndWriteTheSame() throws {
    // What gzip makes of two lines, with a time and a name in its header.
    let gz: [UInt8] = [
      0x1f, 0x8b, 0x08, 0x08, 0x01, 0x02, 0x03, 0x04, 0x02, 0x03, 0x61, 0x2e, 0x74, 0x78, 0x74, 0x00, 0xcb, 0xcf, 0x4b,
      0xe5, 0x2a, 0x29, 0xcf, 0xe7, 0x02, 0x00, 0xe6, 0x0b, 0xba, 0x12, 0x08, 0x00, 0x00, 0x00,
    ]
    #expect(try Self.gunzip(gz) == Array("one\ntwo\n".utf8))
    let folder = try ScratchFolder()
    let text = sampleText(200_000)
    let file = try folder.file("a.gz", gzipped(text))
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
    gzip.arguments = ["-dc", file]
    let output = Pipe()
    gzip.standardOutput = output
    try gzip.run()
    #expect([UInt8](output.fileHandleForReading.readDataToEndOfFile()) == text)
    gzip.waitUntilExit()
    #expect(gzip.terminationStatus == 0)
  }

  @Test func severalMembersFollowEachOther() throws {
    let (a, b) = (sampleText(1000), sampleText(70_000, seed: 2))
    let gz = try gzipped(a) + gzipped([]) + [0, 0, 0] + gzipped(b) + [UInt8](repeating: 0, count: 300_000)
    let zst = try zstandard(a) + zstandard([]) + [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3] + zstandard(b)
    for pieces in [[.max], [1], [1000, 3]] {
      #expect(try Self.gunzip(gz, pieces: pieces) == a + b)
      #expect(try Self.unzstd(zst, pieces: pieces) == a + b)
    }
    let skippable: [UInt8] = [0x51, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9]
    #expect(try Self.unzstd(skippable + zstandard(a) + skippable) == a)
  }

  @Test func everyTruncationIsAnError() throws {
    let text = sampleText(700)
    let (gz, zst) = try (gzipped(text), zstandard(text))
    for count in 0..<gz.count {
      let message = errorText { _ = try Self.gunzip(Array(gz[..<count])) }
      #expect(message.contains(count == 0 ? "is empty" : "cut short"), "gzip at \(count)")
    }
    for count in 0..<zst.count {
      let message = errorText { _ = try Self.unzstd(Array(zst[..<count])) }
      #expect(message.contains(count == 0 ? "is empty" : "cut short"), "zstd at \(count)")
    }
    let two = try gzipped(text) + gzipped(text)
    for count in gz.count + 1..<two.count {
      #expect(errorText { _ = try Self.gunzip(Array(two[..<count])) }.contains("cut short"))
    }
  }

  @Test func everyDamagedByteIsAnErrorOrHarmless() throws {
    let text = sampleText(700)
    let (gz, zst) = try (gzipped(text), zstandard(text))
    // A changed time or system in gzip's header changes nothing; everything else is met by a check sum.
    for index in 0..<gz.count {
      var damaged = gz
      damaged[index] ^= 0x10
      let result = try? Self.gunzip(damaged)
      #expect(result == nil || result == text)
    }
    for index in 0..<zst.count {
      var damaged = zst
      damaged[index] ^= 0x10
      let result = try? Self.unzstd(damaged)
      #expect(result == nil || result == text)
    }
    var damaged = gz
    damaged[gz.count - 6] ^= 1
    #expect(errorText { _ = try Self.gunzip(damaged) }.contains("incorrect data check"))
  }

  @Test func garbageBehindIsAnError() throws {
    let text = sampleText(50)
    for garbage in [Array("x".utf8), [0, 0, 7], [0x1F, 0x8C]] as [[UInt8]] {
      for pieces in [[.max], [1]] {
        let message = errorText { _ = try Self.gunzip(gzipped(text) + garbage, pieces: pieces) }
        #expect(message.contains("behind its gzip data") || message.contains("cut short"))
      }
    }
    let more = Array("more text".utf8)
    #expect(errorText { _ = try Self.unzstd(zstandard(text) + more) }.contains("no zstd data behind"))
    #expect(!errorText { _ = try Self.unzstd(zstandard(text) + [0, 0]) }.isEmpty)
  }

  /// The library takes an empty frame of version 0.6 only if it comes whole, and one shorter than declared only in pieces.
  @Test func zstandardIsRefusedHoweverItIsCut() throws {
    let old: [UInt8] = [0x26, 0xB5, 0x2F, 0xFD, 0x58, 0, 0, 0, 0]
    for pieces in [[.max], [4], [1], [3, 2]] as [[Int]] {
      #expect(errorText { _ = try Self.unzstd(old, pieces: pieces) }.contains("named like zstd"), "\(pieces)")
      let behind = try zstandard(sampleText(5)) + old
      #expect(errorText { _ = try Self.unzstd(behind, pieces: pieces) }.contains("no zstd data behind"), "\(pieces)")
      // Eight bytes declared, one empty block.
      let short: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 8, 1, 0, 0]
      #expect(errorText { _ = try Self.unzstd(short, pieces: pieces) }.contains("is damaged"), "\(pieces)")
      let skippable: [UInt8] = [0x5F, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
      #expect(try Self.unzstd(skippable + zstandard(sampleText(5)), pieces: pieces) == sampleText(5))
    }
  }

  @Test func plainTextWithAPackedNameIsAClearError() {
    let plain = Array("id,name\n1,x\n".utf8)
    #expect(errorText { _ = try Self.gunzip(plain) }.contains("named like gzip"))
    #expect(errorText { _ = try Self.unzstd(plain) }.contains("named like zstd"))
    #expect(errorText { _ = try Self.gunzip([0, 0, 0]) }.contains("named like gzip"))
  }

  @Test func bombsEndInAClearError() throws {
    let zeros = [UInt8](repeating: 0, count: 70_000_000)
    let (gz, zst) = try (gzipped(zeros), zstandard(zeros))
    #expect(errorText { _ = try Self.gunzip(gz) }.contains("more than 500 times its size"))
    #expect(errorText { _ = try Self.unzstd(zst) }.contains("source.max_ratio"))
    let trusting = UnpackLimits(maxRatio: .infinity)
    #expect(try Self.gunzip(gz, limits: trusting).count == zeros.count)
    #expect(try Self.unzstd(zst, limits: trusting).count == zeros.count)
    let small = UnpackLimits(maxBytes: 69_999_999, maxRatio: .infinity)
    #expect(errorText { _ = try Self.gunzip(gz, limits: small) }.contains("more than 69999999 bytes"))
    #expect(errorText { _ = try Self.unzstd(zst, limits: small) }.contains("source.max_bytes"))
    let exact = UnpackLimits(maxBytes: 70_000_000, maxRatio: .infinity)
    #expect(try Self.gunzip(gz, limits: exact).count == zeros.count)
    // A small archive may have any ratio.
    #expect(try Self.unzstd(zstandard(Array(zeros[..<60_000_000]))).count == 60_000_000)
  }

  @Test func aLargeWindowIsRefused() throws {
    // A frame header that asks for 256 MiB: magic, no flags, exponent 18 above 10.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 18 << 3, 0x01, 0x00, 0x00]
    #expect(errorText { _ = try Self.unzstd(frame) }.contains("window over 128 MiB"))
  }
}
