import CScan
import Testing
import VeilConfig

@testable import VeilEngine

@Suite("JSON chunks")
struct JSONSplitterTests {
  private let rules: [(String, Way)] = [("a", .write), ("b", .drop), ("c.d", .look), ("c", .keep)]

  private func isSame(_ input: [UInt8], _ form: JSONRecordDecoder.Form) throws -> Outcome {
    var rig = try JSONRig(rules, .error, form: form)
    let whole = rig.run(input)
    for read in [1, 2, 3, 5, 7, 16, 63, 64, 65, 100, 1000] {
      rig.read = read
      let pieces = rig.run(input)
      #expect(pieces == whole, "\(read) bytes at a time: \(String(decoding: input, as: UTF8.self))")
    }
    return whole
  }

  @Test("Lines: the same at any chunk size")
  func lines() throws {
    let outcome = try isSame(
      Array(
        "\u{FEFF}{\"a\":1}\r\n\n  \t\n{\"b\":\"x\\\"\\\\\"}\n{bad\n{\"c\":{\"d\":[1,2]}}\n{\"a\":\"é\",\"e\":1}\n{\"a\":2}"
          .utf8),
      .lines)
    #expect(outcome.output == "{\"a\":\"R\"}\n{}\n{\"c\":{\"d\":[1,2]}}\n{\"a\":\"R\"}\n{\"a\":\"R\"}\n")
    #expect(outcome.failures.count == 1 && outcome.unexpected?.hasSuffix("e") == true)
    for blank in ["", "\n", "\r\n\r\n", "  ", "\u{FEFF}", "\u{FEFF}\n", "\n\n \t"] {
      let nothing = try isSame(Array(blank.utf8), .lines)
      #expect(nothing.records == 0 && nothing.error == nil && nothing.output == "")
    }
    #expect(try isSame([0xEF, 0xBB, 0x0A], .lines).failures.count == 1)
    #expect(try isSame(Array("{}\n\u{FEFF}{}\n".utf8), .lines).records == 2)
  }

  @Test("An array: the same at any chunk size")
  func array() throws {
    let outcome = try isSame(
      Array(
        "\u{FEFF}\r\n [ {\"a\":1} ,\n{\"b\":\"],[\\\"\\\\\"},{bad},{\"c\":{\"d\":[1,{}]}},[1,{\"a\":2}],\n{\"a\":\"x\ny\"}, {\"a\":\"é\",\"e\":1}, 5,{} ] \n"
          .utf8),
      .array)
    #expect(
      outcome.output == "[\n{\"a\":\"R\"},\n{},\n{\"c\":{\"d\":[1,{}]}},\n{\"a\":\"R\"},\n{}\n]\n")
    #expect(outcome.failures.count == 4 && outcome.records == 9 && outcome.error == nil)
    for empty in ["[]", " [ ] ", "\u{FEFF}[\n]\n"] {
      let nothing = try isSame(Array(empty.utf8), .array)
      #expect(nothing.records == 0 && nothing.error == nil && nothing.output == "[]\n")
    }
  }

  @Test(
    "What is wrong with the array itself",
    arguments: [
      ("", "byte 0: the input holds no array", 0), (" \n", "byte 2: the input holds no array", 0),
      ("{\"a\":1}", "byte 0: the input is not an array of objects", 0),
      ("\u{FEFF} 5", "byte 4: the input is not an array of objects", 0),
      ("[", "byte 1: the array is cut off: its closing bracket is missing", 0),
      ("[{\"a\":1}", "byte 8: the array is cut off: its closing bracket is missing", 0),
      ("[{\"a\":1},", "byte 9: the array is cut off: its closing bracket is missing", 1),
      ("[{\"a\":1},{\"a\":2}, ", "byte 18: the array is cut off: its closing bracket is missing", 2),
      ("[{\"a\":1},{\"a\":\"]", "byte 16: the array is cut off: its closing bracket is missing", 1),
      ("[{\"a\":1}] x", "byte 10: something follows the array", 1),
      ("[{\"a\":1}]]", "byte 9: something follows the array", 1),
      ("[][]", "byte 2: something follows the array", 0),
      ("[{}}, {}]", "byte 3: a closing brace has no opening one", 0),
      ("[{},{\"a\":1}}, {}]", "byte 11: a closing brace has no opening one", 1),
      ("\u{FEFF}", "byte 3: the input holds no array", 0),
    ])
  func broken(_ text: String, _ error: String, _ records: Int) throws {
    let outcome = try isSame(Array(text.utf8), .array)
    #expect(outcome.error == error)
    #expect(outcome.records == records)
  }

  @Test("Elements that are missing are bad records", arguments: ["[,{}]", "[{},]", "[{},,{}]", "[ , ]", "[{} , ]"])
  func missing(_ text: String) throws {
    let outcome = try isSame(Array(text.utf8), .array)
    #expect(outcome.error == nil)
    #expect(
      outcome.failures.allSatisfy { $0.hasSuffix("a record is missing between commas") } && !outcome.failures.isEmpty)
  }

  @Test("Mutated arrays: splitter and decoder agree at any chunk size")
  func mutated() throws {
    let record = Array(#"[{"a":"x\\\"y","b":[1,{"z":"]"}]},{"c":{"d":"},{","e":[]}},{"a":null}]"#.utf8)
    let marks = Array("[]{},:\"\\x \u{80}\0".utf8)
    for index in record.indices {
      for mark in marks {
        var mutated = record
        mutated[index] = mark
        var rig = try JSONRig(rules, .drop, form: .array)
        let whole = rig.run(mutated)
        for read in [1, 7, 64] {
          rig.read = read
          #expect(rig.run(mutated) == whole)
        }
      }
    }
  }

  @Test("The masked scan sees what a byte by byte scan sees")
  func structure() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("[]{},\"\\\\\"aaaaaaaa  ".utf8)
    for _ in 0..<3000 {
      let length = Int.random(in: 0...300, using: &random)
      let text = (0..<length).map { _ in alphabet.randomElement(using: &random)! } + [0x5B]
      let first: Int32 = Bool.random(using: &random) ? 1 : 0
      let depth = Int64.random(in: 1...4, using: &random)
      var masked = scan_json_structure(in_string: 0, escaped: 0, depth: depth)
      var plain = masked
      // In two goes, so that the state is handed on at any place.
      let middle = Int.random(in: 0...length, using: &random)
      for range in [0..<middle, middle..<length] {
        let one = scan_json_structure_scan(&masked, text, range.lowerBound, range.upperBound, first)
        let other = scan_json_structure_scan_scalar(&plain, text, range.lowerBound, range.upperBound, first)
        #expect(one.at == other.at && one.comma == other.comma)
        if one.at < range.upperBound { break }
        #expect(masked.depth == plain.depth && (masked.in_string == 0) == (plain.in_string == 0))
        #expect(masked.escaped == plain.escaped)
      }
    }
  }
}
