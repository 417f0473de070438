import Foundation
import Testing

@testable import VeilEngine

/// Every library that unpacks gzip, on what is hard for one of them.
@Suite struct GzipInflaterTests {
  private func gunzip(
    _ library: GzipLibrary, _ bytes: [UInt8], pieces: [Int] = [.max], room: Int = 1 << 16
  ) throws -> [UInt8] {
    let limits = UnpackLimits(maxRatio: .infinity)
    return try GzipSource(PieceSource(bytes, pieces: pieces), name: "a.gz", limits: limits, library: library)
      .readAll(room: room)
  }

  @Test func theBestLibraryIsTheFirst() {
    #expect(GzipLibrary.allCases.last == .zlib)
    #expect(GzipLibrary.best == GzipLibrary.allCases.first)
  }

  /// A header with everything that RFC 1952 knows: extra field, name, comment and check sum.
  private func fullHeader(extra: Int = 300, name: Int = 40, comment: Int = 500) -> [UInt8] {
    var header: [UInt8] = [0x1F, 0x8B, 8, 0x1F, 1, 2, 3, 4, 0, 3]
    header += [UInt8(extra & 0xFF), UInt8(extra >> 8)] + [UInt8](repeating: 7, count: extra)
    header += [UInt8](repeating: 0x6E, count: name) + [0] + [UInt8](repeating: 0x63, count: comment) + [0]
    var crc: UInt32 = .max
    for byte in header {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return header + [UInt8(~crc & 0xFF), UInt8(~crc >> 8 & 0xFF)]
  }

  @Test(arguments: GzipLibrary.allCases) func headersMayBeCutAnywhere(_ library: GzipLibrary) throws {
    let text = sampleText(2000)
    let plain = try gzipped(text)
    for header in [fullHeader(), fullHeader(extra: 0, name: 0, comment: 0), fullHeader(extra: 3, name: 5, comment: 7)] {
      let member = header + plain[10...]
      #expect(try gunzip(library, member) == text)
      for first in 1..<min(header.count + 3, 40) {
        #expect(try gunzip(library, member, pieces: [first, .max]) == text, "cut at \(first)")
      }
      #expect(try gunzip(library, member + member, pieces: [1]) == text + text)
      #expect(try gunzip(library, member + member, pieces: [3, 1, 7]) == text + text)
      for count in 1..<header.count {
        #expect(errorText { _ = try gunzip(library, Array(member[..<count])) }.contains("cut short"))
      }
      var damaged = member
      damaged[header.count - 1] ^= 1
      #expect(errorText { _ = try gunzip(library, damaged) }.contains("incorrect header"))
    }
    var reserved = plain
    reserved[3] = 0x40
    #expect(errorText { _ = try gunzip(library, reserved) }.contains("incorrect header"))
    var method = plain
    method[2] = 7
    #expect(errorText { _ = try gunzip(library, method) }.contains("unknown compression method"))
  }

  @Test(arguments: GzipLibrary.allCases) func contentsMayBeCutAnywhere(_ library: GzipLibrary) throws {
    for text in [sampleText(80_000), randomBytes(40_000), [UInt8](repeating: 65, count: 150_000), []] {
      let gz = try gzipped(text)
      for (pieces, room) in [([.max], 1), ([1], 70_000), ([8], 33_000), ([4097], 1 << 20), ([.max], 1 << 20)] {
        #expect(try gunzip(library, gz + gz, pieces: pieces, room: room) == text + text)
      }
    }
  }

  @Test(arguments: GzipLibrary.allCases) func trailersAreChecked(_ library: GzipLibrary) throws {
    let text = sampleText(5000)
    let gz = try gzipped(text)
    for byte in 1...8 {
      for bit in 0..<8 {
        var damaged = gz
        damaged[gz.count - byte] ^= 1 << bit
        for pieces in [[.max], [1], [gz.count - 5, 2]] {
          #expect(errorText { _ = try gunzip(library, damaged, pieces: pieces) }.contains("incorrect data check"))
        }
      }
    }
  }

  /// Cut short at every byte, with contents of several blocks, in reads of any size.
  @Test(arguments: GzipLibrary.allCases) func everyTruncationIsMet(_ library: GzipLibrary) throws {
    let gz = try gzipped(sampleText(3000) + randomBytes(1000)) + gzipped(sampleText(500))
    let first = try gzipped(sampleText(3000) + randomBytes(1000)).count
    for count in 1..<gz.count where count != first {
      for (pieces, room) in [([.max], 1 << 16), ([.max], 100), ([5], 1 << 16)] {
        let message = errorText { _ = try gunzip(library, Array(gz[..<count]), pieces: pieces, room: room) }
        #expect(message.contains("cut short"), "at \(count)")
      }
    }
  }

  /// Hostile data ends in an error or in the contents, and no library sees it differently where a check sum fits.
  @Test func damageIsMetByAll() throws {
    var random = FixedRandom(7)
    let text = sampleText(20_000) + randomBytes(3000)
    let gz = try gzipped(text)
    for round in 0..<300 {
      var damaged = gz
      for _ in 0...(round % 4) {
        damaged[Int.random(in: 10..<gz.count, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
      }
      for library in GzipLibrary.allCases {
        let pieces = round % 3 == 0 ? [777, 1] : [.max]
        let result = try? gunzip(library, damaged, pieces: pieces, room: round % 5 == 0 ? 999 : 1 << 16)
        #expect(result == nil || result == text)
      }
    }
  }
}
