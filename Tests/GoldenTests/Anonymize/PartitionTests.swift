import Foundation
import Testing

/// Observing, joining, deciding and applying apart: what a cluster does must come to what one run does.
@Suite struct PartitionTests {
  /// Made-up people: some have several rows, in different partitions.
  static let rows: [String] = (0..<240).map { number in
    let person = number % 170
    let age = 20 + (person * 7 + number / 170) % 45
    return "p\(person),\(age),\(["Bonn", "Köln", "Ulm", "\"Bad, Ems\""][person * person % 4]),\(number)"
  }
  static let header = "id,age,town,note"

  static func pipeline(_ model: String, subject: Bool = true, more: [String] = []) -> TestPipeline {
    TestPipeline(
      source: "{path: in.csv\(subject ? ", subject: id" : "")}",
      fields: [
        "id: drop", "age: {class: quasi, hierarchy: {interval: {width: 5, levels: 3}}}", "town: {class: quasi}",
        "note: keep",
      ], unlisted: "error", more: ["anonymity: {\(model)\(subject ? "" : ", count: records")}"] + more)
  }

  static func text(_ rows: some Sequence<String>) -> String { ([header] + rows).joined(separator: "\n") + "\n" }

  /// Runs `veil` in the scratch folder, with the tests' keys.
  @discardableResult
  static func veil(_ scratch: Scratch, _ arguments: String, status: Int32 = 0) throws -> Outcome {
    let outcome = try scratch.veil(arguments)
    #expect(outcome.status == status, "\(arguments)\n\(outcome.stderr)")
    return outcome
  }

  /// Any split and any order of joining: the same plan, byte for byte, and the same output as one run alone.
  @Test(
    arguments: ["k: 4", "k: 4, recoding: global, suppress: 10%", "k: 5, suppress: 8%, suppressed: keep"],
    [true, false])
  func anySplitGivesTheSame(_ model: String, subject: Bool) throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline(model, subject: subject).text)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "run p.yaml --output alone.csv --save-plan alone.plan")

    var plans: [Data] = [try scratch.data("alone.plan")]
    for (split, order) in [(1, [0]), (2, [1, 0]), (3, [2, 0, 1])] {
      let parts = (0..<split).map { part in
        Self.rows.enumerated().filter { ($0.offset * 31 / 7) % split == part }.map(\.element)
      }
      for (part, rows) in parts.enumerated() {
        try scratch.write("in-\(part).csv", Self.text(split == 2 ? rows.reversed() : rows))
        try Self.veil(scratch, "anonymize observe p.yaml --input in-\(part).csv --output \(part).hist")
      }
      let names = order.map { "\($0).hist" }
      try Self.veil(scratch, "anonymize merge \(names.joined(separator: " ")) --output all.hist")
      // The ids of the parts are in it, which differ from split to split, but not with the order of joining.
      let sorted = order.sorted().map { "\($0).hist" }.joined(separator: " ")
      try Self.veil(scratch, "anonymize merge \(sorted) --output sorted.hist")
      #expect(try scratch.data("all.hist") == scratch.data("sorted.hist"))
      try Self.veil(scratch, "anonymize decide p.yaml all.hist --output merged.plan")
      try Self.veil(scratch, "anonymize decide p.yaml \(names.joined(separator: " ")) --output apart.plan")
      plans += [try scratch.data("merged.plan"), try scratch.data("apart.plan")]
      try Self.veil(scratch, "run p.yaml --plan merged.plan --output planned.csv")
      #expect(try scratch.data("planned.csv").lines == scratch.data("alone.csv").lines)
      // Each part for itself: together they are the whole, in another order.
      var published: [Substring] = []
      for part in parts.indices {
        try Self.veil(scratch, "run p.yaml --plan merged.plan --input in-\(part).csv --output out-\(part).csv")
        published += try scratch.text("out-\(part).csv").split(separator: "\n").dropFirst()
      }
      let alone = try scratch.text("alone.csv").split(separator: "\n").dropFirst()
      #expect(published.sorted() == alone.sorted())
    }
    #expect(Set(plans).count == 1)
    #expect(try scratch.mode("all.hist") == 0o600)
    #expect(try scratch.mode("merged.plan") == 0o600)
  }

  @Test func aPlanForAnotherPipelineIsRefused() throws {
    let scratch = try Scratch()
    let pipeline = Self.pipeline("k: 4").text
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "anonymize observe p.yaml --output all.hist")
    try Self.veil(scratch, "anonymize decide p.yaml all.hist --output release.plan")
    let changes = [
      ("k: 4", "k: 5"), ("width: 5", "width: 10"), ("k: 4", "k: 4, recoding: global"), ("k: 4", "k: 4, count: records"),
      ("town: {class: quasi}", "town: {class: quasi, stages: [lowercase]}"), ("note: keep", "note: {class: quasi}"),
      ("k: 4", "k: 4, suppress: 1%"),
    ]
    for (old, new) in changes {
      try scratch.write("other.yaml", pipeline.replacing(old, with: new))
      let outcome = try Self.veil(scratch, "run other.yaml --plan release.plan", status: 4)
      #expect(outcome.stderr.contains("release.plan was made for another pipeline"), "\(outcome.stderr)")
      #expect(!scratch.exists("out.csv"))
    }
    try scratch.write("other.yaml", pipeline.replacing("width: 5", with: "width: 10"))
    try Self.veil(scratch, "anonymize decide other.yaml all.hist --output other.plan", status: 4)
    // Each for the other.
    let odd = try Self.veil(scratch, "run p.yaml --plan all.hist", status: 3)
    #expect(odd.stderr.contains("it is a histogram"))
    try Self.veil(scratch, "anonymize decide p.yaml release.plan --output other.plan", status: 3)
    try Self.veil(scratch, "run p.yaml --plan in.csv", status: 3)
    #expect(!scratch.exists("out.csv") && !scratch.exists("other.plan"))
  }

  @Test func peopleAreToldApartUnderOneKey() throws {
    let scratch = try Scratch()
    // Ten rows, five people: everyone is in both partitions.
    let rows = (0..<10).map { "p\($0 % 5),30,Bonn,\($0)" }
    let pipeline = Self.pipeline("k: 6").text
    try scratch.write("p.yaml", pipeline)
    try scratch.write("a.csv", Self.text(rows[..<5]))
    try scratch.write("b.csv", Self.text(rows[5...]))
    for part in ["a", "b"] {
      try Self.veil(scratch, "anonymize observe p.yaml --input \(part).csv --output \(part).hist")
    }
    let unmet = try Self.veil(scratch, "anonymize decide p.yaml a.hist b.hist --output x.plan", status: 1)
    #expect(unmet.stderr.contains("only 5 people"))

    // Without a key they cannot be joined, and are of use alone.
    try scratch.write(
      "bare.yaml",
      pipeline.replacing("keys:\n  test: {env: VEIL_TEST_KEY}\n", with: "").replacing("k: 6", with: "k: 5"))
    for part in ["a", "b"] {
      try Self.veil(scratch, "anonymize observe bare.yaml --input \(part).csv --output \(part).hist")
    }
    let refused = try Self.veil(scratch, "anonymize merge a.hist b.hist --output all.hist", status: 4)
    #expect(refused.stderr.contains("--subject-key"))
    try Self.veil(scratch, "anonymize decide bare.yaml a.hist --output a.plan")
    #expect(!scratch.exists("all.hist"))
  }

  @Test func encryptedFilesNeedTheirKey() throws {
    let scratch = try Scratch()
    let pipeline = Self.pipeline("k: 4").text
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "run p.yaml --output alone.csv")
    try Self.veil(scratch, "anonymize observe p.yaml --output all.hist --encrypt-key test")
    #expect(!String(decoding: try scratch.data("all.hist"), as: UTF8.self).contains("Bonn"))
    let refused = try Self.veil(scratch, "anonymize merge all.hist --output x.hist", status: 3)
    #expect(refused.stderr.contains("--pipeline"))
    try Self.veil(scratch, "anonymize merge all.hist --output x.hist --pipeline p.yaml")
    #expect(!String(decoding: try scratch.data("x.hist"), as: UTF8.self).contains("Bonn"), "stays encrypted")
    try Self.veil(scratch, "anonymize decide p.yaml x.hist --output release.plan")
    #expect(!String(decoding: try scratch.data("release.plan"), as: UTF8.self).contains("Bonn"), "stays encrypted")
    try Self.veil(scratch, "run p.yaml --plan release.plan")
    #expect(try scratch.data("out.csv").lines == scratch.data("alone.csv").lines)

    let other = TestKey.environment.merging(["VEIL_TEST_KEY": "hex:\(TestKey.saltHex)"]) { $1 }
    let wrong = try Veil.run(["run", "p.yaml", "--plan", "release.plan"], environment: other, directory: scratch.root)
    #expect(wrong.status == 3 && wrong.stderr.contains("another key"), "\(wrong.stderr)")
    var bytes = try scratch.data("release.plan")
    bytes[bytes.count / 2] ^= 1
    try scratch.write("bad.plan", bytes)
    try Self.veil(scratch, "run p.yaml --plan bad.plan", status: 3)
  }

  /// A damaged file is an error: never a crash, never another plan.
  @Test func damagedFilesAreErrors() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline("k: 4").text)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "anonymize observe p.yaml --output all.hist")
    try Self.veil(scratch, "anonymize decide p.yaml all.hist --output release.plan")
    for (name, command) in [
      ("release.plan", "run p.yaml --plan bad"), ("all.hist", "anonymize decide p.yaml bad --output x.plan"),
    ] {
      let whole = try scratch.data(name)
      var cases = [0, 10, 17, whole.count / 2, whole.count - 1].map { Data(whole.prefix($0)) } + [whole + Data([0])]
      for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 20)) {
        var changed = whole
        changed[place] ^= 0x41
        cases.append(changed)
      }
      for damaged in cases {
        try scratch.write("bad", damaged)
        try Self.veil(scratch, command, status: 3)
      }
      #expect(!scratch.exists("out.csv") && !scratch.exists("x.plan"))
    }
  }

  /// What a plan has not seen is suppressed and counted, or stops the run; other records must have k by themselves.
  @Test(arguments: ["k: 3, suppress: 10%", "k: 3, recoding: global, suppress: 10%"])
  func theUnseenIsSuppressed(_ model: String) throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline(model).text)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "run p.yaml --output alone.csv --save-plan release.plan")
    let added = Self.text(Self.rows + ["n1,99,Bonn,new", "n2,30,Trier,new"])
    try scratch.write("more.csv", added)
    let more = try Self.veil(scratch, "run p.yaml --plan release.plan --input more.csv --output more-out.csv")
    #expect(more.stderr.contains("2 suppressed") || more.stderr.contains("suppressed"), "\(more.stderr)")
    #expect(try scratch.data("more-out.csv").lines == scratch.data("alone.csv").lines)

    try scratch.write("strict.yaml", Self.pipeline(model + ", unseen: error").text)
    let strict = try Self.veil(
      scratch, "run strict.yaml --plan release.plan --input more.csv --output x.csv", status: 1)
    #expect(strict.stderr.contains("record 241") && !strict.stderr.contains("99"), "\(strict.stderr)")

    let many = (0..<60).map { "m\($0),80,Rom,\($0)" }
    try scratch.write("many.csv", Self.text(Self.rows + many))
    let limit = try Self.veil(scratch, "run p.yaml --plan release.plan --input many.csv --output x.csv", status: 1)
    #expect(limit.stderr.contains("60 of them") && !limit.stderr.contains("Rom"), "\(limit.stderr)")

    // One new person and one known row: the class of the known one is below k here, and this is no part of the whole.
    try scratch.write("few.csv", Self.text([Self.rows[0]] + Array(repeating: Self.rows[1], count: 50)))
    let few = try Self.veil(scratch, "run p.yaml --plan release.plan --input few.csv --output x.csv", status: 1)
    #expect(few.stderr.contains("made for other records"), "\(few.stderr)")
    #expect(!scratch.exists("x.csv"))
  }

  @Test func aValueThatDoesNotFitIsBad() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline("k: 3").text)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "run p.yaml --save-plan release.plan")
    try scratch.write("odd.csv", Self.text(Self.rows + ["n1,old,Bonn,new"]))
    let outcome = try Self.veil(scratch, "run p.yaml --plan release.plan --input odd.csv --output x.csv", status: 3)
    #expect(outcome.stderr.contains("record 241") && outcome.stderr.contains("does not fit its hierarchy"))
    #expect(!scratch.exists("x.csv"))
  }

  @Test func filtersAndStandardInput() throws {
    let scratch = try Scratch()
    let pipeline = Self.pipeline("k: 3", more: ["records: {where: {field: town, in: [Bonn, Ulm]}}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", Self.text(Self.rows))
    try Self.veil(scratch, "run p.yaml --output alone.csv")
    let input = try scratch.data("in.csv")
    for arguments in [
      ["anonymize", "observe", "p.yaml", "--input", "-", "--output", "all.hist"],
      ["anonymize", "decide", "p.yaml", "all.hist", "--output", "release.plan"],
      ["run", "p.yaml", "--input", "-", "--plan", "release.plan"],
    ] {
      let outcome = try Veil.run(
        arguments, stdin: input, environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
    #expect(try scratch.data("out.csv").lines == scratch.data("alone.csv").lines)
  }
}
