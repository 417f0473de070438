import Testing
import VeilConfig

@testable import VeilEngine

/// Which texts are JSON. Every value is put where it is skipped, where it becomes a cell and where rules walk into it.
@Suite("JSON syntax")
struct JSONSyntaxTests {
  static let goodValues = [
    "0", "-0", "1", "12", "-1", "1.5", "0.5", "-0.0", "1e5", "1E5", "1e+5", "1e-5", "0e0", "1.25E-10",
    "123456789012345678901234567890",
    "1e999", "true", "false", "null", "\"\"", "\"a\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"", "\"/\"",
    "\"\\b\\f\\n\\r\\t\"",
    "\"\\u0000\"", "\"\\u00e9\"", "\"\\uD83D\\uDE00\"", "\"\\ud83d\\ude00x\"", "\"\\uFFFF\"", "\"\\u2028\"",
    "\"\u{7F}\"",
    "\"é\"", "\"€\"", "\"😀\"", "\"\u{10FFFF}\"", "\"\u{2028}\u{FEFF}\"", "\"[{,:]}\"", "\"\\\\\\\"\"", "[]", "{}",
    "[ ]", "{ }",
    "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[{}]", "{\"a\":1}", "{\"a\":{}}", "{\"\":0}", "{\"a\":1,\"a\":2}",
    "[null,true,false]",
    "{\"a\":[{\"b\":[]}]}", "\t1\t", "\r1 ",
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n\"",
    "[\"\\\\\",\"\\\\\\\\\"]",
  ]

  static let badValues = [
    "", "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1E-", "1.5.5", "1e5.5", "0x1", "1_0",
    "1a", "--1", "- 1",
    "1 2", "Infinity", "-Infinity", "NaN", "nan", "tru", "True", "TRUE", "truex", "fals", "nul", "nulll", "None",
    "undefined",
    "'a'", "a", "\"", "\"a", "a\"", "\"a\"b", "\"a\"\"b\"", "\"\\\"", "\"\\x41\"", "\"\\a\"", "\"\\0\"", "\"\\'\"",
    "\"\\U0041\"",
    "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"", "\"\\u123g\"", "\"\\u 123\"", "\"\\u-123\"", "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\udc00\\ud800\"",
    "\"\\ud800\\u\"", "\"\\ud83d\\\"",
    "\"\t\"", "\"\u{1}\"", "\"\u{1F}\"", "\"\0\"", "\"\r\"", "\0", "\u{B}1", "\u{C}1", "\u{A0}1", "\u{FEFF}1", "é", "[",
    "]", "[1", "1]",
    "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1;2]", "[1}", "{1]", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\"}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\",1}", "{a:1}", "{'a':1}", "{1:1}",
    "{null:1}",
    "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{\"a\":1;\"b\":2}", "{\"a\":}", "{:1}", "{\"a\t\":1}", "{\"\\x\":1}",
    "{\"\\ud800\":1}", "[1]]", "{}}",
    "[[1]", "[{]}", "{[}]", "/**/1", "1//x", "#1", "1,", ",1", "<a/>", "\\u0031", "[\"a\",\n1]", "(1)", "[1,\"a]",
    "{\"a\":[}", "\"a\" \"b\"",
  ]

  /// Sequences that are not UTF-8, and neighbours that are.
  static let notUTF8: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
    [0xE1, 0x80],
    [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
    [0xF1, 0x80, 0x80],
    [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE2, 0x28, 0xA1], [0xF0, 0x28, 0x8C, 0xBC],
  ]
  static let isUTF8: [[UInt8]] = [
    [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF],
    [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
  ]

  private static let layouts: [[(String, Way)]] = [
    [("x", .keep)], [("x", .drop)], [("x", .write)], [("x.a", .write), ("x", .keep)], [("x[]", .write), ("x", .drop)],
    [("x.a[].b", .peek), ("x", .keep)],
  ]

  private func accepts(_ text: [UInt8], _ rules: [(String, Way)], _ form: JSONRecordDecoder.Form) throws -> Bool {
    var input = Array(form == .array ? "[{\"y\":1},".utf8 : "{\"y\":1}\n".utf8)
    input += text
    if form == .array { input += Array(",{\"y\":2}]".utf8) } else { input += Array("\n{\"y\":2}\n".utf8) }
    let outcome = try JSONRig([("y", .keep)] + rules, form: form).run(input)
    if form == .array, outcome.error != nil { return false }
    if outcome.failures.isEmpty {
      #expect(outcome.records == 3)
      return true
    }
    #expect(outcome.failures[0].hasPrefix("1@"))
    if form == .lines {
      // What follows is not disturbed, and nothing of the bad record is left.
      #expect(outcome.output.hasPrefix("{\"y\":1}\n") && outcome.output.hasSuffix("{\"y\":2}\n"))
      #expect(outcome.cells.allSatisfy { $0.allSatisfy { $0.record != 1 } })
    }
    return false
  }

  @Test("What RFC 8259 allows", arguments: goodValues)
  func accepts(_ value: String) throws {
    for rules in Self.layouts {
      #expect(try accepts(Array("{\"x\":\(value)}".utf8), rules, .lines))
      #expect(try accepts(Array("{\"x\" : \(value) }".utf8), rules, .lines))
      #expect(try accepts(Array("{\"x\":\n\(value)\n}".utf8), rules, .array))
      #expect(try !accepts(Array("{\"x\":\n\(value)}".utf8), rules, .lines))
    }
  }

  @Test("What RFC 8259 does not allow", arguments: badValues)
  func rejects(_ value: String) throws {
    for rules in Self.layouts {
      #expect(try !accepts(Array("{\"x\":\(value)}".utf8), rules, .lines))
      // Enough room to resynchronise behind it does not make it good.
      #expect(try !accepts(Array("{\"x\":\(value)}".utf8), rules, .array) || value == "[\"a\",\n1]")
    }
  }

  @Test("Records that are no objects")
  func notObjects() throws {
    for text in [
      "1", "null", "\"a\"", "[]", "[{\"x\":1}]", "x", "}", "{}{}", "{} {}", "{},", "{}1", "{}}", "{}]", ":", "\\",
    ] {
      #expect(try !accepts(Array(text.utf8), [("x", .keep)], .lines))
      if text != "{}," { #expect(try !accepts(Array(text.utf8), [("x", .keep)], .array)) }
    }
  }

  @Test("UTF-8 by RFC 3629")
  func utf8() throws {
    for padding in [0, 1, 13, 31, 63, 64, 100] {
      let before = Array("{\"x\":\"".utf8) + Array(repeating: 0x61, count: padding)
      for rules in Self.layouts {
        for form in [JSONRecordDecoder.Form.lines, .array] {
          for text in Self.notUTF8 {
            #expect(try !accepts(before + text + Array("\"}".utf8), rules, form))
            #expect(try !accepts(Array("{\"x\":{\"".utf8) + text + Array("\":1}}".utf8), rules, form))
          }
          for text in Self.isUTF8 { #expect(try accepts(before + text + Array("\"}".utf8), rules, form)) }
        }
      }
    }
  }

  @Test("512 deep and no deeper", arguments: [("x", Way.keep), ("x", .write), ("x[][][]", .write), ("x.a.a", .keep)])
  func depth(_ path: String, _ way: Way) throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
      let each = open.count > 5 ? 2 : 1
      for deep in [62, 126, 130, 510, 511, 512, 513, 5000] where (deep - 1) % each == 0 {
        let count = (deep - 1) / each
        let text =
          "{\"x\":" + String(repeating: open, count: count) + "1" + String(repeating: close, count: count) + "}"
        for form in [JSONRecordDecoder.Form.lines, .array] {
          let outcome = try JSONRig([(path, way), ("y", .keep)], .keep, form: form).run(
            form == .lines ? text : "[\(text)]")
          #expect(outcome.failures.isEmpty == (deep <= 512), "\(deep) \(open)")
          #expect(outcome.error == nil)
        }
      }
    }
    let rules = [(Array(repeating: "a", count: 600).joined(separator: "."), Way.keep)]
    for (deep, isGood) in [(511, true), (512, true), (513, false)] {
      let text = String(repeating: "{\"a\":", count: deep) + "null" + String(repeating: "}", count: deep)
      #expect(try JSONRig(rules).run(text).failures.isEmpty == isGood)
    }
  }

  @Test("Places of problems")
  func places() throws {
    let text = "\u{FEFF}\n {\"x\":1}\r\n\n{\"x\":tru}\n{\"x\":\"\\q\"}\n{\"x\":1\n{} 5\n7\n{\"x\":\"a"
    #expect(
      try JSONRig([("x", .keep)]).run(text).failures == [
        "1@20 a value is missing or malformed", "2@31 a string holds a malformed escape", "3@42 the record is cut off",
        "4@46 something follows the record's object", "5@48 the record is not an object", "6@57 the record is cut off",
      ])
  }

  @Test("Every byte of a record changed to every other: Python's verdict, and no crash")
  func mutations() throws {
    let record = Array(#"{"a":{"b":[1.5e3,"é\u00e9\ud83d\ude00\n"],"c":null},"x":[-0,true],"d":"€"}"#.utf8)
    var lines: [[UInt8]] = []
    for index in record.indices {
      for byte in UInt8.min...UInt8.max where byte != 0x0A {
        var mutated = record
        mutated[index] = byte
        lines.append(mutated)
      }
      for other in [Array(record[..<index]), Array(record[..<index] + record[(index + 1)...])] where !other.isEmpty {
        lines.append(other)
      }
    }
    let input = Array(lines.joined(separator: [0x0A]))
    let verdicts = try Python.run(Python.verdicts, input: input)
    for rules: [(String, Way)] in [
      [("z", .keep)], [("a.b[]", .write), ("a.c", .drop), ("x[]", .peek)], [("a", .look)],
    ] {
      let outcome = try JSONRig(rules, .keep).run(input)
      var good = [UInt8](repeating: UInt8(ascii: "1"), count: outcome.records)
      for failure in outcome.failures { good[Int(failure.split(separator: "@")[0])!] = UInt8(ascii: "0") }
      #expect(good.count == verdicts.count)
      let wrong = zip(good, verdicts).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
      #expect(wrong.isEmpty, "\(wrong.prefix(5).map { String(decoding: lines[$0], as: UTF8.self) })")
      // What passed is put together as JSON again.
      let again = try Python.run(Python.verdicts, input: Array(outcome.output.utf8))
      #expect(again.count == outcome.records - outcome.failures.count && !again.contains(UInt8(ascii: "0")))
    }
  }
}
