import Foundation
import Testing

/// Where bad records are and why, and nothing of what they hold.
@Suite struct QuarantineTests {
  private let input = "a,b\n1,x\ncanary1\n2,y\ncanary2,\"z\"z\n3,\"unlined\n"

  private func entries(_ scratch: Scratch) throws -> [[String: Any]] {
    try scratch.text("bad.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func badRecordsAreLocated() throws {
    for (threads, size) in [(1, 1 << 20), (2, 8), (3, 1)] {
      let scratch = try Scratch()
      let pipeline = TestPipeline(more: ["bad_records: {action: skip, limit: 80%, quarantine: bad.jsonl}"])
      let outcome = try scratch.run(
        pipeline, on: Data(input.utf8), arguments: ["--threads", "\(threads)"],
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let found = try entries(scratch)
      #expect(found.map { $0["record"] as? Int } == [2, 4, 5])
      for entry in found {
        #expect(entry["file"] as? String == "in.csv")
        #expect((entry["code"] as? String)?.wholeMatch(of: /[a-z_]+/) != nil)
        #expect((entry["reason"] as? String)?.isEmpty == false)
        let offset = try #require(entry["byte_offset"] as? Int)
        #expect((0..<input.utf8.count).contains(offset))
      }
      #expect(found[0]["byte_offset"] as? Int == 8)
      #expect(!(try scratch.text("bad.jsonl")).contains("canary"))
      #expect(try scratch.mode("bad.jsonl") == 0o600)
    }
  }

  /// It is needed most when bad records end the run.
  @Test(arguments: [
    ("{action: skip, limit: 1, quarantine: bad.jsonl}", Int32(1)),
    ("{action: skip, limit: 10%, quarantine: bad.jsonl}", 1),
    ("{quarantine: bad.jsonl}", 3),
  ])
  func aFailedRunHasOneToo(_ rule: String, _ status: Int32) throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(more: ["bad_records: \(rule)"]), on: input)
    #expect(outcome.status == status, "\(outcome.stderr)")
    #expect(!scratch.exists("out.csv"))
    #expect(try entries(scratch).first?["record"] as? Int == 2)
    if status == 3 { #expect(try entries(scratch).count == 1) }
  }

  /// Two passes find each record once.
  @Test func twoPassesNoteEachOnce() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["a: drop", "b: {class: quasi}"], unlisted: "error",
      more: ["anonymity: {k: 2, suppress: 0%}", "bad_records: {action: skip, quarantine: bad.jsonl}"])
    let outcome = try scratch.run(pipeline, on: "a,b\n1,x\nbad\n2,x\nworse\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try entries(scratch).map { $0["record"] as? Int } == [2, 4])
    let clean = try scratch.run(pipeline, on: "a,b\n1,x\n2,x\n")
    #expect(clean.status == 0)
    #expect(try entries(scratch).map { $0["record"] as? Int } == [2, 4], "a later run takes no line away")
  }

  /// The status does not depend on where the input was cut: what comes first in the file ends the run.
  @Test func theFirstProblemIsTheOneThatIsTold() throws {
    var pipeline = TestPipeline.ndjson(fields: ["a: keep"])
    pipeline.unlisted = "error"
    for (input, status) in [
      ("{\"a\":1}\n{\"a\":\n{\"a\":1,\"new\":2}\n", Int32(3)), ("{\"a\":1}\n{\"a\":1,\"new\":2}\n{\"a\":\n", 4),
    ] {
      for size in [1, 8, 20, 1000] {
        let scratch = try Scratch()
        let outcome = try scratch.run(
          pipeline, on: Data(input.utf8), named: "in.ndjson", environment: ["VEIL_CHUNK_BYTES": "\(size)"])
        #expect(outcome.status == status, "\(size): \(outcome.stderr)")
      }
    }
    pipeline.more = ["bad_records: {action: skip, limit: 0}"]
    for size in [1, 1000] {
      let scratch = try Scratch()
      let outcome = try scratch.run(
        pipeline, on: Data("{\"a\":\n{\"new\":1}\n".utf8), named: "in.ndjson",
        environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 1, "\(size): \(outcome.stderr)")
    }
  }

  /// Where no other quote follows, one that is left open costs its own line alone.
  @Test func anOpenQuoteCostsItsLine() throws {
    for size in [1, 7, 1000] {
      let scratch = try Scratch()
      let pipeline = TestPipeline(more: ["bad_records: {action: skip, limit: 2}"])
      let outcome = try scratch.run(
        pipeline, on: Data("a,b\n1,x\n2,\"open\n3,y\nz\n4,w\n".utf8), environment: ["VEIL_CHUNK_BYTES": "\(size)"])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == "a,b\n1,x\n3,y\n4,w\n")
      #expect(outcome.stderr.contains("record 2, byte offset 10: a quote is left open"), "\(outcome.stderr)")
    }
  }

  /// What stands behind an open quote is looked through up to the most that a record may be.
  @Test func anOpenQuoteEndsAtTheLimit() throws {
    let scratch = try Scratch()
    let rows = String(repeating: "1,some more text to make the file long\n", count: 500_000)
    let pipeline = TestPipeline(more: ["bad_records: {action: skip}"])
    let outcome = try scratch.run(pipeline, on: Data(("a,b\n1,x\n2,\"open\n" + rows).utf8))
    #expect(outcome.status == 3, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("begins at byte 8") && outcome.stderr.contains("16 MiB"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("was a quote left open?") && !outcome.stderr.contains("some more"))
    #expect(try scratch.list() == ["in.csv", "pipeline.yaml"])
  }

  /// A map's table is read too, and must not be replaced.
  @Test func aTableIsNoPlaceForTheExport() throws {
    let scratch = try Scratch()
    try scratch.write("table.csv", "x,y\n")
    let outcome = try scratch.run(
      TestPipeline(sink: "{path: table.csv}", fields: ["a: {map: {file: table.csv, default: z}}"]), on: "a\nx\n")
    #expect(outcome.status == 2 && outcome.stderr.contains("table.csv"), "\(outcome.stderr)")
    #expect(try scratch.text("table.csv") == "x,y\n")
  }
}
