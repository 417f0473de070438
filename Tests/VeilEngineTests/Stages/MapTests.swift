import Foundation
import Testing

@testable import VeilEngine

@Suite struct MapTests {
  @Test func looksUpExactBytes() throws {
    try expect(
      "{map: {values: {DE: Europe, fr: Europe, \"é\": acute, 1: one}}}", json: true,
      [
        ("DE", "Europe"), ("fr", "Europe"), (.literal("1"), "one"), ("é", "acute"), (.null, .null),
        ("de", .bad("is not in the table of 'map', which has no default")),
        ("e\u{301}", .bad("is not in the table of 'map', which has no default")),
        ("", .bad("is not in the table of 'map', which has no default")),
      ])
    try expect(
      "{map: {values: {a: 1, b: \"1\", c: null, d: true, e: \"\"}, default: other}}", json: true,
      [
        ("a", .literal("1")), ("b", "1"), ("c", .null), ("d", .literal("true")), ("e", ""), ("z", "other"),
        ("", "other"),
      ])
    try expect("{map: {values: {a: b}, default: null}}", json: true, [("z", .null), ("a", "b")])
    try expect("{map: {values: {a: b}, default: 0}}", json: true, [("z", .literal("0"))])
  }

  @Test func readsFiles() throws {
    let name = "veil-map-\(UUID().uuidString).csv"
    let path = "\(StageHarness.folder)/\(name)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    try write("\u{FEFF}code,label\r\nDE,Germany\n\"a,b\",\"say \"\"hi\"\"\nthere\"\r\n\nXX,\nDE,Germany")
    try expect(
      "{map: {file: \(name), default: other}}", json: true,
      [
        ("DE", "Germany"), ("a,b", "say \"hi\"\nthere"), ("XX", ""), ("code", "label"), ("zz", "other"),
      ])
    let broken = [
      ("a,b\nc\n", "line 2 has one column where two are needed"), ("a,b,c\n", "line 1 does not have two columns"),
      ("a,\"b", "line 1 has a quote that is not closed"), ("a,b\"c\n", "line 1 has a stray quote"),
      ("a,b\na,c\n", "line 2 gives another value for what an earlier line gave one for"), ("", "is empty"),
      ("a,\"b\"c\n", "line 1 does not have two columns"),
    ]
    for (text, message) in broken {
      try write(text)
      #expect(refusal("{map: {file: \(name)}}") == "'\(name)' \(message)")
    }
    try Data([0x61, 0x2C, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
    #expect(refusal("{map: {file: \(name)}}") == "'\(name)' is not UTF-8 text")
    #expect(refusal("{map: {file: nowhere.csv}}") == "'nowhere.csv' cannot be read: No such file or directory")
    #expect(refusal("{map: {file: /}}") == "'/' is not a regular file")
  }

  @Test func refusesWhatIsNoTable() {
    #expect(refusal("map") == "stage 'map' needs 'values' or 'file'")
    #expect(
      refusal("{map: {values: {a: b}, file: x}}")
        == "'values' and 'file' exclude each other; a stage can only have one of them")
    #expect(refusal("{map: {values: [a]}}") == "'values' must be a mapping, such as {DE: Europe, FR: Europe}")
    #expect(refusal("{map: {values: {a: [b]}}}") == "a table gives single values, and this one is a list")
  }

  @Test func tablesHoldManyKeys() throws {
    var table = ByteTable()
    func number(_ key: String) -> Int? { table[Array(key.utf8).span] }
    func insert(_ key: String) -> Int? { table.insert(Array(key.utf8).span) }
    for place in 0..<20_000 where insert("key \(place)") != nil { Issue.record("key \(place) was there") }
    for place in 0..<20_000 where number("key \(place)") != place { Issue.record("key \(place) is lost") }
    #expect(number("key 20000") == nil && number("") == nil)
    #expect(insert("key 5") == 5 && table.count == 20_000)
    #expect(insert("") == nil && number("") == 20_000)
  }
}
