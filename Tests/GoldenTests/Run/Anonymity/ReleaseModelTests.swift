import Foundation
import Testing

/// A release that keeps in step with the one before, under every model: what Python finds in the files by the models'
/// definitions, and how many people read as they did.
@Suite struct ReleaseModelTests {
  /// What a pipeline asks for, and the same in the words of `nights.py`.
  struct Case: CustomTestStringConvertible, Sendable {
    var anonymity: String
    var models: [String]
    var k = 5
    /// Fewer people may read as before where a model compares with the whole table: the whole has changed, too.
    var same = 0.95
    var testDescription: String { anonymity }
  }

  static let cases = [
    Case(anonymity: "k: 5", models: []),
    Case(anonymity: "k: 5, l: {illness: 3}", models: ["distinct:3"]),
    Case(anonymity: "k: 5, l: {illness: {entropy: 2.5}}", models: ["entropy:2.5"]),
    Case(anonymity: "k: 5, l: {illness: {recursive: {c: 3, l: 3}}}", models: ["recursive:3:3"]),
    Case(anonymity: "k: 5, t: {illness: 0.3}", models: ["t:0.3"], same: 0.9),
    Case(anonymity: "k: 5, t: {illness: 0.3}, suppress: 3%", models: ["t:0.3"], same: 0.9),
    Case(anonymity: "k: 5, beta: {illness: 1}", models: ["beta:1"], same: 0.9),
    Case(anonymity: "k: 5, disclosure: {illness: 1.5}", models: ["delta:1.5"], same: 0.9),
    Case(anonymity: "k: 5, alpha: {illness: 0.5}, l: {illness: 2}", models: ["alpha:0.5", "distinct:2"]),
    Case(anonymity: "k: 3, risk: {prosecutor: 10%}", models: [], k: 10),
    Case(anonymity: "k: 5, population: everybody.csv, k_map: 20", models: ["kmap:20"]),
    Case(
      anonymity: "k: 5, population: everybody.csv, k_map: 15, l: {illness: 2}", models: ["kmap:15", "distinct:2"]),
    Case(
      anonymity: "k: 5, population: everybody.csv, presence: {min: 0.1, max: 0.6}", models: ["low:0.1", "high:0.6"]),
    Case(
      anonymity: "k: 5, population: everybody.csv, presence: {min: 0, max: 0.5}, risk: {journalist: 5%}",
      models: ["high:0.5", "kmap:20"]),
    Case(anonymity: "k: 5, l: {illness: 3}, recoding: global, suppress: 5%", models: ["distinct:3"]),
  ]

  private static func python(_ scratch: Scratch, _ arguments: [String]) throws -> [String: Any] {
    let outcome = try Command.run("python3", [Repository.support("nights.py")] + arguments, directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return try #require(try JSONSerialization.jsonObject(with: outcome.stdout) as? [String: Any])
  }

  private static func pipeline(_ anonymity: String, id: String = "keep") -> String {
    TestPipeline(
      source: "{path: one.csv, subject: id}",
      fields: [
        "id: \(id)", "age: {class: quasi, hierarchy: {interval: {width: 5, levels: 4}}}", "town: {class: quasi}",
        "sex: {class: quasi}", "illness: {class: sensitive, stages: [keep]}",
      ], unlisted: "error", more: ["anonymity: {\(anonymity)}", "order: input"]
    ).text
  }

  /// A first night under `p.yaml`, of which the file and the plan are kept, and `next.yaml` that is to keep in step.
  private static func released(_ before: String, next: String, changes: String = "60") throws -> Scratch {
    let scratch = try Scratch()
    _ = try python(scratch, ["make", ".", changes])
    try scratch.write("p.yaml", pipeline(before))
    try scratch.write("next.yaml", pipeline(next + ", previous: old.plan"))
    try PartitionTests.veil(scratch, "run p.yaml --output old.csv --save-plan old.plan")
    return scratch
  }

  @Test(arguments: cases)
  func theSecondNightKeepsInStep(_ item: Case) throws {
    let scratch = try Self.released(item.anonymity, next: item.anonymity)
    try PartitionTests.veil(scratch, "run p.yaml --input two.csv --output fresh.csv")
    var plans: Set<Data> = []
    var files: Set<Data> = []
    for threads in [8, 2, 1] {
      try PartitionTests.veil(
        scratch, "run next.yaml --input two.csv --output new.csv --save-plan new.plan --threads \(threads)")
      plans.insert(try scratch.data("new.plan"))
      files.insert(try scratch.data("new.csv"))
    }
    #expect(plans.count == 1 && files.count == 1)

    for (input, output) in [("one", "old"), ("two", "new")] {
      let judged = try Self.python(
        scratch, ["judge", "\(input).csv", "\(output).csv", "everybody.csv", "\(item.k)"] + item.models)
      #expect(judged["broken"] as? Int == 0 && judged["classes"] as? Int ?? 0 > 5, "\(output): \(judged)")
    }
    let k = "\(item.k)"
    let fresh = try Self.python(scratch, ["compare", "old.csv", "fresh.csv", k])
    let inStep = try Self.python(scratch, ["compare", "old.csv", "new.csv", k])
    let same = try #require(inStep["same"] as? Double)
    let singledOut = try #require(inStep["singled_out"] as? Int)
    #expect(same >= item.same && same >= fresh["same"] as? Double ?? 2, "\(fresh) \(inStep)")
    #expect(singledOut <= fresh["singled_out"] as? Int ?? -1, "\(fresh) \(inStep)")

    // What `verify` finds is what Python finds, and plans know of no more whom they single out.
    let verified = try PartitionTests.veil(scratch, "verify new.csv --pipeline next.yaml --previous old.csv")
    #expect(
      verified.text.contains("with the release before: \(singledOut) of \(inStep["both"] as? Int ?? -1) people"),
      "\(verified.text)")
    #expect(!verified.text.contains("NOT MET"))
    let byPlans = try PartitionTests.veil(
      scratch, "verify new.csv --pipeline next.yaml --previous old.plan --plan new.plan")
    #expect(byPlans.text.contains("with the release before: "))

    // In steps, the same.
    if item.anonymity.contains("population") || item.anonymity.contains("t:") {
      try PartitionTests.veil(scratch, "anonymize observe next.yaml --input two.csv --output two.hist")
      try PartitionTests.veil(scratch, "anonymize decide next.yaml two.hist --output decided.plan")
      #expect(try scratch.data("decided.plan") == scratch.data("new.plan"))
      try PartitionTests.veil(scratch, "run next.yaml --plan new.plan --input two.csv --output again.csv")
      #expect(try scratch.data("again.csv") == scratch.data("new.csv"))
    }
  }

  /// With the very same people nothing changes, whatever is asked.
  @Test(arguments: cases.filter { !$0.anonymity.contains("suppress") })
  func theSamePeopleReadTheSame(_ item: Case) throws {
    let scratch = try Self.released(item.anonymity, next: item.anonymity + ", intersection: {max: 0}")
    try PartitionTests.veil(scratch, "run next.yaml --output new.csv")
    #expect(try scratch.data("new.csv") == scratch.data("old.csv"))
  }

  /// Where a model gets stricter, classes of before that break it stay together: nobody is singled out. (Somebody with
  /// records in several classes would be by files alone, which do not tell which record was which.)
  @Test(arguments: ["l: {illness: 4}", "t: {illness: 0.2}", "beta: {illness: 0.8}", "alpha: {illness: 0.4}"])
  func aStricterModelSinglesNobodyOut(_ model: String) throws {
    let scratch = try Self.released("k: 5", next: "k: 5, \(model), intersection: {max: 0}", changes: "0")
    try scratch.write("fresh.yaml", Self.pipeline("k: 5, \(model)"))
    try PartitionTests.veil(scratch, "run fresh.yaml --output fresh.csv")
    try PartitionTests.veil(scratch, "run next.yaml --output new.csv")
    let fresh = try Self.python(scratch, ["compare", "old.csv", "fresh.csv", "5"])
    let inStep = try Self.python(scratch, ["compare", "old.csv", "new.csv", "5"])
    #expect(fresh["singled_out"] as? Int ?? 0 > 0 && inStep["singled_out"] as? Int == 0, "\(fresh) \(inStep)")
    #expect(try PartitionTests.veil(scratch, "verify new.csv --pipeline next.yaml").text.contains("promised: met"))
  }

  /// A release of before may have been made otherwise: for k alone, with one level a column, or with classes that overlap.
  @Test(
    arguments: ["k: 5", "k: 2, l: {illness: 2}", "k: 5, recoding: global, suppress: 5%"],
    ["k: 5, population: everybody.csv, k_map: 15", "k: 5, l: {illness: 3}"])
  func theReleaseBeforeWasAnother(_ before: String, now: String) throws {
    let scratch = try Self.released(before, next: now)
    try PartitionTests.veil(scratch, "run next.yaml --input two.csv --output new.csv")
    let judged = try Self.python(
      scratch,
      ["judge", "two.csv", "new.csv", "everybody.csv", "5", now.contains("k_map") ? "kmap:15" : "distinct:3"])
    #expect(judged["broken"] as? Int == 0, "\(judged)")
    try PartitionTests.veil(scratch, "verify new.csv --pipeline next.yaml --previous old.csv")
  }

  @Test func setsHaveNoRelease() throws {
    let scratch = try Self.released("k: 5", next: "k: 5, labels: sets")
    let refused = try PartitionTests.veil(scratch, "run next.yaml --output new.csv", status: 2)
    #expect(refused.stderr.contains("use 'labels: hierarchy'") && !scratch.exists("new.csv"), "\(refused.stderr)")
  }
}
