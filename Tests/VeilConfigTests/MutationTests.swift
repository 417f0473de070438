import Foundation
import Testing

@testable import VeilConfig

/// A good pipeline with bytes and lines changed at random must be read or refused, never crash, and every mark must
/// be one the renderer can show.
@Suite struct MutationTests {
  /// SplitMix64, so that a failure can be repeated.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// Nothing in a mebibyte takes long or overflows a stack. Brackets are that many, and the rest where `VEIL_STRESS` is set,
  /// as `make stress` does; an eighth of a mebibyte still nests deeper than any stack holds.
  @Test(arguments: [
    "[", "{", "- ", "? ", "a: ", "[a, ", "{a: b, ", "'", "\"", "|\n ", "a:\n ", "&a ", "!a ", "#", "k: {a: 1}\n",
    "{}\n", "\n",
    "keys: {a: x}\n", "\u{2028}", "é",
  ])
  func survivesAMebibyteOf(unit: String) {
    let isWhole = unit == "[" || ProcessInfo.processInfo.environment["VEIL_STRESS"] != nil
    let count = YAMLDocument.sizeLimit / unit.utf8.count / (isWhole ? 1 : 8) - 4
    for head in ["", "version: 1\nname: x\nfields: {", "version: 1\nkeys: {a: "] {
      let text = [UInt8]((head + String(repeating: unit, count: count)).utf8).prefix(YAMLDocument.sizeLimit)
      let (config, diagnostics) = PipelineParser.parse(bytes: Array(text), path: "p", stageNames: stageNames)
      #expect(config == nil)
      #expect(!diagnostics.render().isEmpty)
    }
  }

  @Test func survivesManyEntries() {
    for (head, entry) in [("keys: {", "k%: secret, "), ("fields: {", "f%: kep, "), ("", "k%: 1\n"), ("{", "k%: 1, ")] {
      let entries = (0..<4000).map { entry.replacing("%", with: "\($0)") }.joined()
      let text = head + entries + (head.isEmpty ? "" : "}")
      let (config, diagnostics) = parse(text)
      #expect(config == nil)
      #expect(diagnostics.errorCount > 3999)
      #expect(!diagnostics.render().contains("secret"))
    }
  }

  @Test(arguments: 0..<8)
  func survives(seed: Int) throws {
    let good = Array(try Data(contentsOf: golden.appending(path: "customers.yaml")))
    let spice: [[UInt8]] =
      [
        "{", "}", "[", "]", ":", ": ", "- ", "'", "\"", "\n", "\t", "#", "&a ", "*a", "!x ", "|", ">", "~", "null", "%",
        "?",
        "[]", "0", "-1", "1e999", "99999999999999999999", "é", "\u{2028}", "\u{FEFF}", "\u{0}", "---\n", "...\n", "k",
        "keep",
      ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80]]
    var random = Generator(state: UInt64(seed))
    var accepted = 0
    for _ in 0..<500 {
      var text = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<text.count, using: &random)
        let end = min(text.count, at + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text.removeSubrange(at..<end)
        case 1: text.insert(contentsOf: spice.randomElement(using: &random) ?? [], at: at)
        case 2: text.replaceSubrange(at..<end, with: spice.randomElement(using: &random) ?? [])
        default: text.insert(contentsOf: text[at..<end], at: Int.random(in: 0...text.count, using: &random))
        }
        if text.isEmpty { text = good }
      }
      let (config, diagnostics) = PipelineParser.parse(bytes: text, path: "p", stageNames: stageNames)
      #expect((config == nil) == diagnostics.hasErrors)
      if config != nil { accepted += 1 }
      #expect(diagnostics.render().isEmpty == diagnostics.all.isEmpty)
    }
    #expect(accepted > 0 && accepted < 500)
  }
}
