import Foundation
import Testing

/// Models look at sensitive values as they leave: what readers cannot tell apart is one value, to the run and to
/// `verify` alike.
@Suite struct PublishedValueTests {
  private func pipeline(_ model: String, input: String, output: String, guarded: Bool) -> String {
    """
    version: 1
    name: test
    source: {path: \(input)}
    fields:
      age: {class: quasi}
      d: {class: sensitive, stages: [{keep: {whole: true, because: a test}}]}
    anonymity: {k: 2, \(model)}
    sink: {path: \(output)\(guarded ? ", csv: {formula_guard: true}" : "")}

    """
  }

  struct Case: CustomTestStringConvertible, Sendable {
    /// As JSON, or as CSV where it is `guarded`.
    var values: [String]
    var output: String
    var guarded = false
    var distinct: Int
    var testDescription: String { "\(values) to \(output)" }
  }

  static let cases = [
    Case(values: ["1", "\"1\"", "1"], output: "out.csv", distinct: 1),
    Case(values: ["1.0", "\"1.0\"", "1"], output: "out.csv", distinct: 2),
    Case(values: ["true", "\"true\""], output: "out.tsv", distinct: 1),
    Case(values: ["1", "\"1\""], output: "out.ndjson", distinct: 2),
    Case(values: ["1", "1.0", "1e0", "10E-1"], output: "out.ndjson", distinct: 1),
    Case(values: ["1", "1.5", "15e-1"], output: "out.json", distinct: 2),
    Case(values: ["[1,2]", "[1, 2]", "[1.0 ,2]"], output: "out.ndjson", distinct: 1),
    Case(values: ["[1,2]", "[2,1]", "[1,\"2\"]"], output: "out.ndjson", distinct: 3),
    Case(
      values: [#"{"a":"x","b":[{}]}"#, #"{"b" : [ { } ],"a":"\u0078"}"#], output: "out.ndjson", distinct: 1),
    Case(values: ["=x", "'=x"], output: "out.csv", guarded: true, distinct: 1),
    Case(values: ["=x", "''=x", "'x", "x"], output: "out.csv", guarded: true, distinct: 4),
    Case(values: ["=x", "'=x"], output: "out.csv", distinct: 2),
  ]

  @Test(arguments: cases)
  func alikeIsOneValue(_ item: Case) throws {
    let scratch = try Scratch()
    let isCSV = item.values[0].hasPrefix("=")
    let input = isCSV ? "in.csv" : "in.ndjson"
    try scratch.write(
      input,
      isCSV
        ? "age,d\n" + item.values.map { "30,\($0)\n" }.joined()
        : item.values.map { "{\"age\":30,\"d\":\($0)}\n" }.joined())
    func model(_ l: Int) -> String {
      pipeline("l: {d: \(l)}", input: input, output: item.output, guarded: item.guarded)
    }
    try scratch.write("p.yaml", model(item.distinct + 1))
    let unmet = try PartitionTests.veil(scratch, "run p.yaml", status: 1)
    #expect(unmet.stderr.contains("distinct l-diversity of 'd': \(item.distinct);"), "\(unmet.stderr)")
    #expect(!scratch.exists(item.output))
    // What is published by k alone shows as much.
    try scratch.write("k.yaml", pipeline("count: records", input: input, output: item.output, guarded: item.guarded))
    try PartitionTests.veil(scratch, "run k.yaml")
    let broken = try PartitionTests.veil(scratch, "verify \(item.output) --pipeline p.yaml", status: 1)
    #expect(broken.text.contains("distinct l-diversity of 'd': \(item.distinct);"), "\(broken.text)")
    guard item.distinct > 1 else { return }
    try scratch.write("p.yaml", model(item.distinct))
    try PartitionTests.veil(scratch, "run p.yaml")
    try PartitionTests.veil(scratch, "verify \(item.output) --pipeline p.yaml")
  }

  /// A plan that was decided on one form does not go with a pipeline of another.
  @Test func histogramsSayHowValuesLeave() throws {
    let scratch = try Scratch()
    try scratch.write("in.ndjson", "{\"age\":30,\"d\":1}\n{\"age\":30,\"d\":\"1\"}\n")
    for output in ["out.csv", "out.ndjson"] {
      try scratch.write("\(output).yaml", pipeline("l: {d: 2}", input: "in.ndjson", output: output, guarded: false))
      try PartitionTests.veil(scratch, "anonymize observe \(output).yaml --output \(output).hist")
    }
    let refused = try PartitionTests.veil(
      scratch, "anonymize decide out.csv.yaml out.ndjson.hist --output p.plan", status: 4)
    #expect(refused.stderr.contains("how sensitive values leave was JSON and is text"), "\(refused.stderr)")
    try PartitionTests.veil(scratch, "anonymize decide out.csv.yaml out.csv.hist --output p.plan", status: 1)
    try PartitionTests.veil(scratch, "anonymize decide out.ndjson.yaml out.ndjson.hist --output p.plan")
  }

  /// Values that a pipeline lists are found behind a guard, and in the shortest form of a number.
  @Test(arguments: ["values: [\"++\"]", "values: [\"'++\"]"])
  func listedValuesAreFoundBehindAGuard(_ values: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "age,d\n1,-\n1,++\n1,+\n")
    let order = "t: {d: {t: 0.9, order: [\"-\", \"+\", \"++\"]}}"
    let broken = "alpha: {d: {alpha: 0.3, \(values)}}"
    try scratch.write("p.yaml", pipeline(broken, input: "in.csv", output: "out.csv", guarded: true))
    let unmet = try PartitionTests.veil(scratch, "run p.yaml", status: 1)
    #expect(unmet.stderr.contains("(alpha, k)-anonymity of 'd': 0.3333;"), "\(unmet.stderr)")
    try scratch.write("out.csv", "age,d\n1,\"'-\"\n1,\"'++\"\n1,\"'+\"\n")
    let found = try PartitionTests.veil(scratch, "verify out.csv --pipeline p.yaml", status: 1)
    #expect(found.text.contains("(alpha, k)-anonymity of 'd': 0.3333;"), "\(found.text)")
    try scratch.write("p.yaml", pipeline(order, input: "in.csv", output: "out.csv", guarded: true))
    try PartitionTests.veil(scratch, "run p.yaml")
    try PartitionTests.veil(scratch, "verify out.csv --pipeline p.yaml")
  }

  @Test func listedNumbersAreFoundInAnySpelling() throws {
    let scratch = try Scratch()
    try scratch.write("in.ndjson", ["1.50", "2", "3.0"].map { "{\"age\":1,\"d\":\($0)}\n" }.joined())
    for (model, status) in [
      ("alpha: {d: {alpha: 0.3, values: [\"1.50\"]}}", 1), ("alpha: {d: {alpha: 0.3, values: [\"3\"]}}", 1),
      ("t: {d: {t: 0.9, order: [\"1.50\", \"2.0\", \"3\"]}}", 0),
    ] as [(String, Int32)] {
      try scratch.write("p.yaml", pipeline(model, input: "in.ndjson", output: "out.ndjson", guarded: false))
      try PartitionTests.veil(scratch, "run p.yaml", status: status)
    }
    try PartitionTests.veil(scratch, "verify out.ndjson --pipeline p.yaml")
  }

  /// Generalized labels that a guard marked are those of the plan, and of the population.
  @Test func labelsAreFoundBehindAGuard() throws {
    let scratch = try Scratch()
    let fields = "fields: {id: drop, age: {class: quasi}, d: keep}"
    let sink = "sink: {path: out.csv, csv: {formula_guard: true}}"
    func text(_ model: String) -> String {
      "version: 1\nname: test\nsource: {path: in.csv, subject: id}\n\(fields)\nanonymity: {\(model)}\n\(sink)\n"
    }
    try scratch.write("in.csv", "id,age,d\n1,=x,1\n2,=x,1\n3,y,2\n4,y,2\n")
    try scratch.write("everybody.csv", "age\n=x\n=x\ny\ny\n")
    try scratch.write("p.yaml", text("k: 2"))
    try PartitionTests.veil(scratch, "run p.yaml --save-plan a.plan")
    #expect(try scratch.text("out.csv").contains("\"'=x\""))
    try PartitionTests.veil(scratch, "verify out.csv --pipeline p.yaml --previous a.plan --plan a.plan")
    try scratch.write("p.yaml", text("k: 2, population: everybody.csv, k_map: 2"))
    try PartitionTests.veil(scratch, "run p.yaml")
    let verified = try PartitionTests.veil(scratch, "verify out.csv --pipeline p.yaml")
    #expect(verified.text.contains("k-map: 2; at least 2 is promised: met"), "\(verified.text)")
  }
}
