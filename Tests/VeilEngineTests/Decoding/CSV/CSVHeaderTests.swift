import Testing

@testable import VeilEngine

@Suite("CSV headers")
struct CSVHeaderTests {
  /// Names and the offset of the first record, however the bytes come.
  private func read(_ bytes: [UInt8], hasHeader: Bool = true) throws -> ([String], Int) {
    var results: [([String], Int)] = []
    for (target, pieces) in [(1 << 16, [Int.max]), (1, [1]), (2, [3, 1]), (5, [2])] {
      let reader = ChunkReader(
        PieceSource(bytes, pieces: pieces), name: "x", splitter: CSVSplitter(format: .comma, isExact: false),
        targetBytes: target)
      results.append((try reader.readHeader(format: .comma, hasHeader: hasHeader, file: "x"), reader.offset))
    }
    for result in results { #expect(result == results[0]) }
    return results[0]
  }

  @Test("Names, marks and line ends")
  func names() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect(try read(Array("a,b\nc".utf8)) == (["a", "b"], 4))
    #expect(try read(mark + Array("a,\"b \"\"\n\"\r\nc".utf8)) == (["a", "b \"\n"], 14))
    #expect(try read(mark + Array("\"a\",b".utf8)) == (["a", "b"], 8))
    #expect(try read(Array("a,b,é\r\n".utf8)) == (["a", "b", "é"], 8))
    #expect(try read(Array("\n1".utf8)) == ([""], 1))
  }

  @Test("Without a header the fields are numbered and nothing is used up but a mark")
  func noHeader() throws {
    #expect(try read(Array("x,\"y\nz\",\n".utf8), hasHeader: false) == (["c1", "c2", "c3"], 0))
    #expect(try read([0xEF, 0xBB, 0xBF] + Array("x\n".utf8), hasHeader: false) == (["c1"], 3))
    #expect(try read([], hasHeader: false) == ([], 0))
  }

  @Test("What cannot be a header")
  func refused() {
    func text(_ bytes: [UInt8]) -> String { errorText { _ = try read(bytes) } }
    #expect(text([]).contains("the file is empty") && text([0xEF, 0xBB, 0xBF]).contains("the file is empty"))
    #expect(text([0x61, 0x2C, 0xC3, 0x0A]) == "x: header, byte offset 2: the name is not UTF-8")
    #expect(text(Array("a,\"b\nc".utf8)) == "x: header, byte offset 2: a quote is left open")
    #expect(text(Array("a\"b\n".utf8)) == "x: header, byte offset 1: a quote stands inside an unquoted field")
  }
}
