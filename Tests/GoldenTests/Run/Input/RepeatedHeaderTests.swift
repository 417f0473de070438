import Foundation
import Testing

/// Files that were written one behind the other: a header in the middle, and the mark of a file's beginning.
@Suite struct RepeatedHeaderTests {
  private static let mark = "\u{FEFF}"

  /// `cat a.csv b.csv`, however the second header is written.
  @Test(arguments: ["a,b", "\"a\",\"b\"", "a,\"b\"", "\u{FEFF}a,b", "a,b\r"])
  func aSecondHeaderIsABadRecord(_ header: String) throws {
    for size in [1 << 20, 1] {
      for (rule, status) in [
        ("{action: skip, quarantine: bad.jsonl}", Int32(0)), ("{action: error, quarantine: bad.jsonl}", 3),
      ] {
        let scratch = try Scratch()
        let outcome = try scratch.run(
          TestPipeline(more: ["bad_records: \(rule)"]), on: Data("a,b\n1,2\n\(header)\n3,4\n".utf8),
          environment: ["VEIL_CHUNK_BYTES": "\(size)"])
        #expect(outcome.status == status, "\(outcome.stderr)")
        #expect(outcome.stderr.contains("in.csv: record 2, byte offset 8: the record repeats the header"))
        #expect(try scratch.text("bad.jsonl").contains("\"code\": \"header\""))
        if status == 0 { #expect(try scratch.text("out.csv") == "a,b\n1,2\n3,4\n") }
      }
    }
  }

  @Test(arguments: ["a,2", "a,bb", "a,b,c", "aa,b", "A,b", "a,\"b\"\"\"", "b,a"])
  func othersAreNot(_ record: String) throws {
    let scratch = try Scratch()
    let source = "{path: in.csv, csv: {header: true}}"
    let pipeline = TestPipeline(source: source, more: ["bad_records: {action: skip, quarantine: bad.jsonl}"])
    #expect(try scratch.run(pipeline, on: "a,b\n1,2\n\(record)\n").status == 0)
    #expect(try !scratch.text("bad.jsonl").contains("\"header\""))
    // A file without a header has none to repeat.
    let bare = TestPipeline(source: "{path: in.csv, csv: {header: false}}")
    #expect(try scratch.run(bare, on: "c1,c2\nc1,c2\n").status == 0)
    #expect(try scratch.text("out.csv") == "c1,c2\nc1,c2\nc1,c2\n")
  }

  /// Everybody who reads records says so: also profiles, and the check whether a pipeline fits.
  @Test func profilesDoNotCountIt() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "name,town\nAda,Bonn\nname,town\nBob,Ulm\n")
    let outcome = try Veil.run(["profile", "in.csv"], directory: scratch.root)
    #expect(
      !outcome.text.contains("looks like data") && outcome.stderr.contains("header") || outcome.text.contains("bad"))
  }

  /// At the front of a file U+FEFF is a byte order mark, unless it stands in quotes: what a cell holds is what is read.
  @Test func aCellThatBeginsWithAMarkIsQuoted() throws {
    let scratch = try Scratch()
    let bare = TestPipeline(
      source: "{path: in.csv, csv: {header: false}}", sink: "{path: out.csv, csv: {header: false}}")
    #expect(try scratch.run(bare, on: "\"\(Self.mark)x\",1\n\(Self.mark)y,2\nz,\(Self.mark)\n").status == 0)
    #expect(try scratch.text("out.csv") == "\"\(Self.mark)x\",1\n\"\(Self.mark)y\",2\nz,\(Self.mark)\n")
    let named = try scratch.run(TestPipeline(), on: "\"\(Self.mark)a\",b\n1,2\n")
    #expect(named.status == 0, "\(named.stderr)")
    #expect(try scratch.text("out.csv") == "\"\(Self.mark)a\",b\n1,2\n")
    // From JSON, and alone in its record.
    let json = TestPipeline(
      source: "{path: in.ndjson}", sink: "{path: out.csv, csv: {header: false}}", fields: ["a: keep"], unlisted: "drop")
    #expect(try scratch.run(json, on: "{\"a\":\"\(Self.mark)\"}\n", named: "in.ndjson").status == 0)
    #expect(try scratch.text("out.csv") == "\"\(Self.mark)\"\n")
  }

  /// Whoever opens the file may take the mark away, and then a formula stands at the front.
  @Test func theFormulaGuardLooksBehindTheMark() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(sink: "{path: out.csv, csv: {formula_guard: true}}")
    let m = Self.mark
    #expect(try scratch.run(pipeline, on: "x,y\n\(m)=1+1,\(m)-5\n\(m)\(m)@a,\(m)b\n").status == 0)
    #expect(try scratch.text("out.csv") == "x,y\n\"'\(m)=1+1\",\(m)-5\n\"'\(m)\(m)@a\",\(m)b\n")
  }
}
