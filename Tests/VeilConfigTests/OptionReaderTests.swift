import Testing

@testable import VeilConfig

@Suite struct OptionReaderTests {
  private func reader(_ text: String, known: [String]) -> OptionReader {
    let (root, diagnostics) = read(text)
    return OptionReader(node: root, context: "stage 'mask'", known: known, diagnostics: diagnostics)
  }

  @Test func readsEachType() {
    let reader = reader(
      "{s: x, i: 3, d: 0.5, b: true, l: [a, 2], one: z, c: hex, n: null}",
      known: ["s", "i", "d", "b", "l", "one", "c", "n", "not"])
    #expect(reader.string("s") == "x")
    #expect(reader.string("i") == "3")
    #expect(reader.requiredString("s") == "x")
    #expect(reader.int("i") == 3)
    #expect(reader.requiredInt("i", range: 1...3) == 3)
    #expect(reader.double("d") == 0.5)
    #expect(reader.double("i") == 3)
    #expect(reader.bool("b") == true)
    #expect(reader.strings("l") == ["a", "2"])
    #expect(reader.strings("one") == ["z"])
    #expect(reader.choice("c", of: ["hex", "base64"]) == "hex")
    #expect(reader.choice("c", of: ["hex", "base64"], default: "base64") == "hex")
    #expect(reader.node("n")?.isNull == true)
    #expect(reader.has("n"))
    #expect(!reader.has("not"))
    #expect(reader.isAbsent("not"))
    #expect(reader.mark(of: "i") == Mark(line: 1, column: 11))
    #expect(reader.keyMark(of: "i") == Mark(line: 1, column: 8))
    #expect(reader.int("not", default: 7) == 7)
    #expect(reader.string("not", default: "d") == "d")
    #expect(reader.bool("not", default: true))
    #expect(reader.double("not", default: 1.5) == 1.5)
    #expect(reader.strings("not", default: ["q"]) == ["q"])
    #expect(!reader.diagnostics.hasErrors)
  }

  @Test func reportsWrongTypesWhereTheyStand() {
    let reader = reader(
      "{s: [x], i: 3.5, d: x, b: yes, l: [a, [b], null], c: hax, n: null, q: \"3\", t: \"true\", e: \"\"}",
      known: ["s", "i", "d", "b", "l", "c", "n", "q", "t", "e", "not"])
    #expect(reader.string("s") == nil)
    #expect(reader.int("i", default: 4) == 4)
    #expect(reader.double("d") == nil)
    #expect(reader.bool("b") == nil)
    #expect(reader.strings("l") == nil)
    #expect(reader.choice("c", of: ["hex", "base64"]) == nil)
    #expect(reader.string("n") == nil)
    #expect(reader.int("q") == nil)
    #expect(reader.bool("t") == nil)
    #expect(reader.requiredString("e") == nil)
    #expect(reader.requiredString("not") == nil)
    #expect(
      told(reader.diagnostics) == [
        "1:1 stage 'mask' needs 'not'",
        "1:5 's' must be text, not a list",
        "1:13 'i' must be a whole number, not a number",
        "1:21 'd' must be a number, not text",
        "1:27 'b' must be true or false, not text",
        "1:39 'l' takes a list of texts, and this one is a list",
        "1:44 'l' takes a list of texts, and this one is nothing "
          + "[write \"\" for empty text, or \"null\" for that word]",
        "1:54 'c' must be one of hex, base64, not 'hax' [did you mean 'hex'?]",
        "1:59 'n' has no value [give it one, or leave the line out]",
        "1:71 'q' must be a whole number, not quoted text [write it without quotes]",
        "1:79 't' must be true or false, not quoted text [write it without quotes]",
        "1:90 'e' must not be empty",
      ])
  }

  @Test func reportsRanges() {
    let reader = reader("{a: 0, b: 300, c: 9, d: 2}", known: ["a", "b", "c", "d"])
    #expect(reader.int("a", range: 1 ... .max) == nil)
    #expect(reader.int("b", range: 1...255) == nil)
    #expect(reader.int("c", range: .min...8) == nil)
    #expect(reader.double("d", range: 0...1) == nil)
    #expect(
      told(reader.diagnostics) == [
        "1:5 'a' must be 1 or more", "1:11 'b' must be between 1 and 255", "1:19 'c' must be 8 or less",
        "1:25 'd' must be between 0 and 1",
      ])
  }

  @Test func reportsUnknownKeysAtOnceAndNotTheMissingOnesTheyMeant() {
    let reader = reader("{frist: 1, colour: 2}", known: ["first", "last"])
    #expect(!reader.require("first"))
    #expect(!reader.isAbsent("first"))
    #expect(reader.isAbsent("last"))
    #expect(
      told(reader.diagnostics) == [
        "1:2 unknown key 'frist' in stage 'mask' [did you mean 'first'?]",
        "1:12 unknown key 'colour' in stage 'mask' [stage 'mask' takes 'first' and 'last']",
      ])
  }

  @Test func takesAMappingOrNothing() {
    #expect(told(reader("~", known: ["a"]).diagnostics).isEmpty)
    let scalar = reader("x", known: ["a", "b"])
    #expect(scalar.requiredString("a") == nil)
    #expect(told(scalar.diagnostics) == ["1:1 stage 'mask' takes a mapping with 'a' and 'b', not text"])
    #expect(told(reader("[1]", known: []).diagnostics) == ["1:1 stage 'mask' takes no options, not a list"])
    #expect(
      told(reader("{z: 1}", known: []).diagnostics) == [
        "1:2 unknown key 'z' in stage 'mask' [stage 'mask' takes no options]"
      ])
    let none = Diagnostics(path: "p", source: [], kind: .pipeline(stages: []))
    let empty = OptionReader(
      node: nil, context: "stage 'mask'", known: ["a"], diagnostics: none, at: Mark(line: 4, column: 2))
    #expect(empty.requiredInt("a", help: "a: 3") == nil)
    #expect(told(none) == ["4:2 stage 'mask' needs 'a' [a: 3]"])
  }
}
