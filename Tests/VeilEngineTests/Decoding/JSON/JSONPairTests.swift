import CScan
import Testing

@testable import VeilEngine

/// Records of a known shape are matched two at a time; what is read must not tell.
@Suite("JSON records in pairs", .serialized)
struct JSONPairTests {
  /// Lines of one shape, and lines that break it in every way: another name, another order, a bad value, a bad string, white
  /// space, something behind the record, no record at all.
  private static let lines = [
    #"{"id":1,"name":"Ana","ok":true,"o":{"in":"x"}}"#, #"{"id":-22.5e3,"name":"","ok":false,"o":{"in":null}}"#,
    #"{"id":0,"name":"Zoë \" \u00e9","ok":null,"o":{"in":"a longer text than thirty-two bytes of it"}}"#,
    #"{"id":null,"name":"x","ok":1,"o":{"in":7}}"#, #"{"id":1,"name":"Ana","ok":true,"o":[]}"#,
    #"{"id":1,"nome":"Ana","ok":true,"o":{"in":"x"}}"#, #"{"name":"Ana","id":1,"ok":true,"o":{"in":"x"}}"#,
    #"{"id":01,"name":"Ana","ok":true,"o":{"in":"x"}}"#, #"{"id":1,"name":"Ana","ok":tru,"o":{"in":"x"}}"#,
    #"{"id":1.,"name":"Ana","ok":true,"o":{"in":"x"}}"#,
    "{\"id\":1,\"name\":\"A\u{1}\",\"ok\":true,\"o\":{\"in\":\"x\"}}",
    #"{"id":1,"name":"Ana","ok":true,"o":{"in":"x"}} "#, #" {"id":1,"name":"Ana","ok":true,"o":{"in":"x"}}"#,
    #"{"id":1,"name":"Ana","ok":true,"o":{"in":"x"}}}"#, #"{"id":1,"name":"Ana","ok":true,"o":{"in":"x"}"#,
    #"{"id":1,"name":"Ana"#, "", "[]", "7", #"{}"#,
  ]

  /// Read a byte at a time every record is a chunk of its own, and there is no other one to match it with.
  @Test func aRecordIsReadAlikeAloneAndWithTheNext() throws {
    var random = FixedRandom(2)
    let rules: [(String, Way)] = [("id", .write), ("name", .look), ("o.in", .drop)]
    defer { _ = scan_level_select(2) }
    for round in 0..<300 {
      // Mostly of one shape, so that it is learnt and kept.
      let text = (0..<Int.random(in: 2...24, using: &random)).map { _ in
        Self.lines[Int.random(in: 0...(Bool.random(using: &random) ? 1 : Self.lines.count - 1), using: &random)]
      }.joined(separator: "\n")
      _ = scan_level_select(Int32(round % 3))
      var alone = try JSONRig(rules, .keep)
      alone.read = 1
      let expected = alone.run(text)
      for read in [Int.max, 100, 333] {
        var together = alone
        together.read = read
        #expect(together.run(text) == expected, "\(read) bytes at a time:\n\(text)")
      }
    }
  }

  /// The elements of an array, with and without line breaks between them.
  @Test func elementsAreReadAlike() throws {
    var random = FixedRandom(3)
    for separator in [",", ",\n", ",\n  ", "\n,\n"] {
      for _ in 0..<50 {
        let elements = (0..<Int.random(in: 2...12, using: &random)).map { _ in
          Self.lines[Int.random(in: 0...6, using: &random)]
        }
        let text = "[\(elements.joined(separator: separator))]"
        var alone = try JSONRig([("id", .write), ("name", .look)], .keep, form: .array)
        alone.read = 1
        var together = alone
        together.read = .max
        #expect(together.run(text) == alone.run(text), "\(text)")
      }
    }
  }
}
