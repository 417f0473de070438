import Testing

/// Every record that is read is accounted for, wherever a test runs a pipeline: it was written, excluded for a reason,
/// suppressed, or bad.
enum Accounting {
  /// Adds up the closing line of each run in what a program said on standard error.
  static func check(_ stderr: String) {
    for sum in sums(stderr) {
      #expect(sum.read == sum.parts, "\(stderr)")
    }
  }

  /// What was read, and the sum of what became of it, for each closing line.
  static func sums(_ stderr: String) -> [(read: Int, parts: Int)] {
    // What stands in parentheses says more of the figure before it.
    stderr.replacing(#/ \([^()]*\)/#, with: "").matches(
      of: #/\bread (\d+), (?:would write|wrote) (\d+)((?:, \d+ [a-z ]+)*)/#
    ).map { line in
      let rest = line.output.3.matches(of: #/, (\d+) ([a-z ]+)/#)
        .filter { $0.output.2 != "suppressed and kept" && !$0.output.2.hasPrefix("of ") }
        .reduce(0) { $0 + (Int($1.output.1) ?? 0) }
      return (Int(line.output.1) ?? -1, (Int(line.output.2) ?? 0) + rest)
    }
  }
}

@Suite struct AccountingTests {
  @Test func sumsAreRead() {
    let lines = "veil: read 9, wrote 3, 2 excluded by where, 3 suppressed, 1 bad; k=5 met: 2 classes -> out.csv"
    #expect(Accounting.sums(lines).map { [$0.read, $0.parts] } == [[9, 9]])
    #expect(Accounting.sums("veil: read 4, wrote 4, 1 suppressed and kept; k=2 met").map(\.parts) == [4])
    #expect(Accounting.sums("veil: read 9, wrote 3, 1 bad -> x").map(\.parts) == [4])
    #expect(
      Accounting.sums("veil: read 5, wrote 1, 3 excluded by consent (2 expired, 1 missing), 1 bad").map(\.parts) == [5])
    #expect(Accounting.sums("veil: nothing new").isEmpty)
  }

  /// The closing line is there to be added up.
  @Test func everyRunHasAClosingLine() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(), on: "name\nAda\n")
    #expect(Accounting.sums(outcome.stderr).map(\.read) == [1])
  }
}
