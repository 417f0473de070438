import CScan
import Testing

/// Every implementation of the byte scans against plain Swift, on memory that ends where the bytes do.
@Suite("Byte masks", .serialized)
struct ByteMaskTests {
  private static let levels: [Int32] = [0, 1, 2]
  private let fence = FencedBytes(room: 1024)

  /// Runs `body` at every level, with the bytes against either fence.
  private func everywhere(_ bytes: [UInt8], _ body: (_ start: UnsafePointer<UInt8>, _ level: Int32) -> Void) {
    defer { _ = scan_level_select(2) }
    for level in Self.levels {
      _ = scan_level_select(level)
      body(fence.before(fence: bytes), level)
      body(fence.behind(fence: bytes), level)
    }
  }

  private func random(_ count: Int, of letters: [UInt8], _ random: inout FixedRandom) -> [UInt8] {
    (0..<count).map { _ in letters.randomElement(using: &random)! }
  }

  // MARK: CSV

  private struct Scan: Equatable {
    var ends: [UInt64] = []
    var newlines = 0
    var isIrregular = false
    var isASCII = true
  }

  /// RFC 4180 as a machine of four states.
  private func reference(_ bytes: [UInt8], _ delimiter: UInt8, _ quote: UInt8) -> Scan {
    enum State { case start, plain, quoted, closed, returned }
    var scan = Scan(ends: Array(repeating: 0, count: (bytes.count + 63) / 64))
    var state = State.start
    for (index, byte) in bytes.enumerated() {
      if byte >= 0x80 { scan.isASCII = false }
      if state == .quoted {
        if byte == quote { state = .closed }
        continue
      }
      if state == .returned && byte != 0x0A { scan.isIrregular = true }
      if byte == quote {
        if state == .start || state == .closed { state = .quoted } else { scan.isIrregular = true }
      } else if byte == delimiter || byte == 0x0A {
        scan.ends[index / 64] |= 1 << UInt64(index % 64)
        if byte == 0x0A { scan.newlines += 1 }
        state = .start
      } else if byte == 0x0D {
        state = .returned
      } else {
        if state == .closed { scan.isIrregular = true }
        state = .plain
      }
    }
    if state == .quoted || state == .closed || state == .returned { scan.isIrregular = true }
    return scan
  }

  private func check(_ bytes: [UInt8], delimiter: UInt8 = 0x2C, quote: UInt8 = 0x22) {
    let expected = reference(bytes, delimiter, quote)
    let places = expected.ends.enumerated().flatMap { block, mask in
      (0..<64).filter { mask >> UInt64($0) & 1 == 1 }.map { UInt32(block * 64 + $0) }
    }
    everywhere(bytes) { start, level in
      var masks = [UInt64](repeating: 0x5555, count: (bytes.count + 63) / 64 + 1)
      let found = scan_csv(start, bytes.count, delimiter, quote, &masks, nil)
      #expect(masks.removeLast() == 0x5555, "wrote behind the masks, level \(level)")
      #expect((found.irregular != 0) == expected.isIrregular, "level \(level): \(bytes)")
      #expect((found.non_ascii == 0) == expected.isASCII)
      if !expected.isIrregular {
        #expect(found.newlines == expected.newlines && masks == expected.ends, "level \(level): \(bytes)")
        var written = [UInt32](repeating: 7, count: places.count + 5)
        #expect(found.ends == places.count && scan_places(masks, masks.count, &written) == places.count)
        #expect(Array(written.prefix(places.count)) == places && written.last == 7, "level \(level): \(bytes)")
      }
    }
  }

  @Test("The CSV scan at every length up to 300")
  func csvLengths() {
    var random = FixedRandom(1)
    for count in 0...300 {
      check(self.random(count, of: Array("abcdefg,\n".utf8), &random))
      check(self.random(count, of: Array("a,\"\n\ré".utf8), &random))
    }
  }

  @Test("The CSV scan of well-formed text, quotes across the blocks' ends")
  func csvRegular() {
    var random = FixedRandom(2)
    let cells = [
      "", "a", "\"\"", "\"a,b\"", "\"\n\"", "\"\"\"\"", "\"x\"\"\r\ny\"", "é", String(repeating: "z", count: 61),
    ]
    for _ in 0..<400 {
      var text = ""
      while text.utf8.count < Int.random(in: 1...250, using: &random) {
        text += cells.randomElement(using: &random)! + [",", "\n", "\r\n"].randomElement(using: &random)!
      }
      let bytes = Array(text.utf8)
      #expect(!reference(bytes, 0x2C, 0x22).isIrregular)
      check(bytes)
      check(Array(text.replacing("\"", with: "'").replacing(",", with: "\t").utf8), delimiter: 9, quote: 0x27)
    }
  }

  @Test("Each byte that matters at each place around a block's end")
  func csvEdges() {
    for place in 56...72 {
      for count in [64, 65, 127, 128, 129] where place < count {
        for text in [
          "\"", "\"\"", "\"\"\"", "\r", "\r\n", "\"\r\n", "\"\r", "\",", "\"a", ",\"", "\n\"", "\"\n", "\r\"",
        ] {
          var bytes = Array(repeating: UInt8(ascii: "a"), count: count)
          bytes[place - 1] = 0x2C
          for (offset, byte) in text.utf8.enumerated() where place + offset < count { bytes[place + offset] = byte }
          check(bytes)
          bytes[0] = 0x22
          check(bytes)
        }
      }
    }
  }

  // MARK: Bytes

  @Test("Counting and finding bytes")
  func countAndFind() {
    var random = FixedRandom(3)
    for count in 0...300 {
      let bytes = self.random(count, of: Array("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,;\"\n\r\0".utf8) + [0xFF], &random)
      let wanted: Set<UInt8> = [0x2C, 0x22, 0x0D, 0x0A]
      let first = bytes.firstIndex { wanted.contains($0) } ?? count
      everywhere(bytes) { start, level in
        for byte: UInt8 in [0x2C, 0, 0xFF, 0x78] {
          #expect(scan_count_byte(start, count, byte) == bytes.count { $0 == byte })
        }
        #expect(scan_find_special(start, count, 0x2C, 0x22) == first, "level \(level)")
      }
    }
    for place in 0..<200 {
      for byte: UInt8 in [0x2C, 0x22, 0x0D, 0x0A] {
        var bytes = [UInt8](repeating: 0x78, count: 200)
        bytes[place] = byte
        everywhere(bytes) { start, _ in #expect(scan_find_special(start, 200, 0x2C, 0x22) == place) }
      }
    }
  }

  // MARK: UTF-8

  private func checkUTF8(_ bytes: [UInt8]) {
    let isValid = String(validating: bytes, as: UTF8.self) != nil
    everywhere(bytes) { start, level in
      #expect((scan_utf8_valid(start, bytes.count) != 0) == isValid, "level \(level): \(bytes)")
    }
  }

  @Test("UTF-8: whole texts, cut and damaged at random, at every length")
  func utf8Random() {
    var random = FixedRandom(4)
    let scalars: [Unicode.Scalar] = [
      "a", "\0", "\u{7F}", "\u{80}", "é", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "€",
      "\u{FFFF}", "\u{10000}", "😀", "\u{10FFFF}",
    ]
    let letters: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF,
      0xF0, 0xF4, 0xF5, 0xF8, 0xFF,
    ]
    for count in 0...300 {
      var text = String.UnicodeScalarView()
      while String(text).utf8.count < count { text.append(scalars.randomElement(using: &random)!) }
      var bytes = Array(String(text).utf8)
      checkUTF8(bytes)
      checkUTF8(Array(bytes.prefix(count)))
      guard !bytes.isEmpty else { continue }
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = letters.randomElement(using: &random)!
      checkUTF8(bytes)
      checkUTF8(self.random(count, of: letters, &random))
    }
  }

  @Test("UTF-8: every pair of bytes, and every lead with its edges, across the vectors' ends")
  func utf8Pairs() {
    let edges: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
    var wrong: [[UInt8]] = []
    defer { _ = scan_level_select(2) }
    func look(_ sequence: [UInt8], at place: Int, of count: Int) {
      var bytes = [UInt8](repeating: 0x61, count: count)
      bytes.replaceSubrange(place..<place + sequence.count, with: sequence)
      let isValid = String(validating: sequence, as: UTF8.self) != nil
      let start = fence.before(fence: bytes)
      for level in Self.levels {
        _ = scan_level_select(level)
        if (scan_utf8_valid(start, count) != 0) != isValid { wrong.append([UInt8(level), UInt8(place)] + sequence) }
      }
    }
    // A byte that only continues a sequence leads none: of these the edges are enough.
    for first in edges[1...] + (0xC1...0xFF) {
      for second: UInt8 in 0...255 {
        look([first, second], at: 30, of: 32)
        look([first, second], at: 31, of: 40)
        look([first, second, 0x80], at: 30, of: 64)
        look([first, second, 0x80, 0xBF], at: 29, of: 33)
      }
      for second in edges {
        for third in edges {
          for place in [28, 29, 30, 31, 32] { look([first, second, third], at: place, of: 35) }
          // ASCII on both sides, which is skipped 64 bytes at a time.
          for place in [61, 62, 63, 64, 95, 96, 127] { look([first, second, third], at: place, of: 200) }
          for fourth in edges { look([first, second, third, fourth], at: 30, of: 34) }
        }
      }
    }
    #expect(wrong.isEmpty, "level, place, bytes: \(wrong.prefix(5))")
  }
}
