import Foundation
import Testing

/// A CSV file that is broken in one place. The word "canary" stands for somebody's data.
struct MalformedCSV: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let input: Data
  /// Where the broken record is, counted from one after the header, and where it begins.
  let record: Int
  let offset: Int

  init(_ name: String, _ input: String, record: Int, offset: Int) {
    self.init(name, Data(input.utf8), record: record, offset: offset)
  }

  init(_ name: String, _ input: Data, record: Int, offset: Int) {
    testDescription = name
    self.input = input
    self.record = record
    self.offset = offset
  }

  static let all = [
    MalformedCSV("too few fields", "a,b\n1,2\ncanary\n3,4\n", record: 2, offset: 8),
    MalformedCSV("too many fields", "a,b\n1,2\n3,4\ncanary,canary,canary\n", record: 3, offset: 12),
    MalformedCSV("too few after CRLF", "a,b\r\n1,2\r\ncanary\r\n", record: 2, offset: 10),
    MalformedCSV("too few after quoted newlines", "a,b\n\"1\n\n\",2\ncanary\n", record: 2, offset: 12),
    MalformedCSV("too few after a byte order mark", "\u{FEFF}a,b\ncanary\n", record: 1, offset: 7),
    MalformedCSV("too few at the end without newline", "a,b\n1,2\ncanary", record: 2, offset: 8),
    MalformedCSV("an empty line between records", "a,b\n1,2\n\n3,canary\n", record: 2, offset: 8),
    MalformedCSV("an open quote", "a,b\n1,2\n3,\"canary\n5,6\n", record: 2, offset: 8),
    MalformedCSV("text after a closing quote", "a,b\n1,2\n\"3\"canary,4\n", record: 2, offset: 8),
    MalformedCSV("a byte that is no UTF-8", Data("a,b\n1,2\ncanary,".utf8) + [0xFF, 0x0A], record: 2, offset: 8),
    MalformedCSV("an overlong form", Data("a,b\ncanary,".utf8) + [0xC0, 0x80] + Data("\n".utf8), record: 1, offset: 4),
    MalformedCSV("half a surrogate", Data("a,b\ncanary,".utf8) + [0xED, 0xA0, 0x80, 0x0A], record: 1, offset: 4),
    MalformedCSV("a character cut short", Data("a,b\ncanary,".utf8) + [0xE2, 0x82, 0x0A], record: 1, offset: 4),
  ]
}

@Suite struct MalformedCSVTests {
  @Test(arguments: MalformedCSV.all)
  func isAnErrorWithItsPlace(_ malformed: MalformedCSV) throws {
    let scratch = try Scratch()
    for fields in [[], ["a: drop"], ["b: {hash: {salt: test}}"]] {
      let outcome = try scratch.run(TestPipeline(fields: fields), on: malformed.input)
      #expect(outcome.status == 3, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("in.csv"), "\(outcome.stderr)")
      #expect(outcome.stderr.contains("record \(malformed.record)"), "\(outcome.stderr)")
      let at = try #require(
        outcome.stderr.firstMatch(of: /byte (?:offset )?(\d+)/).flatMap { Int($0.output.1) }, "\(outcome.stderr)")
      #expect(at >= malformed.offset && at <= malformed.input.count, "\(outcome.stderr)")
      #expect(!outcome.stderr.contains("canary"))
      #expect(try scratch.list() == ["in.csv", "pipeline.yaml"])
    }
  }

  @Test func badRecordsAreSkippedUpToTheLimit() throws {
    let scratch = try Scratch()
    let input = "a,b\n1,2\ncanary\n3,4\ncanary,5,6\n7,8\n"
    func run(_ limit: String) throws -> Outcome {
      try scratch.run(TestPipeline(more: ["bad_records: {action: skip, limit: \(limit)}"]), on: input)
    }
    for enough in ["2", "40%"] {
      let outcome = try run(enough)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == "a,b\n1,2\n3,4\n7,8\n")
      #expect(outcome.stderr.contains("2"), "skipped records are counted: \(outcome.stderr)")
      #expect(!outcome.stderr.contains("canary"))
    }
    for tooFew in ["1", "39%"] {
      #expect(try run(tooFew).status == 1)
      #expect(try scratch.text("out.csv") == "a,b\n1,2\n3,4\n7,8\n", "the previous export stays")
    }
  }

  @Test func skippingHoldsForBytesThatAreNoText() throws {
    let scratch = try Scratch()
    let input = Data("a,b\n1,2\ncanary,".utf8) + [0xFF] + Data("\n3,4\n".utf8)
    let outcome = try scratch.run(TestPipeline(more: ["bad_records: {action: skip, limit: 1}"]), on: input)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "a,b\n1,2\n3,4\n")
  }
}
