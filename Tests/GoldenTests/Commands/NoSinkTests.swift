import Testing

/// `sinks` that are no list of sinks are a mistake that every command tells.
@Suite struct NoSinkTests {
  @Test(arguments: ["{path: one.csv}", "o.csv", "", "[]", "{}", "{lab: {path: o.csv}}"])
  func isTold(_ sinks: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "a\n1\n")
    try scratch.write("p.yaml", "version: 1\nname: p\nsource: {path: in.csv}\nfields: {a: keep}\nsinks: \(sinks)\n")
    for command in ["check p.yaml", "run p.yaml", "explain p.yaml", "check p.yaml --input in.csv"] {
      let outcome = try scratch.veil(command)
      #expect(outcome.status == 2 && outcome.stderr.contains("'sinks'"), "\(outcome.status) \(outcome.stderr)")
    }
  }
}
