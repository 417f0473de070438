import Foundation
import Testing

/// A quote that stands in a file by mistake: what it costs, and how that is told.
@Suite struct StrayQuoteTests {
  /// 5,000 records of people, some of whose lines are replaced.
  private func people(_ lines: [Int: String]) -> String {
    "id,name,town\n" + (0..<5000).map { (lines[$0] ?? "\($0),n\($0),Bonn") + "\n" }.joined()
  }

  private func skipping(_ limit: String) -> TestPipeline {
    TestPipeline(more: ["bad_records: {action: skip, limit: \(limit), quarantine: bad.jsonl}"])
  }

  private func entries(_ scratch: Scratch) throws -> [[String: Any]] {
    try scratch.text("bad.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// It meets the next quote thousands of lines below, and text stands behind that: its own line is lost, and no other.
  @Test func aStrayQuoteCostsItsLine() throws {
    let input = people([8: "8,\"n8,Bonn", 4999: "4999,\"n4999\",Bonn"])
    let wanted = input.replacing("8,\"n8,Bonn\n", with: "")
    for (threads, size) in [(1, 1 << 20), (3, 5000), (2, 64)] {
      let scratch = try Scratch()
      let outcome = try scratch.run(
        skipping("1%"), on: Data(input.utf8), arguments: ["--threads", "\(threads)"],
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0 && outcome.stderr.contains("read 5000, wrote 4999, 1 bad"), "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == wanted)
      #expect(outcome.stderr.contains("warning: skipped in.csv: record 9, byte offset 95: a quote is left open"))
      #expect(try entries(scratch).map { $0["code"] as? String } == ["quote"])
    }
  }

  /// Behind a text of several lines the same holds for each way in which a record can be malformed.
  @Test(arguments: ["\"x\"y", "x\"y", "\"x", "x\ry"])
  func everyMalformedRecordIsItsFirstLine(_ end: String) throws {
    for size in [1, 7, 1000] {
      let scratch = try Scratch()
      let outcome = try scratch.run(
        skipping("9"), on: Data("a,b\n1,x\n\"2\n3,y\n\",\(end)\n4,z\n".utf8),
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == "a,b\n1,x\n3,y\n4,z\n")
      #expect(try entries(scratch).map { $0["record"] as? Int } == [2, 4])
    }
  }

  /// Where it closes at a field's end and too few fields are left, the one record counts with all of its lines.
  @Test func everyLineOfABrokenRecordCounts() throws {
    let input = people([8: "8,\"n8,Bonn", 4990: "4990,n,Bonn\""])
    for size in [1 << 20, 4000] {
      let scratch = try Scratch()
      let outcome = try scratch.run(skipping("50%"), on: Data(input.utf8), environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 1, "\(outcome.stderr)")
      #expect(
        outcome.stderr.contains("once for each of its lines: 4983") && outcome.stderr.contains("(it has 4983 lines)"))
      #expect(outcome.stderr.contains("; bad.jsonl lists them"), "the quarantine is named: \(outcome.stderr)")
      #expect(try entries(scratch).map { $0["lines"] as? Int } == [4983])
      #expect(!scratch.exists("out.csv"))
    }
    let scratch = try Scratch()
    #expect(try scratch.run(skipping("4982"), on: input).status == 1)
    #expect(try scratch.run(skipping("4983"), on: input).status == 0)
  }

  /// Where the record is well-formed, the run says that it is longer than the others by orders.
  @Test func aRecordThatStandsOutIsToldOf() throws {
    let input = people([8: "8,\"n8,Bonn", 4990: "4990,n\",Bonn"])
    for (threads, size) in [(1, 1 << 20), (3, 4000)] {
      let scratch = try Scratch()
      let outcome = try scratch.run(
        TestPipeline(), on: Data(input.utf8), arguments: ["--report", "r.json", "--threads", "\(threads)"],
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(
        outcome.stderr.contains("warning: in.csv: record 9, byte offset 93: the record has 4983 lines"),
        "\(outcome.stderr)")
      let report = try #require(try JSONSerialization.jsonObject(with: scratch.data("r.json")) as? [String: Any])
      let longest = try #require(report["longest_record"] as? [String: Any])
      #expect(longest["lines"] as? Int == 4983)
      #expect((report["warnings"] as? [String])?.contains { $0.contains("4983 lines") } == true)
    }
  }

  /// A file of long texts has long records, and nothing is odd about that.
  @Test func longTextsAreNoSign() throws {
    let scratch = try Scratch()
    let rows = (0..<400).map { "\($0),\"" + String(repeating: "word\n", count: $0 % 150) + "\"\n" }.joined()
    let outcome = try scratch.run(TestPipeline(), on: Data(("a,b\n" + rows).utf8), arguments: ["--report", "r.json"])
    #expect(outcome.status == 0 && !outcome.stderr.contains("lines"), "\(outcome.stderr)")
    #expect(try scratch.text("r.json").contains("\"lines\": 150"))
    let plain = try scratch.run(TestPipeline(), on: Data("a,b\n1,2\n".utf8), arguments: ["--report", "r.json"])
    #expect(try plain.status == 0 && scratch.text("r.json").contains("\"longest_record\": null"))
  }
}
