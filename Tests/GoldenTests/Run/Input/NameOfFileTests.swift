import Testing

/// The name of a file, which somebody else may have chosen, neither steers a terminal nor looks like a message.
@Suite struct NameOfFileTests {
  @Test(arguments: ["check", "run", "profile", "verify"])
  func controlCharactersAreEscaped(_ command: String) throws {
    let scratch = try Scratch()
    let name = "in\u{1B}[2Jx\nveil: all is well.csv"
    try scratch.write(name, "a,b\n1\n")
    try scratch.write(
      "p.yaml", "version: 1\nname: t\nsource: {path: '*.csv'}\nfields: {a: keep, b: keep}\nsink: {path: out/o.csv}\n")
    let arguments =
      switch command {
      case "check": ["check", "p.yaml", "--input", name]
      case "run": ["run", "p.yaml"]
      case "profile": ["profile", name]
      default: ["verify", name, "--pipeline", "p.yaml"]
      }
    let outcome = try Veil.run(arguments, directory: scratch.root)
    #expect(command == "check" || outcome.status != 0, "\(outcome.text)")
    #expect(!outcome.stderr.contains("\u{1B}") && !outcome.text.contains("\u{1B}"), "\(outcome.stderr)")
    if command == "run" {
      #expect(!outcome.stderr.contains("\nveil: all is well"), "\(outcome.stderr)")
      #expect(outcome.stderr.contains("in\\u{1b}[2Jx\\u{a}veil: all is well.csv"), "\(outcome.stderr)")
    }
  }
}
