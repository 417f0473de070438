import Testing
import VeilConfig

@testable import VeilEngine

@Suite("JSON rules")
struct JSONRuleTests {
  private func output(
    _ rules: [(String, Way)], _ text: String, _ unlisted: Unlisted = .error
  ) throws -> String {
    let outcome = try JSONRig(rules, unlisted).run(text + "\n")
    #expect(outcome.failures == [])
    #expect(outcome.unexpected == nil)
    return String(outcome.output.dropLast())
  }

  @Test("Kept bytes stay as they were, cells are replaced in place")
  func keepsBytes() throws {
    let text = #" { "a" : 1.50E+2 , "b":"\u0041\/" , "c" : [ 1 , {} ] } "#
    #expect(
      try output([("a", .keep), ("b", .write), ("c", .keep)], text)
        == #"{ "a" : 1.50E+2 , "b":"R" , "c" : [ 1 , {} ] }"#)
    #expect(
      try output([("a", .write), ("b", .look), ("c", .write)], text) == #"{ "a" : "R" , "b":"\u0041\/" , "c" : "R" }"#)
  }

  @Test("Every combination of dropped members leaves valid JSON", arguments: 0..<32)
  func dropsCombinations(_ mask: Int) throws {
    let names = ["a", "b", "c", "d", "e"]
    let values = ["1", "\"x\"", "{}", "[1,2]", "null"]
    for (open, separator, close) in [("{", ",", "}"), ("{ ", " , ", " }"), ("{\t", "\t,", "\t}")] {
      let members = zip(names, values).map { "\"\($0)\":\($1)" }
      let rules = names.enumerated().map { ($1, mask >> $0 & 1 == 1 ? Way.drop : Way.keep) }
      let kept = members.enumerated().filter { mask >> $0.offset & 1 == 0 }.map(\.element)
      let got = try output(rules, open + members.joined(separator: separator) + close)
      #expect(got.filter { $0 != " " && $0 != "\t" } == "{" + kept.joined(separator: ",") + "}")
      let nested = "{\"o\":" + open + members.joined(separator: separator) + close + "}"
      let inner = try output([("o", .keep)] + rules.map { ("o." + $0, $1) }, nested)
      #expect(inner.filter { $0 != " " && $0 != "\t" } == "{\"o\":{" + kept.joined(separator: ",") + "}}")
    }
  }

  @Test("The most specific rule wins")
  func mostSpecific() throws {
    let text = #"{"address":{"city":"C","zip":"Z","geo":{"lat":1,"lon":2}},"x":0}"#
    #expect(
      try output([("address", .keep), ("address.city", .drop), ("x", .keep)], text)
        == #"{"address":{"zip":"Z","geo":{"lat":1,"lon":2}},"x":0}"#)
    #expect(
      try output([("address", .drop), ("address.geo.lat", .keep), ("x", .keep)], text)
        == #"{"address":{"geo":{"lat":1}},"x":0}"#)
    #expect(try output([("address.city", .write)], text, .drop) == #"{"address":{"city":"R"}}"#)
    #expect(
      try output([("address.city", .drop)], text, .keep)
        == #"{"address":{"zip":"Z","geo":{"lat":1,"lon":2}},"x":0}"#)
    // A container of which nothing can leave does not leave either.
    #expect(try output([("address.city", .drop), ("x", .keep)], text, .drop) == #"{"x":0}"#)
    #expect(
      try output([("address", .write), ("address.city", .keep), ("x", .drop)], text)
        == #"{"address":{"city":"C","zip":"R","geo":"R"}}"#)
  }

  @Test("Elements of arrays")
  func elements() throws {
    #expect(
      try output(
        [("items[].sku", .write), ("items[].n", .keep)], #"{"items":[{"sku":"a","n":1},{"n":2},{"sku":"b"}]}"#)
        == #"{"items":[{"sku":"R","n":1},{"n":2},{"sku":"R"}]}"#)
    #expect(try output([("tags[]", .write)], #"{"tags":["a",1,null,"b"]}"#) == #"{"tags":["R","R",null,"R"]}"#)
    #expect(try output([("m[][]", .write)], #"{"m":[[1,2],[],[3]]}"#) == #"{"m":[["R","R"],[],["R"]]}"#)
    #expect(try output([("tags", .keep), ("tags[]", .drop)], #"{"tags":[1, 2]}"#) == #"{"tags":[]}"#)
    #expect(try output([("tags[]", .drop), ("a", .keep)], #"{"tags":[1,2],"a":1}"#) == #"{"a":1}"#)
    #expect(
      try output([("a[].x", .keep)], #"{"a":[1,{"x":1},"s",{"y":2},null,[1]]}"#, .drop) == #"{"a":[{"x":1},{},null]}"#)
  }

  @Test("A value of another shape than the path expects")
  func shapes() throws {
    for value in ["null", "{}", "[]", "{ }", "[ ]"] {
      #expect(try output([("a.b", .keep)], #"{"a":\#(value)}"#) == #"{"a":\#(value)}"#)
      #expect(try output([("a[]", .keep)], #"{"a":\#(value)}"#) == #"{"a":\#(value)}"#)
      #expect(try output([("a[]", .drop)], #"{"a":\#(value)}"#) == "{}")
    }
    for value in ["1", "\"x\"", "true", "[1]", #"[{"b":1}]"#] {
      let text = #"{"a":\#(value)}"#
      #expect(try JSONRig([("a.b", .keep)]).run(text).unexpected == "0@5 a")
      #expect(try output([("a.b", .keep)], text, .drop) == "{}")
      #expect(try output([("a", .write), ("a.b", .drop)], text) == #"{"a":"R"}"#)
      for (rules, unlisted): ([(String, Way)], Unlisted) in [
        ([("a.b", .drop)], .keep), ([("a", .keep), ("a.b", .drop)], .error), ([("a", .look), ("a.b", .write)], .drop),
      ] {
        guard value.hasPrefix("[") else {
          #expect(try output(rules, text, unlisted) == text)
          continue
        }
        // An array instead of an object might hold what is withheld.
        let outcome = try JSONRig(rules, unlisted).run(text)
        #expect(outcome.unexpected == "0@5 a" && outcome.output == "{}\n")
      }
    }
  }

  @Test("Cells of one column, with their records")
  func cells() throws {
    let outcome = try JSONRig([("a[].b", .peek), ("c", .look)]).run(
      #"{"a":[{"b":1},{"b":"x\n"}],"c":null}"# + "\n\n" + #"{"c":{"d":[ ]},"a":[]}"# + "\n" + #"{"a":[{"b":true}]}"#)
    #expect(outcome.cells[0].map(\.description) == ["0:literal:1", "0:string:x\n", "2:literal:true"])
    #expect(outcome.cells[1].map(\.description) == ["0:null:", "1:composite:{\"d\":[ ]}"])
    #expect(outcome.output == "{\"c\":null}\n{\"c\":{\"d\":[ ]}}\n{}\n")
  }

  @Test("A rule meets every occurrence of a repeated name, however it is spelt")
  func repeatedNames() throws {
    let text = #"{"email":"1","x":0,"\u0065mail":"2","em\u0061il":"3","e\ud83d\ude00":"4"}"#
    #expect(try output([("email", .drop), ("x", .keep), ("e😀", .drop)], text) == #"{"x":0}"#)
    #expect(
      try output([("email", .write), ("x", .drop), ("e😀", .write)], text)
        == #"{"email":"R","\u0065mail":"R","em\u0061il":"R","e\ud83d\ude00":"R"}"#)
    #expect(
      try output([("'a.b'", .write), ("a.b", .keep), ("''", .drop)], #"{"a.b":1,"a":{"b":2},"":3}"#)
        == #"{"a.b":"R","a":{"b":2}}"#)
  }

  @Test("Names that a JSON string cannot hold as they are")
  func oddNames() throws {
    let rules: [(String, Way)] = [
      ("'a\"b'", .write), ("c\\d", .write), ("t\tb", .write), ("a-name-of-more-than-eight-\"", .drop),
    ]
    #expect(
      try output(rules, #"{"a\"b":1,"c\\d":2,"t\tb":3,"a-name-of-more-than-eight-\"":4}"#)
        == #"{"a\"b":"R","c\\d":"R","t\tb":"R"}"#)
    for text in [#"{"a"b":1}"#, #"{"c\d":2}"#, "{\"t\tb\":3}", #"{"a-name-of-more-than-eight-"":4}"#] {
      #expect(try JSONRig(rules).run(text).failures.count == 1)
    }
  }

  @Test("Many members in any order")
  func manyMembers() throws {
    let names = (0..<60).map { "member_name_\($0 * 7)" } + (0..<20).map { "m\($0)" }
    let rules = names.enumerated().map { ($1, $0 % 3 == 0 ? Way.drop : Way.keep) }
    for step in [1, 7, 79, 33] {
      let order = names.indices.map { ($0 * step) % names.count }
      let text = "{" + order.map { "\"\(names[$0])\":\($0)" }.joined(separator: ",") + "}"
      let expected = order.filter { $0 % 3 != 0 }.map { "\"\(names[$0])\":\($0)" }.joined(separator: ",")
      #expect(try output(rules, text) == "{\(expected)}")
      #expect(try output(rules, text.replacing("member_name_", with: "member_nome_"), .drop).contains("nome") == false)
    }
  }

  @Test("An unexpected field is named only where its name may be told")
  func unexpected() throws {
    func field(_ text: String, _ rules: [(String, Way)] = [("a", .keep), ("o.x", .keep), ("l[].x", .keep)]) throws
      -> String?
    {
      try JSONRig(rules).run(text).unexpected
    }
    #expect(try field(#"{"a":1}"#) == nil)
    #expect(try field(#"{"a":1,"zip":2}"#) == "0@13 zip")
    #expect(try field("{\"a\":1}\n{\"o\":{\"x\":1,\"y\":2}}") == "1@24 o.y")
    #expect(try field(#"{"l":[{"x":1},{"y\u0061":3}]}"#) == "0@25 l[].ya")
    #expect(try field(#"{"o":{"ann@example.org":1}}"#) == "0@24 o: a field whose name is not shown")
    #expect(try field(#"{"4930123456":1}"#) == "0@14 a field whose name is not shown")
    #expect(try field(#"{"u4930123456":1}"#) == "0@15 a field whose name is not shown")
    #expect(try field(#"{"Jos\u00e9":1}"#) == "0@13 a field whose name is not shown")
    #expect(try field(#"{"":1}"#) == "0@4 a field whose name is not shown")
    let long = try field(
      "{\"" + String(repeating: "k", count: 300) + "\":{\"z\":1}}", [(String(repeating: "k", count: 300) + ".x", .keep)]
    )
    #expect(long?.unicodeScalars.count == 200 + 4 + 2)
    // A malformed record is bad, not unexpected; its field does not leave either way.
    let bad = try JSONRig([("a", .keep)]).run("{\"zip\":2\n{\"a\":1,\"zip\":3}")
    #expect(bad.failures == ["0@8 the record is cut off"])
    #expect(bad.unexpected == "1@22 zip")
    #expect(bad.output == "{\"a\":1}\n")
  }

  @Test("Extraction alone assembles nothing")
  func extraction() throws {
    let decoder = JSONRecordDecoder(try layout([("a", .look), ("b", .drop)], extractKept: true), form: .lines)
    let batch = Batch(columnCount: 1, escapes: .json)
    let chunk = Chunk()
    chunk.bytes.append(utf8: #"{"a":"x","b":2}"#)
    batch.reset(base: chunk.bytes.start)
    decoder.decode(chunk, into: batch)
    #expect(batch.recordCount == 1)
    let pieces = batch.assembly.pieces.count
    let cells = batch.columns[0].cells.count
    #expect(pieces == 0)
    #expect(cells == 1)
  }
}
