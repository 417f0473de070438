import Foundation
import Testing

/// Numbers that become the means of groups of at least k people.
@Suite struct MicroaggregationRunTests {
  private func pipeline(_ fields: String, k: Int = 3, more: String = "", source: String = "path: in.csv, subject: id")
    -> String
  {
    """
    version: 1
    name: pay
    source: {\(source)}
    fields: {id: drop, income: keep, age: keep, city: keep}
    microaggregation: {k: \(k), fields: [\(fields)], decimals: 1}
    \(more)
    sink: {path: out.csv}

    """
  }

  private func run(_ scratch: Scratch, _ pipeline: String, _ data: String, _ more: [String] = []) throws -> Outcome {
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", data)
    return try Veil.run(["run", scratch.path("p.yaml"), "--manifest", scratch.path("m.json")] + more)
  }

  @Test func groupsOfOneColumnAreTheBestThereAre() throws {
    let scratch = try Scratch()
    let data = "id,income,age,city\n" + [1, 2, 3, 50, 51, 55].enumerated().map { "p\($0),\($1),4\($0),x\n" }.joined()
    let outcome = try run(scratch, pipeline("income"), data)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(
      try scratch.text("out.csv")
        == "income,age,city\n2.0,40,x\n2.0,41,x\n2.0,42,x\n52.0,43,x\n52.0,44,x\n52.0,45,x\n")
    #expect(try scratch.text("m.json").contains("\"smallest_group\": 3"))
  }

  /// Whatever the formats on both sides, and whether the numbers are kept, named twice over or strings.
  @Test(arguments: ["ndjson", "json", "csv"], ["ndjson", "json", "csv"])
  func meansLeaveInEveryFormat(_ source: String, _ sink: String) throws {
    let scratch = try Scratch()
    let values = ["1", "2", "3.5", "40", "50", "60"]
    let objects = values.enumerated().map { #"{"id":"p\#($0)","income":\#($0 == 1 ? "\"\($1)\"" : $1)}"# }
    switch source {
    case "csv":
      let rows = values.enumerated().map { "p\($0),\($1)\n" }.joined()
      try scratch.write("in.csv", "id,income\n" + rows)
    case "json": try scratch.write("in.json", "[" + objects.joined(separator: ", ") + "]")
    default: try scratch.write("in.ndjson", objects.map { $0 + "\n" }.joined())
    }
    try scratch.write(
      "p.yaml",
      "version: 1\nname: pay\nsource: {path: in.\(source)}\nfields: {id: drop, income: keep}\n"
        + "microaggregation: {k: 3, fields: [income], decimals: 0}\nsink: {path: out.\(sink)}\n")
    let outcome = try Veil.run(["run", "p.yaml"], directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let numbers = try scratch.text("out.\(sink)").split { !$0.isNumber && $0 != "." }.map(String.init)
    #expect(numbers == ["2", "2", "2", "50", "50", "50"], "\(numbers)")
  }

  /// A mean is not called a value that was kept, neither by `explain` nor by the manifest and its label.
  @Test func meansAreCalledMeans() throws {
    let scratch = try Scratch()
    let data = "id,income,age,city\n" + (0..<6).map { "p\($0),\($0),4\($0),x\n" }.joined()
    #expect(try run(scratch, pipeline("income"), data).status == 0)
    let explained = try Veil.run(["explain", scratch.path("p.yaml")]).text
    #expect(explained.contains("income: averaged") && explained.contains("age: kept"), "\(explained)")
    #expect(explained.contains("the mean of a group of at least 3 people"), "\(explained)")
    let manifest = try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any]
    let fates = (manifest?["fields"] as? [[String: Any]])?.compactMap { $0["fate"] as? String }
    #expect(fates == ["dropped", "averaged", "kept", "kept"])
    let limits = try #require(manifest?["limitations"] as? [String])
    #expect(limits.contains { $0.contains("The values of income are means of groups of at least 3 people") })
    #expect(limits.contains { $0.contains("The values of age, city leave whole") }, "\(limits)")
  }

  /// By brute force on what was published: nobody's numbers stand for fewer than k people.
  @Test(arguments: ["income", "income, age"], ["1", "3"])
  func everyGroupHasEnoughPeople(_ fields: String, _ threads: String) throws {
    let scratch = try Scratch()
    var data = "id,income,age,city\n"
    var state: UInt64 = 42
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    for _ in 0..<900 {
      let person = next(300)
      // Some people have several records, and one has many.
      data += "p\(person < 30 ? 7 : person),\(next(200) * 100 + (person == 7 ? 50 : 0)),\(next(60)),c\n"
    }
    let outcome = try run(
      scratch, pipeline(fields, k: 5).replacingOccurrences(of: "id: drop", with: "id: keep"), data,
      ["--threads", threads])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    var people: [String: Set<String>] = [:]
    let columns = fields.contains("age") ? 1...2 : 1...1
    for line in try scratch.text("out.csv").split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      people[cells[columns].joined(separator: ","), default: []].insert(cells[0])
    }
    #expect(people.count > 5)
    #expect(people.values.allSatisfy { $0.count >= 5 })
    let sum = { (text: String) in
      text.split(separator: "\n").dropFirst().reduce(0.0) { $0 + (Double($1.split(separator: ",")[1]) ?? 0) }
    }
    let (before, after) = (sum(data), sum(try scratch.text("out.csv")))
    #expect(abs(before - after) < 0.05 * 900, "means keep the sum, but for their rounding")
  }

  @Test func whoHasNoNumberIsSuppressedAndNoNumberIsBad() throws {
    let scratch = try Scratch()
    let data = "id,income,age,city\na,1,1,x\nb,2,1,x\nc,,1,x\nd,3,1,x\n"
    let outcome = try run(scratch, pipeline("income"), data)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("1 suppressed"), "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "income,age,city\n2.0,1,x\n2.0,1,x\n2.0,1,x\n")
    let bad = try run(scratch, pipeline("income"), data + "e,canary-much,1,x\n")
    #expect(bad.status == 3)
    #expect(!bad.stderr.contains("canary"))
    let skipped = try run(scratch, pipeline("income", more: "bad_records: {action: skip}"), data + "e,much,1,x\n")
    #expect(skipped.status == 0, "\(skipped.stderr)")
  }

  @Test func tooFewPeopleAndOtherMistakes() throws {
    let scratch = try Scratch()
    // Three records, two people.
    let few = try run(scratch, pipeline("income"), "id,income,age,city\na,1,1,x\na,2,1,x\nb,3,1,x\n")
    #expect(few.status == 1, "\(few.stderr)")
    #expect(!scratch.exists("out.csv"))
    for (text, message) in [
      (pipeline("incom"), "no field 'incom'"), (pipeline("income", k: 1), "'k' must be 2 or more"),
      (pipeline("income, income"), "twice"),
      (
        pipeline("income", more: "anonymity: {k: 2}").replacingOccurrences(
          of: "city: keep", with: "city: {class: quasi}"),
        "does not go with 'anonymity'"
      ),
    ] {
      let outcome = try run(scratch, text, "id,income,age,city\n")
      #expect(outcome.status == 2)
      #expect(outcome.stderr.contains(message), "\(message) in \(outcome.stderr)")
    }
  }
}
