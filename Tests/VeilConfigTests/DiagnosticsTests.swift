import Testing

@testable import VeilConfig

@Suite struct DiagnosticsTests {
  @Test func showsEachInOrderWithItsLine() {
    let source = "a: 1\n\tb:\tc\n名前: d\n"
    let diagnostics = Diagnostics(path: "x/p.yaml", source: Array(source.utf8), kind: .pipeline(stages: []))
    diagnostics.accept()
    diagnostics.error(at: Mark(line: 3, column: 5), "third", suggest: "e")
    diagnostics.warn(at: Mark(line: 2, column: 5), "second")
    diagnostics.error(at: Mark(line: 1, column: 4), "first", help: "write 2")
    diagnostics.error(at: nil, "the whole")
    diagnostics.note(at: Mark(line: 9, column: 1), "behind the end")
    diagnostics.error(at: Mark(line: 1, column: 4), "first", help: "write 2")
    #expect(
      diagnostics.render() == """
        x/p.yaml: error: the whole
        x/p.yaml:1:4: error: first
            a: 1
               ^
          help: write 2
        x/p.yaml:2:5: warning: second
             b: c
                ^
        x/p.yaml:3:5: error: third
            名前: d
                  ^
          help: did you mean 'e'?
        x/p.yaml:9:1: note: behind the end

        """)
    #expect(diagnostics.errorCount == 3)
    #expect(diagnostics.warnings.map(\.message) == ["second"])
  }

  @Test func longLinesAreCut() throws {
    let source = String(repeating: "x", count: 5000)
    let diagnostics = Diagnostics(path: "p", source: Array(source.utf8), kind: .pipeline(stages: []))
    diagnostics.accept()
    diagnostics.error(at: Mark(line: 1, column: 3001), "here")
    let lines = diagnostics.render().split(separator: "\n")
    #expect(lines[1].count < 140)
    #expect(lines[1].hasPrefix("    …x"))
    #expect(lines[1].hasSuffix("x…"))
    #expect(lines[2] == String(repeating: " ", count: 65) + "^")
  }

  @Test func nothingSteersTheTerminal() {
    let source = "a: \u{202E}b"
    let diagnostics = Diagnostics(path: "p\u{1B}[31m", source: Array(source.utf8), kind: .pipeline(stages: []))
    diagnostics.accept()
    diagnostics.error(at: Mark(line: 1, column: 1), "odd \(quote("\u{1B}[2J\n\u{202E}"))")
    let text = diagnostics.render()
    #expect(!text.contains("\u{1B}"))
    #expect(!text.contains("\u{202E}"))
    #expect(text.contains("odd '\\u{1b}[2J\\u{a}\\u{202e}'"))
  }

  @Test func keysWrittenIntoTheFileAreNotShown() {
    for (text, secret) in [
      ("keys: {a: hex:c0ffee, b: {flie: s3cret}, c: {file: x, raw: t0psecret}}", ["c0ffee", "s3cret", "t0psecret"]),
      ("keys: [c0ffee]", ["c0ffee"]),
      ("keys: {a: {env: c0ff-ee}}", ["c0ff-ee"]),
      ("keys: {a: |\n   c0ffee\n }", ["c0ffee"]),
    ] {
      let (config, diagnostics) = parse("version: 1\nname: x\nfields: {a: keep}\n" + text)
      #expect(config == nil)
      let shown = diagnostics.render()
      for word in secret { #expect(!shown.contains(word), "\(shown)") }
    }
  }

  @Test(arguments: [
    ("souce", "source"), ("sorce", "source"), ("Source", "source"), ("bad-records", "bad_records"),
    ("anonimity", "anonymity"), ("feilds", "fields"), ("unlisetd", "unlisted"),
  ])
  func suggestsWhatIsNear(word: String, meant: String) {
    #expect(Diagnostics.nearest(word, in: PipelineReading.sections) == meant)
  }

  @Test(arguments: ["x", "", "colour", "completely_different", String(repeating: "s", count: 100_000)])
  func suggestsNothingFar(word: String) {
    #expect(Diagnostics.nearest(word, in: PipelineReading.sections) == nil)
  }

  @Test func theNearestWins() {
    #expect(Diagnostics.nearest("sinc", in: ["sinks", "sink"]) == "sink")
    #expect(Diagnostics.editDistance(Array("abcd".unicodeScalars), Array("acbd".unicodeScalars)) == 1)
    #expect(Diagnostics.editDistance(Array("kitten".unicodeScalars), Array("sitting".unicodeScalars)) == 3)
  }
}
