import Foundation
import Testing
import VeilConfig

@testable import VeilEngine

@Suite("JSON output")
struct JSONEncoderTests {
  private func text(_ buffer: borrowing ByteBuffer) -> String {
    String(decoding: UnsafeBufferPointer(start: buffer.start, count: buffer.count), as: UTF8.self)
  }

  private func escaped(_ text: String) -> String {
    var text = text
    var out = ByteBuffer()
    text.withUTF8 { if let base = $0.baseAddress { JSONText.escape(base, count: $0.count, into: &out) } }
    return self.text(out)
  }

  private func unescaped(_ bytes: [UInt8]) -> [UInt8] {
    var out = ByteBuffer()
    bytes.withUnsafeBufferPointer {
      if let base = $0.baseAddress { JSONText.unescape(base, count: $0.count, into: &out) }
    }
    return Array(UnsafeBufferPointer(start: out.start, count: out.count))
  }

  @Test("Escapes are the fewest there can be, and mean the same")
  func escapes() throws {
    #expect(escaped("a\"b\\c/\u{8}\u{C}\n\r\t\u{1}\u{1F}\u{7F}é😀") == #"a\"b\\c/\b\f\n\r\t\u0001\u001f"# + "\u{7F}é😀")
    for length in 0..<70 {
      for place in 0..<max(1, length) {
        var scalars = Array(repeating: Unicode.Scalar("x"), count: length)
        if length > 0 { scalars[place] = Unicode.Scalar(UInt8(place % 40)) }
        var plain = ""
        plain.unicodeScalars.append(contentsOf: scalars)
        let written = escaped(plain)
        #expect(unescaped(Array(written.utf8)) == Array(plain.utf8))
        let parsed = try JSONSerialization.jsonObject(with: Data("\"\(written)\"".utf8), options: .fragmentsAllowed)
        #expect(parsed as? String == plain)
      }
    }
  }

  @Test("Unescaping")
  func unescaping() {
    #expect(
      unescaped(Array(#"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00z"#.utf8))
        == Array("\"\\/\u{8}\u{C}\n\r\tAé€😀z".utf8))
    #expect(unescaped(Array(#"\u0000"#.utf8)) == [0])
    // What the decoder never lets through neither crashes nor makes bytes that are not UTF-8.
    for text in [
      #"\"#, #"\u"#, #"\u12"#, #"\uzzzz"#, #"\ud800"#, #"\ud800\"#, #"\ud800\u12"#, #"\udc00x"#, #"\q"#,
      #"\ud800\u0041"#,
    ] {
      let bytes = unescaped(Array(text.utf8))
      #expect(bytes.count <= text.utf8.count)
      #expect(String(validating: bytes, as: UTF8.self) != nil)
    }
  }

  @Test("Line breaks between tokens do not reach lines")
  func flattens() throws {
    var rig = try JSONRig([("a", .keep), ("b", .drop), ("c", .look), ("d", .write), ("e", .write)], form: .array)
    rig.output = .lines
    rig.flattens = true
    rig.replacement = nil
    let input =
      "[\n  {\n    \"a\": [\r\n      1,\n      \"x  y\"\n    ],\r    \"b\": 2,\n    \"c\": {\n},\n \"d\":{\n \"z\" :\r\n1}\n, \"e\": \"s\\n\" },\n{\n}\n]"
    #expect(rig.run(input).output == "{\"a\": [1,\"x  y\"],\"c\": {},\"d\":{\"z\" :1}, \"e\": \"s\\n\" }\n{}\n")
    rig.read = 1
    #expect(rig.run(input).output == "{\"a\": [1,\"x  y\"],\"c\": {},\"d\":{\"z\" :1}, \"e\": \"s\\n\" }\n{}\n")
  }

  @Test("Lines to an array, and excluded records")
  func forms() throws {
    var rig = try JSONRig([("a", .write)])
    rig.output = .array
    #expect(rig.run("{\"a\":1}\nbad\n{\"a\":2}\n").output == "[\n{\"a\":\"R\"},\n{\"a\":\"R\"}\n]\n")
    #expect(rig.run("bad\n").output == "[]\n")
    rig.replacement = "q\"\n"
    rig.output = .lines
    #expect(rig.run("{\"a\":1}\n{\"a\":null}\n").output == "{\"a\":\"q\\\"\\n\"}\n{\"a\":null}\n")
  }

  @Test("A cell that nobody touched leaves as it came, one that was unescaped means the same")
  func cells() throws {
    var rig = try JSONRig([("a", .write)])
    rig.replacement = nil
    let line = #"{"a":"x\u0065\/\ud83d\ude00"}"# + "\n"
    #expect(rig.run(line).output == line)

    let decoder = JSONRecordDecoder(rig.layout, form: .lines)
    let encoder = JSONRecordEncoder(form: .lines, flattens: false)
    let batch = Batch(columnCount: 1, escapes: .json)
    let chunk = Chunk()
    chunk.bytes.append(utf8: #"{"a":"x\u0065\/\n\ud83d\ude00"}"# + "\n{\"a\":-1.50}\n{\"a\":[ 1]}\n{\"a\":true}\n")
    batch.reset(base: chunk.bytes.start)
    decoder.decode(chunk, into: batch)
    batch.columns[0].unescape(.json)
    var out = ByteBuffer()
    encoder.encode(batch, into: &out)
    #expect(text(out) == "{\"a\":\"xe/\\n😀\"}\n{\"a\":-1.50}\n{\"a\":[ 1]}\n{\"a\":true}\n")
  }

  @Test("CSV records become objects of strings")
  func csv() throws {
    var fields = try plans([("id", .look), ("secret", .peek), ("say \"é\"", .look), ("n", .write)])
    fields[3].stages = []
    let batch = Batch(columnCount: 3 + 1, escapes: .csv(quote: 0x22))
    let chunk = Chunk()
    chunk.bytes.append(utf8: #"7,x,"a ""b"" \","n",8,,,z"#)
    batch.reset(base: chunk.bytes.start)
    func add(_ column: Int, _ start: Int, _ count: Int, _ flags: Cell.Flags) {
      batch.columns[column].cells.append(Cell(start: start, count: count, flags: flags))
      if flags.contains(.escaped) { batch.columns[column].hasEscapes = true }
    }
    add(0, 0, 1, .plain)
    add(1, 2, 1, .plain)
    add(2, 5, 9, [.quoted, .escaped])
    add(3, 17, 1, .quoted)
    add(0, 20, 1, .plain)
    add(1, 22, 0, .null)
    add(2, 23, 0, .null)
    add(3, 24, 1, .plain)
    batch.finishDecoding(recordCount: 2)
    let encoder = JSONRecordEncoder(form: .array, fields: fields)
    var out = ByteBuffer()
    encoder.header(into: &out)
    encoder.encode(batch, into: &out)
    encoder.footer(isEmpty: false, into: &out)
    #expect(
      text(out) == "[\n"
        + #"{"id":"7","say \"é\"":"a \"b\" \\","n":"n"},"# + "\n" + #"{"id":"8","say \"é\"":null,"n":"z"}"# + "\n]\n")
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text(out).utf8)) }
  }
}
