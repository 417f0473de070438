import Foundation
import Testing

/// Observing, joining, deciding and applying apart under models of sensitive fields: what is promised must be measured on
/// what is published, not taken over from the day when the plan was made.
@Suite struct ModelPartitionTests {
  private static let illnesses = ["flu", "cold", "asthma", "none", ""]

  /// Made-up people; some have several rows, and several illnesses.
  private static let rows: [String] = (0..<300).map { number in
    let person = number % 210
    let age = 20 + (person * 7 + number / 210) % 40
    let illness = illnesses[(number * number + number / 7) % 5]
    return "p\(person),\(age),\(["Bonn", "Ulm", "Trier"][person * person % 3]),\(illness)"
  }

  private static func pipeline(_ model: String, subject: Bool) -> TestPipeline {
    TestPipeline(
      source: "{path: in.csv\(subject ? ", subject: id" : "")}",
      fields: [
        "id: keep", "age: {class: quasi, hierarchy: {interval: {width: 5, levels: 3}}}", "town: {class: quasi}",
        "illness: {class: sensitive, stages: [keep]}",
      ], unlisted: "error", more: ["anonymity: {\(model)\(subject ? "" : ", count: records")}"])
  }

  private static func text(_ rows: some Sequence<String>) -> String {
    (["id,age,town,illness"] + rows).joined(separator: "\n") + "\n"
  }

  private func veil(_ scratch: Scratch, _ arguments: String, status: Int32 = 0) throws -> Outcome {
    try PartitionTests.veil(scratch, arguments, status: status)
  }

  private static let population = "population: everybody.csv"

  private func prepare(_ scratch: Scratch, _ model: String, subject: Bool) throws {
    try scratch.write("p.yaml", Self.pipeline(model, subject: subject).text)
    try scratch.write("in.csv", Self.text(Self.rows))
    let others = (0..<500).map { "o\($0),\(20 + $0 % 40),\(["Bonn", "Ulm", "Trier"][$0 * $0 % 3]),flu" }
    try scratch.write("everybody.csv", Self.text(others + Self.rows))
  }

  /// Any split and any order of joining: the same plan, byte for byte, and the same output as one run alone.
  @Test(
    arguments: [
      "k: 3, l: {illness: 3}, effort: fast", "k: 3, recoding: global, suppress: 10%, l: {illness: {entropy: 2}}",
      "k: 3, t: {illness: 0.3}, suppress: 5%, suppressed: keep, effort: fast",
      "k: 2, recoding: global, suppress: 20%, beta: {illness: 1.5}", "k: 2, alpha: {illness: 0.6}, effort: fast",
      "k: 2, l: {illness: {recursive: {c: 3, l: 2}}}, effort: fast", "k: 2, disclosure: {illness: 2}, effort: fast",
      "k: 3, risk: {average: 10%}, effort: fast", "k: 3, \(population), k_map: 12, l: {illness: 2}",
      "k: 2, \(population), presence: {min: 0.2, max: 0.9}",
      "k: 2, recoding: global, suppress: 10%, \(population), risk: {marketer: 5%}",
    ], [true, false])
  func anySplitGivesTheSame(_ model: String, subject: Bool) throws {
    let scratch = try Scratch()
    try prepare(scratch, model, subject: subject)
    try #require(try veil(scratch, "run p.yaml --output alone.csv --save-plan alone.plan").status == 0)
    let verified = try veil(scratch, "verify alone.csv --pipeline p.yaml")
    #expect(verified.text.contains("met") && !verified.text.contains("NOT MET"), "\(verified.text)")

    var plans = [try scratch.data("alone.plan")]
    for order in [[0], [1, 0], [2, 0, 1]] {
      let parts = (0..<order.count).map { part in
        Self.rows.enumerated().filter { ($0.offset * 31 / 7) % order.count == part }.map(\.element)
      }
      for (part, rows) in parts.enumerated() {
        try scratch.write("in-\(part).csv", Self.text(order.count == 2 ? rows.reversed() : rows))
        _ = try veil(scratch, "anonymize observe p.yaml --input in-\(part).csv --output \(part).hist")
      }
      let names = order.map { "\($0).hist" }.joined(separator: " ")
      _ = try veil(scratch, "anonymize merge \(names) --output all.hist")
      // The ids of the parts are in it, which differ from split to split, but not with the order of joining.
      let sorted = order.sorted().map { "\($0).hist" }.joined(separator: " ")
      _ = try veil(scratch, "anonymize merge \(sorted) --output sorted.hist")
      #expect(try scratch.data("all.hist") == scratch.data("sorted.hist"))
      _ = try veil(scratch, "anonymize decide p.yaml all.hist --output merged.plan")
      _ = try veil(scratch, "anonymize decide p.yaml \(names) --output apart.plan")
      plans += [try scratch.data("merged.plan"), try scratch.data("apart.plan")]
      let planned = try veil(scratch, "run p.yaml --plan merged.plan --output planned.csv --manifest planned.json")
      #expect(try scratch.data("planned.csv").lines == scratch.data("alone.csv").lines)
      #expect(planned.stderr.contains(": met"), "\(planned.stderr)")
      #expect(try scratch.text("planned.json").contains("the records it was made for"))
      // Each part for itself: together they are the whole, in another order.
      var published: [Substring] = []
      for part in parts.indices {
        _ = try veil(scratch, "run p.yaml --plan merged.plan --input in-\(part).csv --output out-\(part).csv")
        published += try scratch.text("out-\(part).csv").split(separator: "\n").dropFirst()
      }
      #expect(published.sorted() == (try scratch.text("alone.csv")).split(separator: "\n").dropFirst().sorted())
    }
    #expect(Set(plans).count == 1)
    #expect(try scratch.mode("all.hist") == 0o600 && scratch.mode("merged.plan") == 0o600)
  }

  /// The same people in the same classes with other sensitive values: k holds, and the models must be measured anew.
  @Test(arguments: ["l: {illness: 3}", "t: {illness: 0.3}", "alpha: {illness: 0.6}"], ["local", "global"])
  func otherValuesAreNoPartOfThePlan(_ model: String, _ recoding: String) throws {
    let scratch = try Scratch()
    try prepare(scratch, "k: 3, recoding: \(recoding), \(model)", subject: true)
    try scratch.write("p.yaml", try scratch.text("p.yaml") + "order: input\n")
    _ = try veil(scratch, "run p.yaml --output alone.csv --save-plan release.plan")
    let alone = try scratch.text("alone.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    // Whoever is in the class of the first person has one illness.
    let region = String(alone[0].dropFirst().dropLast(alone[0].count > 3 ? 1 : 0).joined(separator: ","))
    let out = try scratch.text("alone.csv").split(separator: "\n").dropFirst()
    let changed = zip(Self.rows, out).map { row, line in
      line.contains(",\(region)") ? row.split(separator: ",").prefix(3).joined(separator: ",") + ",asthma" : row
    }
    try scratch.write("other.csv", Self.text(changed))
    let refused = try veil(scratch, "run p.yaml --plan release.plan --input other.csv --output x.csv", status: 1)
    #expect(refused.stderr.contains("of 'illness'") && refused.stderr.contains("is promised"), "\(refused.stderr)")
    #expect(!refused.stderr.contains("asthma") && !scratch.exists("x.csv"))
    // As few as there are of one class, of whom one has an illness that nobody of the class had.
    let two = Self.rows[0].split(separator: ",").prefix(3).joined(separator: ",") + ",plague"
    try scratch.write("few.csv", Self.text([two]))
    _ = try veil(scratch, "run p.yaml --plan release.plan --input few.csv --output x.csv", status: 1)
    #expect(!scratch.exists("x.csv"))
    // A part of the very records is one.
    try scratch.write("part.csv", Self.text(Self.rows.prefix(7)))
    let part = try veil(scratch, "run p.yaml --plan release.plan --input part.csv --output x.csv")
    #expect(part.stderr.contains("a part of what the plan was made for") && part.stderr.contains("every model"))
  }

  /// Other records may be published where all that is promised holds among them.
  @Test func otherRecordsThatHoldArePublished() throws {
    let scratch = try Scratch()
    try prepare(scratch, "k: 3, l: {illness: 2}, recoding: global", subject: true)
    _ = try veil(scratch, "run p.yaml --output alone.csv --save-plan release.plan")
    let twice = Self.rows + Self.rows.map { "q\($0)" }
    try scratch.write("twice.csv", Self.text(twice))
    let outcome = try veil(scratch, "run p.yaml --plan release.plan --input twice.csv --manifest m.json")
    #expect(outcome.stderr.contains("k=3 met on other records"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("distinct l-diversity of 'illness'"), "\(outcome.stderr)")
    #expect(try veil(scratch, "verify out.csv --pipeline p.yaml").status == 0)
    #expect(try scratch.text("m.json").contains("\"met\": true"))
  }

  /// As many records of each class as the plan was made for, and all of them one person's.
  @Test func onePersonIsNoWholeClass() throws {
    let scratch = try Scratch()
    for model in ["k: 3", "k: 3, l: {illness: 2}"] {
      try prepare(scratch, model, subject: true)
      _ = try veil(scratch, "run p.yaml --output alone.csv --save-plan release.plan")
      let one = Self.rows.map { row in "same" + row.drop { $0 != "," } }
      try scratch.write("one.csv", Self.text(one))
      let refused = try veil(scratch, "run p.yaml --plan release.plan --input one.csv --output x.csv", status: 1)
      #expect(refused.stderr.contains("only 1 people"), "\(refused.stderr)")
      #expect(!scratch.exists("x.csv"))
    }
  }

  @Test func whatDependsOnTheModelsIsCompared() throws {
    let scratch = try Scratch()
    let model = "k: 3, l: {illness: 2}"
    try prepare(scratch, model, subject: true)
    let pipeline = Self.pipeline(model, subject: true).text
    _ = try veil(scratch, "anonymize observe p.yaml --output all.hist")
    _ = try veil(scratch, "anonymize decide p.yaml all.hist --output release.plan")
    for (old, new) in [
      ("l: {illness: 2}", "l: {illness: 3}"), ("l: {illness: 2}", "t: {illness: 0.2}"),
      (", l: {illness: 2}", ""), ("stages: [keep]", "stages: [lowercase]"),
      ("l: {illness: 2}", "l: {illness: 2}, suppressed: keep"),
      ("l: {illness: 2}", "l: {illness: 2}, risk: {average: 50%}"),
    ] {
      try scratch.write("other.yaml", pipeline.replacing(old, with: new))
      let outcome = try veil(scratch, "run other.yaml --plan release.plan", status: 4)
      #expect(outcome.stderr.contains("release.plan was made for another pipeline"), "\(outcome.stderr)")
    }
    try scratch.write("other.yaml", pipeline.replacing(", l: {illness: 2}", with: ""))
    _ = try veil(scratch, "anonymize decide other.yaml all.hist --output other.plan", status: 4)
    _ = try veil(scratch, "anonymize observe other.yaml --output bare.hist")
    _ = try veil(scratch, "anonymize decide p.yaml bare.hist --output other.plan", status: 4)
    _ = try veil(scratch, "anonymize merge all.hist bare.hist --output other.hist", status: 4)
    #expect(!scratch.exists("other.plan") && !scratch.exists("other.hist"))
  }
}
