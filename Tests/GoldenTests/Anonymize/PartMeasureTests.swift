import Foundation
import Testing

/// A plan applied part by part: what is said of the fields beside the quasi-identifiers of each part holds of all together.
@Suite struct PartMeasureTests {
  @Test func partsAllowForNoChance() throws {
    let scratch = try Scratch()
    // 20 parts of 40 records. In each, 8 notes are one record's alone: fewer than chance allows in 40 records, and a fifth of all.
    func part(_ number: Int) -> [String] {
      (0..<40).map { "\($0 % 2),\($0 < 8 ? "n\(number)-\($0)" : "common")\n" }
    }
    let parts = (0..<20).map(part)
    let pipeline = TestPipeline(
      fields: ["city: {class: quasi}", "note: keep"], unlisted: "error", more: ["anonymity: {k: 3}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", "city,note\n" + parts.joined().joined())
    let whole = try PartitionTests.veil(scratch, "run p.yaml --save-plan release.plan")
    #expect(whole.stderr.contains("; pseudonymous"), "\(whole.stderr)")
    try scratch.write("part.csv", "city,note\n" + parts[0].joined())
    let alone = try PartitionTests.veil(scratch, "run p.yaml --input part.csv --output alone.csv")
    #expect(alone.stderr.contains("; k-anonymous (k=3)"), "\(alone.stderr)")
    let applied = try PartitionTests.veil(
      scratch, "run p.yaml --plan release.plan --input part.csv --output part-out.csv --manifest m.json")
    #expect(!applied.stderr.contains("k-anonymous"), "\(applied.stderr)")
    #expect(applied.stderr.contains("'note' tells people apart: 8 of 40 values occur once"), "\(applied.stderr)")
    let manifest = try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any]
    let outputs = try #require(manifest?["outputs"] as? [[String: Any]])
    let fields = try #require(outputs.first?["measured"] as? [[String: Any]])
    #expect(fields.first?["of_all_records"] as? Bool == false, "\(fields)")
    // The plan applied to all of its records again is the whole.
    let again = try PartitionTests.veil(scratch, "run p.yaml --plan release.plan --output again.csv --manifest m.json")
    #expect(again.stderr.contains("; pseudonymous"), "\(again.stderr)")
  }
}
