import Foundation
import Testing

/// A plan from a file, applied to a part of its records or to others: checks, labels, limits and figures are about what is
/// published, and not about what the plan was made for.
@Suite struct AppliedPlanTests {
  private func anonymity(_ scratch: Scratch, _ manifest: String = "m.json") throws -> [String: Any] {
    try #require(try document(scratch, manifest)["anonymity"] as? [String: Any])
  }

  private func document(_ scratch: Scratch, _ manifest: String = "m.json") throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: scratch.data(manifest)) as? [String: Any])
  }

  private static func pipeline(
    _ model: String, subject: String? = nil, id: String = "drop", note: String = "keep", more: [String] = []
  ) -> String {
    TestPipeline(
      source: "{path: in.csv\(subject.map { ", subject: \($0)" } ?? "")}",
      fields: (subject == nil ? [] : ["id: \(id)"]) + ["age: {class: quasi}", "note: \(note)"], unlisted: "error",
      more: ["anonymity: {\(model)}"] + more
    ).text
  }

  private static let sensitive = "{class: sensitive, stages: [keep]}"

  /// One record of a plan for seven: k, its check and the label hold for all parts together.
  @Test func aPartIsCalledAndCheckedAsWhatItIs() throws {
    let scratch = try Scratch()
    let model = "k: 3, l: {note: 2}, suppress: 30%"
    try scratch.write("p.yaml", Self.pipeline(model, note: Self.sensitive))
    try scratch.write("checked.yaml", Self.pipeline(model, note: Self.sensitive, more: ["checks: [{k: 3}]"]))
    try scratch.write("in.csv", "age,note\n31,hiv\n31,flu\n31,flu\n41,y\n41,x\n41,y\n77,hiv\n")
    try scratch.write("part.csv", "age,note\n31,hiv\n")
    let whole = try PartitionTests.veil(scratch, "run checked.yaml --save-plan release.plan --manifest m.json")
    let label = "k-anonymous (k=3), counted in records, l-diversity (l=2)"
    #expect(
      whole.stderr.contains("; \(label); up to 66.7% of a class have one value of 'note' ->"), "\(whole.stderr)")
    #expect(try anonymity(scratch)["loss"] is NSNumber)

    let arguments = "--plan release.plan --input part.csv --output x.csv --manifest m.json"
    let refused = try PartitionTests.veil(scratch, "run checked.yaml \(arguments)", status: 1)
    #expect(refused.stderr.contains("check 'k: 3' failed: the smallest class holds 1"), "\(refused.stderr)")
    #expect(!scratch.exists("x.csv"))

    let part = try PartitionTests.veil(scratch, "run p.yaml \(arguments)")
    #expect(part.stderr.contains("; personal data ->") && !part.stderr.contains("loss"), "\(part.stderr)")
    let manifest = try document(scratch)
    #expect(manifest["label"] as? String == "personal data")
    let limitations = try #require(manifest["limitations"] as? [String])
    #expect(limitations.contains { $0.contains("a part of the records it was made for") }, "\(limitations)")
    #expect(!limitations.contains { $0.contains("holds for this file alone") }, "\(limitations)")
    let outputs = try #require(manifest["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["label"] as? String } == ["personal data"])
    let found = try anonymity(scratch)
    #expect(found["smallest_class"] as? Int == 1 && found["loss"] is NSNull)
    let columns = try #require(found["quasi_identifiers"] as? [[String: Any]])
    #expect(columns.allSatisfy { $0["loss"] is NSNull })
  }

  /// With tokens it is pseudonymous; and a part that keeps k by itself is what the whole is.
  @Test func aPartWithTokensIsPseudonymous() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline("k: 3", subject: "id", id: "{pseudonym: {key: test}}"))
    try scratch.write("bare.yaml", Self.pipeline("k: 3", subject: "id"))
    let rows = (0..<4).map { "p\($0),31,x" }
    try scratch.write("in.csv", "id,age,note\n" + rows.joined(separator: "\n") + "\n")
    try scratch.write("one.csv", "id,age,note\n\(rows[0])\n")
    try scratch.write("three.csv", "id,age,note\n" + rows.prefix(3).joined(separator: "\n") + "\n")
    for (pipeline, input, label) in [
      ("p", "one", "pseudonymous"), ("bare", "one", "personal data"), ("bare", "three", "k-anonymous (k=3)"),
    ] {
      try PartitionTests.veil(scratch, "run \(pipeline).yaml --save-plan release.plan")
      let outcome = try PartitionTests.veil(
        scratch, "run \(pipeline).yaml --plan release.plan --input \(input).csv --output x.csv")
      #expect(outcome.stderr.contains("; \(label) ->"), "\(outcome.stderr)")
    }
  }

  /// As many records of each class, of fewer people, who are still k: other records, whose figures are their own.
  @Test func fewerPeopleAreOtherRecords() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline("k: 3", subject: "id"))
    try scratch.write("checked.yaml", Self.pipeline("k: 3", subject: "id", more: ["checks: [{k: 4}]"]))
    try scratch.write("in.csv", "id,age,note\n" + "abcde".map { "\($0),31,1\n" }.joined())
    try scratch.write("other.csv", "id,age,note\n" + "aaade".map { "\($0),31,1\n" }.joined())
    try PartitionTests.veil(scratch, "run p.yaml --save-plan release.plan")
    let arguments = "--plan release.plan --input other.csv --output x.csv --manifest m.json"
    let refused = try PartitionTests.veil(scratch, "run checked.yaml \(arguments)", status: 1)
    #expect(refused.stderr.contains("the smallest class holds 3") && !scratch.exists("x.csv"), "\(refused.stderr)")

    let other = try PartitionTests.veil(scratch, "run p.yaml \(arguments)")
    #expect(other.stderr.contains("k=3 met on other records than the plan was made for: 1 classes, the smallest of 3"))
    #expect(!other.stderr.contains("loss"), "\(other.stderr)")
    let found = try anonymity(scratch)
    #expect(found["smallest_class"] as? Int == 3 && found["people"] is NSNull && found["loss"] is NSNull)
    #expect(found["reidentification_risk"] is NSNull)
    let plan = try #require(found["plan"] as? [String: Any])
    #expect(plan["applies_to"] as? String == "other records than it was made for")
    // The very people: a larger k that is checked is counted to the end.
    let whole = try PartitionTests.veil(scratch, "run checked.yaml --plan release.plan --manifest m.json")
    #expect(whole.stderr.contains("the smallest of 5"), "\(whole.stderr)")
    // Four of the five records, all of one person, are no part of five people's.
    try scratch.write("one.csv", "id,age,note\n" + "aaaa".map { "\($0),31,1\n" }.joined())
    let one = try PartitionTests.veil(
      scratch, "run p.yaml --plan release.plan --input one.csv --output y.csv", status: 1)
    #expect(one.stderr.contains("only 1 people") && !scratch.exists("y.csv"), "\(one.stderr)")
  }

  /// Records that the plan suppresses are counted against `suppress` where they are others than it was made for.
  @Test func suppressHoldsForOtherRecords() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline("k: 3, suppress: 10%"))
    try scratch.write("in.csv", "age,note\n" + String(repeating: "31,a\n", count: 11) + "77,b\n")
    try scratch.write("others.csv", "age,note\n" + String(repeating: "77,b\n", count: 4))
    try scratch.write("part.csv", "age,note\n31,a\n31,a\n31,a\n77,b\n")
    try PartitionTests.veil(scratch, "run p.yaml --save-plan release.plan")
    let refused = try PartitionTests.veil(
      scratch, "run p.yaml --plan release.plan --input others.csv --output x.csv", status: 1)
    #expect(refused.stderr.contains("4 of 4 records would be suppressed"), "\(refused.stderr)")
    #expect(refused.stderr.contains("'suppress' allows 10") && !refused.stderr.contains("77"), "\(refused.stderr)")
    #expect(!scratch.exists("x.csv"))
    // What the plan itself suppresses was weighed when it was decided, wherever the parts were cut.
    try PartitionTests.veil(scratch, "run p.yaml --plan release.plan --input part.csv --output x.csv")
    #expect(try scratch.text("x.csv") == "age,note\n31,a\n31,a\n31,a\n")
    // Where all may be suppressed, nothing is said of a class.
    try scratch.write("free.yaml", Self.pipeline("k: 3, suppress: 100%"))
    try PartitionTests.veil(scratch, "anonymize observe free.yaml --output all.hist")
    try PartitionTests.veil(scratch, "anonymize decide free.yaml all.hist --output free.plan")
    let none = try PartitionTests.veil(
      scratch, "run free.yaml --plan free.plan --input others.csv --output y.csv")
    #expect(none.stderr.contains("0 classes") && !none.stderr.contains("smallest"), "\(none.stderr)")
  }

  /// A plan that singles out more people than `intersection` allows is refused when it is applied, too.
  @Test func theIntersectionOfAPlanIsLimited() throws {
    let scratch = try Scratch()
    try scratch.write("old.yaml", Self.pipeline("k: 2"))
    try scratch.write("loose.yaml", Self.pipeline("k: 2, previous: old.plan"))
    try scratch.write("p.yaml", Self.pipeline("k: 2, previous: old.plan, intersection: {max: 0}"))
    try scratch.write("in.csv", "age,note\n31,1\n31,1\n40,2\n40,1\n")
    try scratch.write("new.csv", "age,note\n31,1\n40,2\n")
    try PartitionTests.veil(scratch, "run old.yaml --save-plan old.plan")
    try PartitionTests.veil(scratch, "run loose.yaml --input new.csv --output new-out.csv --save-plan new.plan")
    for arguments in ["", "--plan new.plan"] {
      let outcome = try PartitionTests.veil(
        scratch, "run p.yaml --input new.csv --output x.csv \(arguments)", status: 1)
      #expect(outcome.stderr.contains("2 of 2 people") && outcome.stderr.contains("'intersection' allows 0"))
      #expect(!scratch.exists("x.csv"))
    }
    // In step nobody is singled out; of other records than the plan was made for nobody has counted it.
    try PartitionTests.veil(scratch, "run p.yaml --output out.csv --save-plan step.plan")
    try PartitionTests.veil(scratch, "run p.yaml --plan step.plan --output x.csv")
    try scratch.write("more.csv", "age,note\n31,1\n31,1\n31,1\n40,2\n40,1\n")
    let more = try PartitionTests.veil(
      scratch, "run p.yaml --plan step.plan --input more.csv --output y.csv", status: 1)
    #expect(more.stderr.contains("measured on other records") && !scratch.exists("y.csv"), "\(more.stderr)")
    let said = try PartitionTests.veil(
      scratch, "run loose.yaml --plan step.plan --input more.csv --output y.csv --manifest m.json")
    #expect(!said.stderr.contains("in both releases"), "\(said.stderr)")
    #expect(try anonymity(scratch)["previous_release"] is NSNull)
  }

  /// Pseudonyms of different keys join nobody: that is no proof that nobody is singled out.
  @Test func filesOfDifferentKeysAreNotIntersected() throws {
    let scratch = try Scratch()
    let id = "{pseudonym: {key: test}}"
    try scratch.write("old.yaml", Self.pipeline("k: 2", subject: "id", id: id))
    try scratch.write(
      "p.yaml", Self.pipeline("k: 2, previous: old.plan, intersection: {max: 0}", subject: "id", id: id))
    try scratch.write("in.csv", "id,age,note\na,31,1\nb,31,1\nc,40,2\nd,40,1\n")
    try scratch.write("new.csv", "id,age,note\na,31,1\nc,31,1\nb,40,2\nd,40,1\n")
    try PartitionTests.veil(scratch, "run old.yaml --output old.csv --save-plan old.plan")
    let arguments = ["run", "old.yaml", "--input", "new.csv", "--output"]
    let verify = "verify new-out.csv --pipeline p.yaml --previous old.csv"
    for (key, status, words) in [
      (TestKey.hex, 1, "4 of 4 people"), (TestKey.saltHex, 4, "made with different keys"),
    ] {
      _ = try Veil.run(
        arguments + ["new-out.csv"], environment: ["VEIL_TEST_KEY": "hex:\(key)"], directory: scratch.root)
      let outcome = try PartitionTests.veil(scratch, verify, status: Int32(status))
      #expect((outcome.text + outcome.stderr).contains(words), "\(outcome.text)\n\(outcome.stderr)")
    }
  }
}
