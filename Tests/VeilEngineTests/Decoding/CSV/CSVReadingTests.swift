import Testing

@testable import VeilEngine

@Suite("CSV reading")
struct CSVReadingTests {
  private let alphabet: [[UInt8]] = [
    Array("a".utf8), Array("b".utf8), [0x2C], [0x22], [0x0A], [0x0D], Array("é".utf8), [0], [0x3B], [0x0D, 0x0A],
    [0x22, 0x22], [0x22, 0x2C], [0x2C, 0x22], [0x0A, 0x22], [0x22, 0x0A],
  ]

  private func random(_ count: Int, _ random: inout FixedRandom, damaged: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<count { bytes += alphabet.randomElement(using: &random)! }
    if damaged, !bytes.isEmpty { bytes[Int.random(in: 0..<bytes.count, using: &random)] = 0xC3 }
    return bytes
  }

  @Test("Masks and scanner read the same")
  func masksAndScanner() {
    var random = FixedRandom(11)
    for round in 0..<Sweep.count(6000, sample: 1500) {
      let count = round % 40 == 0 ? 150 : Int.random(in: 0...14, using: &random)
      let bytes = self.random(count, &random, damaged: round % 5 == 0)
      let fields = Int.random(in: 1...3, using: &random)
      let seen = readCSV(bytes, fields: fields)
      #expect(
        seen == scanCSV(bytes, fields: fields),
        "\(fields) fields: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
  }

  @Test("The same at any chunk size, whether bad records end the run or are skipped")
  func chunks() {
    var random = FixedRandom(12)
    for round in 0..<Sweep.count(1500, sample: 300) {
      let count = round % 50 == 0 ? 200 : Int.random(in: 0...20, using: &random)
      let bytes = self.random(count, &random, damaged: round % 7 == 0)
      let fields = Int.random(in: 1...3, using: &random)
      let whole = readCSV(bytes, fields: fields)
      let text = String(decoding: bytes, as: UTF8.self).debugDescription
      for chunk in [1, 2, 3, 4, 5, 7, 11, 16, 64] {
        let pieces = round % 2 == 0 ? [Int.max] : [1, 3]
        let exact = readCSV(bytes, fields: fields, chunk: chunk, pieces: pieces)
        #expect(exact == whole, "exact, chunks of \(chunk), \(fields) fields: \(text)")
        let quick = readCSV(bytes, fields: fields, chunk: chunk, pieces: pieces, isExact: false)
        #expect(quick.upToFirstFailure == whole.upToFirstFailure, "chunks of \(chunk), \(fields) fields: \(text)")
      }
    }
  }

  private func records(_ text: String, fields: Int = 2) -> [[String]?] {
    let seen = readCSV(Array(text.utf8), fields: fields)
    #expect(seen.error == nil)
    return seen.records
  }

  @Test("What real files do beyond RFC 4180")
  func realFiles() {
    #expect(records("a,b\r\nc,d\r\n") == [["a", "b"], ["c", "d"]])
    #expect(records("a,b\nc,d") == [["a", "b"], ["c", "d"]])
    #expect(records("a,b\n\n\r\n\n") == [["a", "b"]])
    #expect(records("a,\"b\r\n\"\"c\"\n") == [["a", "b\r\n\"c"]])
    #expect(records(",\n\"\",\"\"\n") == [["", ""], ["", ""]])
    #expect(records("a,b\n\nc,d\n") == [["a", "b"], nil, ["c", "d"]])
    #expect(records("a\n\n\"\"\nb\n", fields: 1) == [["a"], [""], [""], ["b"]])
    #expect(records("a,b\rc,d\ne,f\n") == [nil, ["e", "f"]])
    #expect(records("a,b,c\na\nd,e\n") == [nil, nil, ["d", "e"]])
    #expect(records("a,\"b\nc,d\ne,f") == [nil, ["c", "d"], ["e", "f"]])
    #expect(records("a,\"b\"c\nd,e\n") == [nil, ["d", "e"]])
    #expect(records("a,b\"c\nd,e\n") == [nil, ["d", "e"]])
    #expect(records("").isEmpty && records("\n\r\n").isEmpty)
  }

  @Test("A bad record is located")
  func places() {
    #expect(readCSV(Array("a,b\nc,d\"e\n".utf8), fields: 2).failures == ["1@7 a quote stands inside an unquoted field"])
    #expect(readCSV(Array("a,b\nc,\"d\n".utf8), fields: 2).failures == ["1@6 a quote is left open"])
    #expect(readCSV(Array("a,b\nc,\"d\"e\n".utf8), fields: 2).failures == ["1@9 text stands behind a closing quote"])
    #expect(
      readCSV(Array("a,b\nc\n".utf8), fields: 2).failures
        == ["1@4 the record has 1 fields where 2 are expected: too few"])
    #expect(
      readCSV([0x61, 0x0A, 0x62, 0xE2, 0x82, 0x0A], fields: 1).failures == [
        "1@3 the record is not UTF-8 (source.encoding says what it is)"
      ])
  }

  @Test("Many quotes in one record, chunks smaller than it: a regular look after an irregular one")
  func regularAfterIrregular() {
    let bytes = Array("\"ab\ncd\",e\nf,\"g\nh\"\n".utf8)
    for chunk in 1...bytes.count {
      let seen = readCSV(bytes, fields: 2, chunk: chunk)
      #expect(seen == SeenCSV(records: [["ab\ncd", "e"], ["f", "g\nh"]]), "chunks of \(chunk)")
    }
  }

  @Test("Long records are read, longer ones refused")
  func long() {
    let long = [UInt8](repeating: 0x61, count: 3 << 20)
    let seen = readCSV(long + Array(",\"".utf8) + long + Array("\"\nx,y\n".utf8), fields: 2, chunk: 1000)
    #expect(seen.records.count == 2 && seen.records[0]?[1].utf8.count == 3 << 20 && seen.failures.isEmpty)
    let open = readCSV(Array("a,b\nc,\"d\n".utf8) + [UInt8](repeating: 0x0A, count: 17 << 20) + [0x22], fields: 2)
    #expect(open.error?.contains("longer than 16 MiB") == true && open.records == [["a", "b"]])
  }
}
