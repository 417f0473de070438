import Foundation
import Testing

/// OWASP's rule against CSV injection, in every way that a cell can take to the export.
@Suite struct FormulaGuardTests {
  private static let guarded = TestPipeline(sink: "{path: out.csv, csv: {formula_guard: true}}")

  /// Cell in CSV, and what leaves.
  private static let cells = [
    ("=1+1", "\"'=1+1\""), ("+SUM(A1)", "\"'+SUM(A1)\""), ("-2+3", "\"'-2+3\""), ("@cmd", "\"'@cmd\""),
    ("\tx", "\"'\tx\""), ("\"\rx\"", "\"'\rx\""), ("\"\nx\"", "\"'\nx\""), ("-", "\"'-\""), ("+", "\"'+\""),
    ("\"=a,\"\"b\"\"\"", "\"'=a,\"\"b\"\"\""), ("＝1", "\"'＝1\""), ("＠x", "\"'＠x\""), ("--5", "\"'--5\""),
    // Plain numbers are data.
    ("-5", "-5"), ("+4.5", "+4.5"), ("-.5e-3", "-.5e-3"), ("-1e5", "-1e5"), ("\"-5\"", "\"-5\""),
    // And these are no formulas.
    ("a=1", "a=1"), ("", ""), ("x", "x"), ("\"a,b\"", "\"a,b\""), ("é", "é"), ("'=1", "'=1"), ("、", "、"),
    ("-1e", "\"'-1e\""), ("-.", "\"'-.\""),
  ]

  @Test func everyKeptCellIsLookedAt() throws {
    // Neighbours that are kept would be copied as one run.
    let rows = Self.cells.map { "\($0.0),\($0.0),\($0.0)\n" }.joined()
    let wanted = Self.cells.map { "\($0.1),\($0.1),\($0.1)\n" }.joined()
    for (threads, size) in [(1, 1 << 20), (2, 7), (3, 100)] {
      let scratch = try Scratch()
      let outcome = try scratch.run(
        Self.guarded, on: Data(("a,b,c\n" + rows).utf8), arguments: ["--threads", "\(threads)"],
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == "a,b,c\n" + wanted)
    }
  }

  /// A cell that is alone, rewritten, of another dialect, from JSON, or in the header.
  @Test func otherWays() throws {
    let scratch = try Scratch()
    var rewritten = Self.guarded
    rewritten.fields = ["a: uppercase", "b: drop", "c: {constant: \"=x\"}"]
    #expect(try scratch.run(rewritten, on: "a,b,c\n=a,=b,c\n-7,x,d\n").status == 0)
    #expect(try scratch.text("out.csv") == "a,c\n\"'=A\",\"'=x\"\n-7,\"'=x\"\n")

    var dialect = Self.guarded
    dialect.source = "{path: in.csv, csv: {delimiter: \";\"}}"
    #expect(try scratch.run(dialect, on: "=a;b\n=1;\"=\"\"x\"\n").status == 0)
    #expect(try scratch.text("out.csv") == "\"'=a\",b\n\"'=1\",\"'=\"\"x\"\n")

    let json = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.csv, csv: {formula_guard: true}}", fields: ["a: keep", "n: keep"],
      unlisted: "error")
    let lines = #"{"a":"=1","n":-5}"# + "\n" + #"{"a":"\t\"","n":"-x"}"# + "\n"
    #expect(try scratch.run(json, on: lines, named: "in.ndjson").status == 0)
    #expect(try scratch.text("out.csv") == "a,n\n\"'=1\",-5\n\"'\t\"\"\",\"'-x\"\n")
  }

  /// Where the apostrophe is the quote, the guard's own is doubled like any other.
  @Test func anApostropheAsQuote() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(sink: "{path: out.csv, csv: {quote: \"'\", formula_guard: true}}")
    #expect(try scratch.run(pipeline, on: "a,b\n=1+1,it's\n").status == 0)
    let python = "import csv; print(list(csv.reader(open('out.csv'), quotechar=\"'\")))"
    let read = try Command.run("python3", ["-c", python], directory: scratch.root)
    #expect(read.text == "[['a', 'b'], [\"'=1+1\", \"it's\"]]\n", "\(read.text) \(read.stderr)")
  }

  @Test func groupsOfAnAggregateAreGuarded() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}", sink: "", fields: ["id: drop", "c: keep"], unlisted: "error",
      more: [
        "sink:", "  path: out.csv", "  csv: {formula_guard: true}", "  aggregate:", "    by: {c: [\"=1+1\", b]}",
        "    measures: {people: {count: people}}", "    epsilon: 5", "    per_person: {groups: 1, records: 1}",
        "    budget: budget.yaml",
      ])
    try scratch.write("budget.yaml", "version: 1\nepsilon: 10\ndelta: 0\nspent:\n")
    try scratch.write("pipeline.yaml", pipeline.text.replacing("sink: \n", with: ""))
    try scratch.write("in.csv", "id,c\n1,=1+1\n2,b\n")
    let outcome = try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let text = try scratch.text("out.csv")
    #expect(text.contains("\n'=1+1,"), "\(text)")
  }

  /// An option that would do nothing is an error, also where only the file's name says that it is JSON.
  @Test func jsonHasNoGuard() throws {
    let scratch = try Scratch()
    for sink in ["out.ndjson", "out.json.gz"] {
      try scratch.write(
        "pipeline.yaml", TestPipeline(sink: "{path: \(sink), csv: {formula_guard: true}}").text)
      let outcome = try Veil.run(["check", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 2 && outcome.stderr.contains("'csv' does not go with format"), "\(outcome.stderr)")
    }
  }

  @Test func withoutTheGuardNothingChanges() throws {
    let scratch = try Scratch()
    let rows = "a,b\n" + Self.cells.map { "\($0.0),y\n" }.joined()
    #expect(try scratch.run(TestPipeline(), on: rows).status == 0)
    #expect(try scratch.text("out.csv") == rows)
    let source = try scratch.run(TestPipeline(source: "{path: in.csv, csv: {formula_guard: true}}"), on: rows)
    #expect(source.status == 2 && source.stderr.contains("formula_guard"))
  }

  /// What a spreadsheet's reader gets begins with an apostrophe, and holds the value otherwise unchanged.
  @Test func pythonReadsTheSameValues() throws {
    let scratch = try Scratch()
    #expect(try scratch.run(Self.guarded, on: "a,b\n" + Self.cells.map { "\($0.0),y\n" }.joined()).status == 0)
    let script = """
      import csv, sys
      before = list(csv.reader(open('in.csv', newline='')))
      after = list(csv.reader(open('out.csv', newline='')))
      assert len(before) == len(after) > 20
      for old, new in zip(before, after):
          for a, b in zip(old, new):
              assert b == a or b == "'" + a, (a, b)
              assert not b.startswith(('=', '@', '\\t', '\\r')), b
              if b[:1] in ('+', '-'): float(b)
      """
    let python = try Command.run("python3", ["-c", script], directory: scratch.root)
    #expect(python.status == 0, "\(python.stderr)")
  }
}
