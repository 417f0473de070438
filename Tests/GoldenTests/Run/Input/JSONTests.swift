import Foundation
import Testing

@Suite struct JSONTests {
  /// Records that leave byte for byte as they came.
  @Test(arguments: [
    #"{"a":1.0,"b":1e3,"c":0.10,"d":-0,"e":1E+2,"f":123456789012345678901234567890}"#,
    #"{ "a" : [ 1 , { "b" : null } , [ ] , { } ] , "c" : true }"#,
    #"{"a":"\u00e9 \ud83d\ude00 \/ \b\f\n\r\t \\ \"","é":"é","\u0061b":1}"#,
    #"{"a.b":1,"":2,"c[]":3,"'":4}"#,
    "{}", "{\"a\":\t1}", #"{"a":{"a":{"a":{"a":1}}}}"#, #"{"n":1e400,"m":5e-400}"#,
  ])
  func keptAsItCame(_ line: String) throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline.ndjson(), on: line + "\n", named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.ndjson") == line + "\n")
  }

  /// What RFC 8259 does not allow. Nothing is guessed, and nothing is quoted in the message.
  @Test(arguments: [
    #"{"canary":1,}"#, #"{"canary":NaN}"#, #"{"canary":Infinity}"#, #"{"canary":01}"#, #"{"canary":1.}"#,
    #"{"canary":.5}"#, #"{"canary":+1}"#, #"{"canary":1e}"#, #"{"canary":-}"#, #"{"canary":0x1}"#,
    #"{"canary":"\ud800"}"#, #"{"canary":"\udc00\ud800"}"#, #"{"canary":"\x"}"#, #"{"canary":"\u12"}"#,
    "{\"canary\":\"\t\"}", "{\"canary\":\"\u{1}\"}", #"{'canary':1}"#, #"{canary:1}"#, #"{"canary" 1}"#,
    #"{"canary":1 "b":2}"#, #"{"canary":1"#, #"{"canary":"x"#, #"{"canary":[1,]}"#, #"{"canary":[1}"#,
    #"{"canary":tru}"#, #"{"canary":True}"#, #"{"canary":nul}"#, #"["canary"]"#, #""canary""#, "7", "null",
    #"{"canary":1} {"b":2}"#, #"{"canary":1}x"#, #"{"canary":1}//"#, #"{,"canary":1}"#, #"{"canary"}"#, "canary",
    "{\"canary\":1\u{B}}", "{\"canary\":1\u{A0}}",
  ])
  func strict(_ line: String) throws {
    let scratch = try Scratch()
    for fields in [[], ["canary: drop"], ["canary: {hash: {salt: test}}"]] {
      let input = #"{"canary":0}"# + "\n" + line + "\n"
      let outcome = try scratch.run(TestPipeline.ndjson(fields: fields), on: input, named: "in.ndjson")
      #expect(outcome.status == 3, "\(fields) \(outcome.stderr)")
      #expect(outcome.stderr.contains("in.ndjson") && outcome.stderr.contains("record 2"), "\(outcome.stderr)")
      #expect(outcome.stderr.contains(/byte (offset )?\d+/), "\(outcome.stderr)")
      if fields.isEmpty { #expect(!outcome.stderr.contains("canary")) }
      #expect(!scratch.exists("out.ndjson"))
    }
  }

  @Test func bytesThatAreNoText() throws {
    let scratch = try Scratch()
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
      let input = Data(#"{"a":"canary"#.utf8) + bytes + Data("\"}\n".utf8)
      for fields in [[], ["a: drop"]] {
        let outcome = try scratch.run(TestPipeline.ndjson(fields: fields), on: input, named: "in.ndjson")
        #expect(outcome.status == 3 && !outcome.stderr.contains("canary"), "\(outcome.stderr)")
      }
    }
  }

  @Test func depthIsLimited() throws {
    let scratch = try Scratch()
    func nested(_ depth: Int) -> String {
      #"{"a":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}\n"
    }
    #expect(try scratch.run(TestPipeline.ndjson(), on: nested(512), named: "in.ndjson").status == 0)
    #expect(try scratch.text("out.ndjson") == nested(512))
    for depth in [513, 100_000] {
      let outcome = try scratch.run(TestPipeline.ndjson(), on: nested(depth), named: "in.ndjson")
      #expect(outcome.status == 3, "\(outcome.stderr)")
    }
  }

  @Test func keysAreComparedUnescapedAndDuplicatesAllMeetTheirRule() throws {
    let scratch = try Scratch()
    let input = #"{"\u0065mail":"canary","b":1,"email":"canary","a":{"x":"canary"},"a":{"x":"canary"}}"# + "\n"
    let fields = ["email: drop", "a.x: drop", "b: keep"]
    let outcome = try scratch.run(TestPipeline.ndjson(fields: fields), on: input, named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try !scratch.text("out.ndjson").contains("canary"))
    #expect(try !scratch.text("out.ndjson").contains("mail"))
    #expect(try scratch.text("out.ndjson").contains(#""b":1"#))
  }

  @Test func rulesReachEveryElement() throws {
    let scratch = try Scratch()
    let input = #"{"items":[{"sku":"A","who":"x"},{"who":"y"},{"sku":null}],"tags":["p","q"]}"# + "\n"
    let pipeline = TestPipeline.ndjson(
      fields: ["\"items[].sku\": lowercase", "\"items[].who\": drop", "\"tags[]\": uppercase"])
    let outcome = try scratch.run(pipeline, on: input, named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let wanted = #"{"items":[{"sku":"a"},{},{"sku":null}],"tags":["P","Q"]}"# + "\n"
    #expect(try scratch.text("out.ndjson") == wanted)
  }

  /// In a shape that no rule foresaw, a value that a rule drops could slip out: the run stops, even with `keep`.
  @Test(arguments: [#"{"items":[[{"who":"canary"}]]}"#, #"{"items":{"who":"canary"}}"#])
  func unforeseenShapes(_ line: String) throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(
      TestPipeline.ndjson(fields: ["\"items[].who\": drop"]), on: line + "\n", named: "in.ndjson")
    #expect(outcome.status == 4 && !outcome.stderr.contains("canary"), "\(outcome.stderr)")
    #expect(!scratch.exists("out.ndjson"))
  }

  @Test func blankLinesAndEndings() throws {
    let scratch = try Scratch()
    let lines = "{\"a\":1}\n{\"a\":2}\n"
    let crlf = lines.replacing("\n", with: "\r\n")
    let blank = lines.replacing("\n", with: "\n\n")
    for input in [String(lines.dropLast()), crlf, blank, "\u{FEFF}" + lines] {
      let outcome = try scratch.run(TestPipeline.ndjson(), on: input, named: "in.ndjson")
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.ndjson") == lines)
    }
  }

  @Test func skippingBadLines() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline.ndjson()
    pipeline.more = ["bad_records: {action: skip, limit: 2}"]
    let input = "{\"a\":1}\n{\"a\":canary\n{\"a\":2}\n\"canary\"\n{\"a\":3}\n"
    let outcome = try scratch.run(pipeline, on: input, named: "in.ndjson")
    #expect(outcome.status == 0 && !outcome.stderr.contains("canary"), "\(outcome.stderr)")
    #expect(try scratch.text("out.ndjson") == "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n")
  }

  @Test(arguments: ["[]", "[ ]", "\n[\n]\n"])
  func anEmptyArray(_ input: String) throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(source: "{path: in.json}", sink: "{path: out.json}")
    let outcome = try scratch.run(pipeline, on: input, named: "in.json")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try JSONSerialization.jsonObject(with: scratch.data("out.json")) as? [Int] == [])
  }

  @Test func arrays() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(source: "{path: in.json}", sink: "{path: out.json}", fields: ["a: drop"])
    let outcome = try scratch.run(pipeline, on: "[{\"a\":1,\"b\":1.0},\n {\"b\":[\"]\"]} ]", named: "in.json")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let text = try scratch.text("out.json")
    #expect(text.contains(#"{"b":1.0}"#) && text.contains(#"{"b":["]"]}"#) && !text.contains("\"a\""))
    #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any])?.count == 2)
    for bad in [#"[{"b":1}"#, #"[{"b":1},]"#, #"[{"b":1} {"b":2}]"#, #"[{"b":1}] x"#, #"{"b":1}"#, "[1]", "", "[{}]]"] {
      let failed = try scratch.run(pipeline, on: bad, named: "in.json")
      #expect(failed.status == 3 && failed.stderr.contains("in.json"), "'\(bad)' \(failed.stderr)")
      #expect(try scratch.text("out.json") == text, "the previous export stays")
    }
  }
}

/// Flat records go from each format to each other.
@Suite struct ConversionTests {
  @Test func tableToObjects() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(sink: "{path: out.ndjson}", fields: ["name: uppercase", "city: drop"])
    let outcome = try scratch.run(pipeline, on: "name,city,\"no\"\"te\"\nAda,Paris,\"a\n\"\"b\"\"\\\t\"\nü,,\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let lines = try scratch.text("out.ndjson").split(separator: "\n")
    let objects = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String?] }
    #expect(objects.count == 2)
    #expect(objects.first == ["name": "ADA", "no\"te": "a\n\"b\"\\\t"])
    #expect(lines.last?.contains("Ü") == true)
  }

  @Test func objectsToTable() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.csv}",
      fields: ["name: keep", "n: keep", "secret: drop", "ok: keep"], unlisted: "error")
    let input = #"""
      {"name":"A, \"da\"\n","n":1.0,"secret":"x","ok":true}
      {"ok":null,"n":1e3,"name":"\u00fc"}

      """#
    let outcome = try scratch.run(pipeline, on: input, named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "name,n,ok\n\"A, \"\"da\"\"\n\",1.0,true\nü,1e3,\n")
    let nested = try scratch.run(pipeline, on: "{\"name\":{\"canary\":1}}\n", named: "in.ndjson")
    #expect(nested.status == 4 && !nested.stderr.contains("canary"), "\(nested.stderr)")
  }

  @Test func arrayToLinesAndBack() throws {
    let scratch = try Scratch()
    let lines = "{\"a\":1.0}\n{\"a\":[2]}\n"
    let toArray = TestPipeline(source: "{path: in.ndjson}", sink: "{path: out.json}")
    #expect(try scratch.run(toArray, on: lines, named: "in.ndjson").status == 0)
    let back = TestPipeline(source: "{path: out.json}", sink: "{path: out.ndjson}")
    #expect(try scratch.run(back, on: try scratch.data("out.json"), named: "out.json").status == 0)
    #expect(try scratch.text("out.ndjson") == lines)
  }
}
