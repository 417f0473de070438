import Foundation
import Testing

/// What k-anonymity counts, keeps and refuses, seen from outside.
@Suite struct AnonymityTests {
  /// Person 1 stands in a class alone, with two rows.
  private let rows = "id,q,s\n1,c,z\n1,c,z\n2,a,x\n3,a,x\n4,b,y\n5,b,y\n"

  private func run(_ scratch: Scratch, _ model: String, subject: Bool = true) throws -> Outcome {
    let pipeline = TestPipeline(
      source: "{path: in.csv\(subject ? ", subject: id" : "")}",
      fields: ["id: drop", "q: {class: quasi}", "s: {class: sensitive, stages: [keep]}"], unlisted: "error",
      more: ["anonymity: {k: 2, recoding: global, \(model)}", "order: input"])
    return try scratch.run(pipeline, on: rows)
  }

  @Test func peopleAreCountedNotRows() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "suppress: 50%")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "q,s\na,x\na,x\nb,y\nb,y\n")
  }

  @Test func rowsAreCountedWhereNobodySaysWhoIsWho() throws {
    let scratch = try Scratch()
    for (model, subject) in [("count: records", true), ("suppress: 0%, count: records", false)] {
      let outcome = try run(scratch, model, subject: subject)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == "q,s\nc,z\nc,z\na,x\na,x\nb,y\nb,y\n")
    }
  }

  @Test func suppressedRecordsMayStayAsStars() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "suppress: 50%, suppressed: keep")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "q,s\n*,z\n*,z\na,x\na,x\nb,y\nb,y\n")
  }

  /// Suppressed records that stay are a class to whoever knows that they are in no other: the run, its manifest and
  /// `verify` say what that class is, and the check `k` stops the run.
  @Test func whoStaysSuppressedIsNotHidden() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "suppress: 50%, suppressed: keep")
    #expect(
      outcome.stderr.contains("2 suppressed records stay") && outcome.stderr.contains("they are 1 people, and k is 2"))
    let pipeline = { (more: String) in
      TestPipeline(
        source: "{path: in.csv, subject: id}",
        fields: ["id: keep", "q: {class: quasi}", "s: {class: sensitive, stages: [keep]}"], unlisted: "error",
        more: ["anonymity: {k: 2, recoding: global, suppress: 50%, suppressed: keep}", more])
    }
    try scratch.write("p.yaml", pipeline("").text)
    try scratch.write("in.csv", rows)
    let kept = try PartitionTests.veil(scratch, "run p.yaml --manifest m.json")
    #expect(kept.stderr.contains("warning"))
    let manifest = try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any]
    let anonymity = try #require(manifest?["anonymity"] as? [String: Any])
    let figures = try #require(anonymity["kept_suppressed"] as? [String: Any])
    #expect(figures["records"] as? Int == 2 && figures["people"] as? Int == 1 && figures["below_k"] as? Bool == true)
    let risk = try #require(anonymity["reidentification_risk"] as? [String: Any])
    #expect((risk["prosecutor_maximum"] as? NSNumber)?.doubleValue == 1)
    #expect((risk["prosecutor_average"] as? NSNumber)?.doubleValue == 0.5, "they make no mean better, nor count in one")
    let verified = try PartitionTests.veil(scratch, "verify out.csv --pipeline p.yaml")
    #expect(verified.text.contains("note: 2 suppressed records stay"), "\(verified.text)")

    try scratch.write("p.yaml", pipeline("checks: [{k: 2}]").text)
    let refused = try PartitionTests.veil(scratch, "run p.yaml --output x.csv", status: 1)
    #expect(refused.stderr.contains("the suppressed records that stay hold 1"), "\(refused.stderr)")
    #expect(!scratch.exists("x.csv"))
    // Two people are as good a class as the others.
    try scratch.write("in.csv", rows + "9,d,y\n")
    let two = try PartitionTests.veil(scratch, "run p.yaml")
    #expect(two.stderr.contains("3 suppressed and kept") && !two.stderr.contains("records stay"), "\(two.stderr)")
  }

  @Test func noMoreIsSuppressedThanTheLimit() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "suppress: 33%")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "q,s\n*,z\n*,z\n*,x\n*,x\n*,y\n*,y\n", "two of six are more than 33 %")
  }

  /// Ranges and sets need quotes in CSV; `verify` counts them as they are.
  @Test func classesMayHaveSetsForLabels() throws {
    let scratch = try Scratch()
    let rows = "age,city\n30,Rome\n33,Oslo\n33,Rome\n30,Oslo\n51,Bern\n57,Bern\n"
    let fields = [
      "age: {class: quasi, hierarchy: {interval: {width: 10, levels: 3}}, weight: 0.5}", "city: {class: quasi}",
    ]
    for (labels, ages) in [("hierarchy", ["[30, 40)", "[50, 60)"]), ("sets", ["[30, 40)", "[50, 60)"])] {
      let pipeline = TestPipeline(
        fields: fields, unlisted: "error", more: ["anonymity: {k: 2, labels: \(labels)}", "order: input"])
      let outcome = try scratch.run(pipeline, on: rows)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let expected = zip([0, 0, 0, 0, 1, 1], ["Rome", "Oslo", "Rome", "Oslo", "Bern", "Bern"]).map {
        "\"\(ages[$0])\",\($1)\n"
      }
      #expect(try scratch.text("out.csv") == "age,city\n" + expected.joined())
    }
    let pipeline = TestPipeline(
      fields: ["age: {class: quasi, weight: 9}", "city: {class: quasi}"], unlisted: "error",
      more: ["anonymity: {k: 2, labels: sets}", "order: input"])
    let people = "age,city\n1,Rome\n1,Oslo\n9,Bern\n9,Köln\n9,Ulm\n"
    let outcome = try scratch.run(pipeline, on: people)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let south = "\"{Bern, Köln, Ulm}\""
    let north = "\"{Oslo, Rome}\""
    #expect(
      try scratch.text("out.csv") == "age,city\n1,\(north)\n1,\(north)\n9,\(south)\n9,\(south)\n9,\(south)\n")
  }

  /// A privacy model is met or refused, never left out in silence.
  @Test(arguments: ["l: {s: 2}", "t: {s: 0.2}"])
  func aModelIsNeverLeftOut(_ model: String) throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "suppress: 0%, " + model)
    #expect([0, 1, 2].contains(outcome.status), "\(outcome.stderr)")
    if outcome.status == 0 {
      #expect(try scratch.text("out.csv") == "q,s\n*,z\n*,z\n*,x\n*,x\n*,y\n*,y\n")
    } else {
      #expect(!scratch.exists("out.csv"))
    }
  }

  /// An adversary who knows the quasi-identifiers of everybody links no one with more than 1/k certainty.
  @Test(arguments: ["global", "local"])
  func nobodyIsLinked(_ recoding: String) throws {
    let scratch = try GoldenPipeline.workspace()
    let yaml = try Repository.text("pipelines/research-release.yaml")
    for (model, k) in [("", 5), ("l: {diagnosis: 2}", 5), ("t: {diagnosis: 0.5}", 5), ("risk: {prosecutor: 5%}", 20)] {
      let text = yaml.replacingOccurrences(of: "recoding: global", with: "recoding: \(recoding)\n  \(model)")
      try scratch.write("pipelines/attacked.yaml", text)
      let outcome = try Veil.run(
        ["run", "pipelines/attacked.yaml", "--output", "release.csv"], environment: TestKey.environment,
        directory: scratch.root)
      #expect(outcome.status == 0, "\(model): \(outcome.stderr)")
      try attack(scratch, k: k)
      let verified = try Veil.run(
        ["verify", "release.csv", "--pipeline", "pipelines/attacked.yaml"], directory: scratch.root)
      #expect(verified.status == 0, "\(verified.text)")
    }
  }

  @Test func theGoldenReleaseWithstandsTheAttack() throws {
    let scratch = try GoldenPipeline.workspace()
    try scratch.write("release.csv", Repository.data("fixtures/golden/research-release/expected.csv"))
    try attack(scratch, k: 5)
    // The attack finds what is there to be found: a record of the input as it came.
    let input = try scratch.text("fixtures/customers/customers.csv").split(separator: "\n")
    try scratch.write("release.csv", input[0...1].joined(separator: "\n") + "\n")
    #expect(try attackStatus(scratch, k: 5) != 0)
  }

  private func attackStatus(_ scratch: Scratch, k: Int) throws -> Int32 {
    try Command.run(
      "python3",
      [
        Repository.support("attack.py"), scratch.path("fixtures/customers/customers.csv"), scratch.path("release.csv"),
        "\(k)", "birth_date=date", "postcode=prefix", "gender=exact",
        "education=file:\(Repository.path("fixtures/hierarchies/education.csv"))",
      ]
    ).status
  }

  private func attack(_ scratch: Scratch, k: Int) throws {
    #expect(try attackStatus(scratch, k: k) == 0)
  }

  /// Leaves of a hierarchy that no record has come before those that some have.
  @Test(arguments: ["local", "global"])
  func leavesThatNobodyHasChangeNothing(_ recoding: String) throws {
    let scratch = try Scratch()
    try scratch.write("h.csv", "zero;low;*\nnone;low;*\nten;high;*\nunseen;high;*\none;low;*\ntwo;low;*\n")
    let pipeline = TestPipeline(
      fields: ["id: drop", "q: {class: quasi, hierarchy: {file: h.csv}}", "s: keep"], unlisted: "error",
      more: ["anonymity: {k: 2, recoding: \(recoding)}", "order: input"])
    let outcome = try scratch.run(pipeline, on: "id,q,s\n1,two,a\n2,ten,b\n3,one,c\n4,ten,d\n5,two,e\n6,one,f\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "q,s\ntwo,a\nten,b\none,c\nten,d\ntwo,e\none,f\n")
  }
}
