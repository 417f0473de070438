import Foundation
import Testing

/// A label is earned by what was measured on the finished classes: `run`, its manifest and `verify` say what was
/// measured, and `explain`, which sees no data, says what would have to be.
@Suite struct EarnedNamesTests {
  /// Two classes of five people: HIV×4, flu×1, and flu×3, cold×2.
  private static let rows =
    "id,q,s\n1,a,hiv\n2,a,hiv\n3,a,hiv\n4,a,hiv\n5,a,flu\n6,b,flu\n7,b,flu\n8,b,flu\n9,b,cold\n10,b,cold\n"

  private func json(_ data: Data) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func write(_ scratch: Scratch, _ models: String, format: String = "csv") throws {
    let pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}", sink: "{path: out.\(format)}",
      fields: ["id: drop", "q: {class: quasi}", "s: {class: sensitive, stages: [keep], because: \"asked for\"}"],
      unlisted: "error", more: ["anonymity: {\(models)}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", Self.rows)
  }

  @Test(arguments: [
    ("k: 5, t: {s: 0.999}", "k-anonymous (k=5), t-closeness (t=0.999)"),
    ("k: 5, beta: {s: 1000000}", "k-anonymous (k=5), beta-likeness (beta=1000000)"),
    ("k: 5, alpha: {s: {alpha: 0.1, values: [nobody-has-it]}}", "k-anonymous (k=5), (alpha, k)-anonymity (alpha=0.1)"),
    ("k: 2, l: {s: 2}, recoding: global", "k-anonymous (k=2), l-diversity (l=2)"),
    ("k: 5, l: {s: 2}", "k-anonymous (k=5), l-diversity (l=2)"),
  ])
  func isNotAnonymous(_ models: String, _ label: String) throws {
    for format in ["csv", "ndjson"] {
      let scratch = try Scratch()
      try write(scratch, models, format: format)
      let run = try scratch.veil("run p.yaml --manifest m.json --report r.json")
      #expect(run.status == 0, "\(run.stderr)")
      let whole = "\(label); up to 80% of a class have one value of 's'"
      #expect(run.stderr.contains("; \(whole) -> out.\(format)"), "\(run.stderr)")
      let manifest = try json(scratch.data("m.json"))
      #expect(manifest["label"] as? String == whole)
      let conditions = try #require(manifest["label_conditions"] as? [[String: Any]])
      func condition(_ name: String) throws -> [String: Any] {
        try #require(conditions.first { $0["condition"] as? String == name }, "\(name)")
      }
      #expect(try condition("k")["met"] as? Bool == false && condition("k")["measured"] as? String == "5")
      #expect(try condition("largest_share")["measured"] as? String == "80 % in 's'")
      #expect(try condition("inference_gain")["measured"] as? String == "40 % in 's'")
      for name in ["people", "tokens", "covered", "suppressed"] { #expect(try condition(name)["met"] as? Bool == true) }
      for name in ["singling_out", "linkability", "inference"] {
        #expect(try condition(name)["met"] is NSNull, "\(name) was not measured by a run")
      }
      let reported = try #require(json(scratch.data("r.json"))["labels"] as? [[String: Any]])
      #expect(reported.map { $0["label"] as? String } == [whole])
      #expect((reported[0]["conditions"] as? [Any])?.count == conditions.count)
      // The file alone tells the same; whose the records are it does not tell.
      let verified = try scratch.veil("verify out.\(format) --pipeline p.yaml")
      #expect(verified.status == 0, "\(verified.text)")
      #expect(verified.text.contains("inference: up to 80% of a class have one value of 's'"), "\(verified.text)")
      #expect(verified.text.contains("up to 40% above the one in the file"), "\(verified.text)")
      #expect(verified.text.contains("may be called: k-anonymous ("), "\(verified.text)")
      for text in [run.stderr + verified.text, try scratch.text("m.json")] {
        #expect(!text.contains("hiv") && !text.contains("\"anonymous\""), "\(text)")
      }
    }
  }

  @Test func explainPromisesNothing() throws {
    let scratch = try Scratch()
    try write(scratch, "k: 20, l: {s: 5}")
    let text = try scratch.veil("explain p.yaml").text
    #expect(text.contains("It may be called: k-anonymous (k=20), l-diversity (l=5)\n"), "\(text)")
    #expect(text.contains("'anonymous' is only said of a measured file"), "\(text)")
    #expect(text.contains("k: at least 12 people are in each class: not measured"), "\(text)")
    #expect(!text.contains("called: anonymous"), "\(text)")
  }

  @Test func quasiIdentifiersWithoutHierarchyAreKeptOrStars() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["q: {class: quasi}", "r: {class: quasi, stages: [trim, {truncate: {keep: 2}}]}"], unlisted: "error",
      more: ["anonymity: {k: 2}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", "q,r\na,bcd\na,bce\n")
    for format in ["", " --markdown"] {
      let text = try scratch.veil("explain p.yaml\(format)").text
      #expect(text.contains("q: kept or '*' (quasi)"), "\(text)")
      #expect(text.contains("r: made coarser, some values whole or '*' (quasi)"), "\(text)")
      #expect(text.contains("kept where at least k=2 share it with all those below, or else '*'"), "\(text)")
      #expect(!text.contains("kept whole"), "\(text)")
    }
    let explained = try json(scratch.veil("explain p.yaml --json").stdout)
    let outputs = try #require(explained["outputs"] as? [[String: Any]])
    let fields = try #require(outputs[0]["fields"] as? [[String: Any]])
    #expect(fields.map { $0["fate"] as? String } == ["kept or '*'", "made coarser, some values whole or '*'"])
    let run = try scratch.veil("run p.yaml --manifest m.json")
    #expect(run.status == 0, "\(run.stderr)")
    let left = try #require(json(scratch.data("m.json"))["fields"] as? [[String: Any]])
    #expect(left.map { $0["fate"] as? String } == ["kept or '*'", "made coarser, some values whole or '*'"])
    #expect(try scratch.veil("record .").text.contains("q (kept or '*')"))
  }

  // MARK: Who is counted

  /// Five records of one patient, and five of five.
  private func counted(_ field: String, count: String = "", more: [String] = []) -> TestPipeline {
    TestPipeline(fields: [field, "q: {class: quasi}"] + more, unlisted: "error", more: ["anonymity: {k: 5\(count)}"])
  }

  private static let onePatient = (0..<5).map { _ in "7,a\n" }.joined()
  private static let fivePatients = (0..<5).map { "\($0),a\n" }.joined()

  @Test(arguments: [
    "patient_id: drop", "customer_no: drop", "Kundennr: drop", "id: drop", "e-mail: drop", "iban: drop",
    "patient_id: {pseudonym: {key: test}}", "email: [trim, lowercase, {pseudonym: {key: test}}]", "\"user.id\": drop",
  ])
  func whoeverHasSeveralRecordsIsCounted(_ rule: String) throws {
    let name = rule.split(separator: ":")[0].replacing("\"", with: "")
    let isNested = name.contains(".")
    for (rows, repeats) in [(Self.onePatient, true), (Self.fivePatients, false)] {
      for skips in [false, true] {
        let scratch = try Scratch()
        var pipeline = counted(rule)
        if skips { pipeline.more.append("bad_records: {action: skip}") }
        let lines = rows.split(separator: "\n").map { $0.split(separator: ",") }
        if isNested {
          pipeline.source = "{path: in.ndjson}"
          pipeline.sink = "{path: out.ndjson}"
          try scratch.write("in.ndjson", lines.map { "{\"user\":{\"id\":\($0[0])},\"q\":\"\($0[1])\"}\n" }.joined())
        } else {
          try scratch.write("in.csv", "\(name),q\n" + rows)
        }
        try scratch.write("p.yaml", pipeline.text)
        let input = isNested ? "in.ndjson" : "in.csv"
        for words in ["run p.yaml", "check p.yaml --input \(input)"] {
          let outcome = try scratch.veil(words)
          #expect(outcome.status == (repeats ? 4 : 0), "\(words): \(outcome.stderr)")
          #expect(outcome.stderr.contains("source: {subject: ") == repeats, "\(outcome.stderr)")
          #expect(outcome.stderr.contains("anonymity: {count: records}") == repeats, "\(outcome.stderr)")
        }
        #expect(scratch.exists(isNested ? "out.ndjson" : "out.csv") == !repeats)
      }
    }
  }

  @Test func whatIsSaidIsDone() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "patient_id,q\n" + Self.onePatient)
    try scratch.write("p.yaml", counted("patient_id: drop", count: ", count: records").text)
    let records = try scratch.veil("run p.yaml")
    #expect(
      records.status == 0 && records.stderr.contains("k-anonymous (k=5), counted in records"), "\(records.stderr)")
    var pipeline = counted("patient_id: drop")
    pipeline.source = "{path: in.csv, subject: patient_id}"
    try scratch.write("p.yaml", pipeline.text)
    #expect(try scratch.veil("run p.yaml").status == 1, "one person is no class of five")
    // What is not called like a person's identifier, or that no record has twice, says nothing.
    for (header, rows) in [
      ("order_id", Self.onePatient), ("product_name", Self.onePatient), ("id", ",a\n,a\n,a\n,a\n1,a\n"),
    ] {
      try scratch.write("in.csv", "\(header),q\n" + rows)
      try scratch.write("p.yaml", counted("\(header): drop").text)
      let outcome = try scratch.veil("run p.yaml")
      #expect(outcome.status == 0, "\(header): \(outcome.stderr)")
    }
    // A field that no rule names, too.
    var unlisted = counted("x: drop")
    unlisted.unlisted = "drop"
    try scratch.write("p.yaml", unlisted.text)
    try scratch.write("in.csv", "patient_id,x,q\n" + Self.onePatient.replacing(",", with: ",1,"))
    #expect(try scratch.veil("run p.yaml").status == 4)
  }

  /// On any number of threads, at any size of chunks, and only among records that may leave.
  @Test func repeatsAreFoundAcrossChunks() throws {
    let scratch = try Scratch()
    let rows = (0..<400).map { "p\($0 == 399 ? 3 : $0),a,y\n" }.joined()
    try scratch.write("in.csv", "patient_id,q,ok\n" + rows)
    var pipeline = counted("patient_id: drop", more: ["ok: drop"])
    try scratch.write("p.yaml", pipeline.text)
    for (threads, size) in [(1, 1 << 20), (2, 64), (3, 500)] {
      let outcome = try Veil.run(
        ["run", "p.yaml", "--threads", "\(threads)"],
        environment: TestKey.environment.merging(["VEIL_CHUNK_BYTES": "\(size)"]) { $1 }, directory: scratch.root)
      #expect(outcome.status == 4, "\(outcome.stderr)")
    }
    try scratch.write("in.csv", "patient_id,q,ok\n" + rows.replacing("p3,a,y", with: "p3,a,n"))
    #expect(try scratch.veil("run p.yaml").status == 4)
    try scratch.write("in.csv", "patient_id,q,ok\np3,a,n\n" + rows.replacing("p3,a,y\np4", with: "p4"))
    pipeline.more.append("records: {where: {field: ok, equals: y}}")
    try scratch.write("p.yaml", pipeline.text)
    let outcome = try scratch.veil("run p.yaml")
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  // MARK: Differential privacy

  @Test func noiseIsStated() throws {
    for (more, expected) in [
      ("delta: 0.000001, noise: gaussian", "epsilon=2, delta=0.000001, sigma="),
      ("delta: 0.000001", "epsilon=2, delta=0.000001)"),
    ] {
      let scratch = try Scratch()
      let pipeline = TestPipeline(
        source: "{path: in.csv, subject: id}",
        sink:
          "{path: out.csv, aggregate: {by: [c], measures: {people: {count: people}, spend: {sum: a, lower: 0, upper: 50, unit: 0.5}}, epsilon: 2, \(more), per_person: {groups: 1, records: 2}, budget: b.yaml}}",
        fields: ["id: drop", "c: keep", "a: keep"], unlisted: "error")
      try scratch.write("p.yaml", pipeline.text)
      try scratch.write("b.yaml", "version: 1\nepsilon: 10\ndelta: 0.001\nspent:\n")
      try scratch.write("in.csv", "id,c,a\n" + (0..<300).map { "\($0),x,9\n" }.joined())
      let run = try scratch.veil("run p.yaml --manifest m.json")
      #expect(run.status == 0, "\(run.stderr)")
      let manifest = try json(scratch.data("m.json"))
      let label = try #require(manifest["label"] as? String)
      #expect(label.hasPrefix("differentially private (\(expected)"), "\(label)")
      #expect(try scratch.veil("explain p.yaml").text.contains(label))
      guard more.contains("gaussian") else { continue }
      // As the manifest has them, to four digits.
      let output = try #require((manifest["outputs"] as? [[String: Any]])?.first?["aggregate"] as? [String: Any])
      let deviations = try #require(output["standard_deviations"] as? [String: Double])
      for (name, deviation) in deviations {
        let stated = try #require(label.firstMatch(of: try Regex("([0-9.]+) for '\(name)'"))?.output[1].substring)
        #expect(abs((Double(stated) ?? 0) / deviation - 1) < 0.001, "\(name): \(stated), \(deviation)")
      }
    }
  }
}
