import Testing

@testable import VeilConfig
@testable import VeilEngine
@testable import VeilGround

/// Text in other encodings, read as UTF-8 in pieces of any size.
@Suite("Encodings of text") struct TextSourceTests {
  private func read(
    _ bytes: [UInt8], _ encoding: String? = nil, pieces: [Int] = [.max], room: Int = 1 << 16
  ) throws -> [UInt8] {
    let encoding = try encoding.map { try #require(TextEncoding($0)) }
    return try TextSource(PieceSource(bytes, pieces: pieces), name: "a.csv", encoding: encoding).readAll(room: room)
  }

  private func utf16(_ text: String, isBig: Bool = false) -> [UInt8] {
    text.utf16.flatMap { unit in
      let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      return isBig ? bytes.reversed() : bytes
    }
  }

  @Test func lettersOfKnownEncodings() throws {
    #expect(try read([0x63, 0x61, 0x66, 0xE9, 0x20, 0x80], "windows-1252") == Array("café €".utf8))
    #expect(try read([0xA4, 0xBD], "iso-8859-15") == Array("€œ".utf8))
    #expect(try read([0xA4], "latin1") == Array("¤".utf8))
    #expect(try read([0xCF, 0xF0, 0xE8], "windows-1251") == Array("При".utf8))
    #expect(try read([0x93, 0xFA, 0x96, 0x7B], "shift_jis") == Array("日本".utf8))
    #expect(try read([0xC1, 0xC2, 0xF1], "ibm037") == Array("AB1".utf8))
    #expect(try read([0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42, 0x61], "iso-2022-jp") == Array("日a".utf8))
    #expect(try read([0, 0, 0, 0x61, 0, 1, 0xF6, 0], "utf-32be") == Array("a😀".utf8))
    // A letter that an accent may follow comes only when it is known that none does.
    #expect(try read([0x61, 0xD2, 0x61], "windows-1258") == Array("ảa".utf8))
  }

  @Test func utf16InEitherOrder() throws {
    let text = "id,name\n1,Zoë\n2,😀 日本\n" + String(repeating: "x", count: 300)
    for isBig in [false, true] {
      let mark: [UInt8] = isBig ? [0xFE, 0xFF] : [0xFF, 0xFE]
      let bytes = utf16(text, isBig: isBig)
      for pieces in [[.max], [1], [3, 1, 7]] {
        #expect(try read(mark + bytes, pieces: pieces, room: 5) == Array(text.utf8))
        #expect(try read(mark + bytes, "utf-16", pieces: pieces) == Array(text.utf8))
        #expect(try read(bytes, isBig ? "utf-16be" : "utf-16le", pieces: pieces) == Array(text.utf8))
      }
    }
  }

  @Test func whatIsNoCharacter() {
    func text(_ bytes: [UInt8], _ encoding: String?) -> String { errorText { _ = try read(bytes, encoding) } }
    #expect(text([0x61, 0x62, 0x81, 0x63], "windows-1252").contains("byte offset 2: no character of windows-1252"))
    #expect(text([0x61, 0x80], "ascii").contains("byte offset 1"))
    // Half of a pair of surrogates, at the end and before something else.
    #expect(text(utf16("ab") + [0x3D, 0xD8], "utf-16le").contains("byte offset 4: a cut character"))
    #expect(text(utf16("ab") + [0x3D, 0xD8, 0x61, 0, 0x62, 0], "utf-16le").contains("byte offset 4: no character"))
    #expect(text([0xFF, 0xFE] + utf16("a") + [0x61], nil).contains("byte offset 4: a cut character"))
    #expect(text([0x93], "shift_jis").contains("byte offset 0: a cut character"))
  }

  @Test func marksDecide() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    // Readers of UTF-8 take its mark themselves.
    #expect(try read(mark + [0x61]) == mark + [0x61] && read(mark + [0x61], "utf-8") == mark + [0x61])
    #expect(errorText { _ = try read(mark + [0x61], "windows-1252") }.contains("a byte order mark of utf-8"))
    #expect(errorText { _ = try read([0xFE, 0xFF, 0, 0x61], "utf-16le") }.contains("a byte order mark of utf-16be"))
    #expect(errorText { _ = try read(utf16("a,b\n"), "utf-16") }.contains("no byte order mark"))
    for isBig in [false, true] {
      let bytes = utf16("id,name\n1,Zoë\n", isBig: isBig)
      for encoding in [nil, "utf-8"] as [String?] {
        #expect(errorText { _ = try read(bytes, encoding) }.contains("UTF-16 without a byte order mark"))
      }
    }
    #expect(try read([]) == [] && read([0x61]) == [0x61] && read([0xFF, 0xFE]) == [])
  }

  /// In any pieces, a text is what the C library makes of it whole.
  @Test(
    arguments: TextEncoding.common.dropFirst(4) + ["iso-2022-jp", "windows-1258", "windows-1255", "utf-7", "ebcdic-us"])
  func piecesDoNotMatter(_ name: String) throws {
    let encoding = try #require(TextEncoding(name))
    var random = FixedRandom(11)
    // Any bytes that decode: an encoding is found for each text by trying.
    for _ in 0..<20 {
      var bytes: [UInt8] = []
      var expected: [UInt8] = []
      for _ in 0..<60 {
        let more = (0..<Int.random(in: 1...3, using: &random)).map { _ in UInt8.random(in: 0x20...0xFF, using: &random)
        }
        if let longer = whole(bytes + more, encoding) { (bytes, expected) = (bytes + more, longer) }
      }
      guard ForeignFile(bytes) == nil, ByteOrderMark.read(bytes) == nil else { continue }
      for (pieces, room) in [([.max], 1 << 16), ([1], 3), ([2, 5, 1], 7)] {
        #expect(try read(bytes, name, pieces: pieces, room: room) == expected)
      }
    }
  }

  private func whole(_ bytes: [UInt8], _ encoding: TextEncoding) -> [UInt8]? {
    let decoder = IconvDecoder(encoding)
    var room = [UInt8](repeating: 0, count: bytes.count * IconvDecoder.growth + 128)
    return bytes.withUnsafeBufferPointer { bytes in
      room.withUnsafeMutableBufferPointer { room -> [UInt8]? in
        let start = room.baseAddress!
        let step = decoder.decode(bytes, into: start)
        guard step.used == bytes.count, !step.isStuck else { return nil }
        return Array(room[..<(step.made + decoder.finish(into: start + step.made))])
      }
    }
  }

  @Test func namesOfEncodings() {
    for name in TextEncoding.common + ["UTF8", "Latin1", "CP1252", "ISO-8859-1", "KOI8-R"] {
      #expect(TextEncoding(name) != nil, "\(name)")
    }
    #expect(TextEncoding("CP1252") == TextEncoding("windows-1252") && TextEncoding("UTF8") == .utf8)
    for name in ["", "windows-1253//translit", "klingon", "utf 8", "a/b"] { #expect(TextEncoding(name) == nil) }
  }
}
