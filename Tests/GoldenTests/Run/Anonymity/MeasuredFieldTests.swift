import Foundation
import Testing

/// A run measures every field that leaves beside the quasi-identifiers. Where one tells people apart, k says little, and
/// the label says so.
@Suite("Fields that tell people apart")
struct MeasuredFieldTests {
  /// Twelve values of a field, no two alike.
  static let telling: [(name: String, values: [String])] = [
    ("order_no", (0..<12).map { "A-\(1000 + 7 * $0)" }), ("chassis", (0..<12).map { "WVWZZZ1JZXW\(100_000 + $0)" }),
    ("shipped", (0..<12).map { "2024-03-0\(1 + $0 % 9)T10:2\($0 % 10):\(10 + $0)" }),
    ("spot", (0..<12).map { "48.2\(1000 + 13 * $0)" }), ("remark", names.map { "talked to \($0) again" }),
  ]

  private static let names = ["Adler", "Braun", "Cerny", "Dorn"].flatMap { last in
    ["Anna", "Bert", "Cora"].map { "\($0) \(last)" }
  }

  private static let ordinary = "flu flu cold flu cold hiv flu cold flu asthma flu hiv".split(separator: " ").map {
    String($0)
  }

  private func lines(_ columns: [(name: String, values: [String])], _ format: String) -> String {
    let records = columns[0].values.indices
    if format == "csv" {
      let header = columns.map(\.name).joined(separator: ",") + "\n"
      return header + records.map { record in columns.map { $0.values[record] }.joined(separator: ",") + "\n" }.joined()
    }
    return records.map { record in
      "{" + columns.map { "\"\($0.name)\":\"\($0.values[record])\"" }.joined(separator: ",") + "}\n"
    }.joined()
  }

  private let city = (name: "city", values: (0..<12).map { $0 < 6 ? "Wien" : "Graz" })

  private func pipeline(_ format: String, _ fields: String, _ more: String = "") -> String {
    "version: 1\nname: test\nsource: {path: in.\(format)}\nfields: {city: {class: quasi}, \(fields)}\n"
      + "anonymity: {k: 2}\nsink: {path: out.\(format)}\n" + more
  }

  private func run(
    _ scratch: Scratch, _ yaml: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> Outcome {
    try scratch.write("pipeline.yaml", yaml)
    return try Veil.run(
      ["run", "pipeline.yaml", "--manifest", "manifest.json", "--report", "report.json"] + arguments,
      environment: environment, directory: scratch.root)
  }

  private func verify(_ scratch: Scratch, _ file: String) throws -> Outcome {
    try Veil.run(["verify", file, "--pipeline", "pipeline.yaml"], directory: scratch.root)
  }

  private func object(_ scratch: Scratch, _ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: scratch.data(name)) as? [String: Any])
  }

  /// What a manifest says of the fields of its outputs.
  private func measured(_ scratch: Scratch) throws -> [[[String: Any]]] {
    let outputs = try #require(try object(scratch, "manifest.json")["outputs"] as? [[String: Any]])
    return outputs.compactMap { $0["measured"] as? [[String: Any]] }
  }

  @Test("One value for each record is no k-anonymity, and the report says where", arguments: ["csv", "ndjson"])
  func telling(_ format: String) throws {
    for column in Self.telling {
      let scratch = try Scratch()
      try scratch.write("in.\(format)", lines([city, column], format))
      let outcome = try run(scratch, pipeline(format, "\(column.name): keep"))
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(!outcome.stderr.contains("k-anonymous"), "\(column.name): \(outcome.stderr)")
      #expect(
        outcome.stderr.contains("'\(column.name)' tells people apart: 12 of 12 values occur once"),
        "\(column.name): \(outcome.stderr)")
      let manifest = try object(scratch, "manifest.json")
      #expect(["pseudonymous", "personal data"].contains(manifest["label"] as? String))
      let field = try #require(try measured(scratch).first?.first)
      #expect(field["field"] as? String == column.name && field["of_one_person"] as? Int == 12)
      #expect(field["tells_apart"] as? Bool == true && field["exact"] as? Bool == true)
      let report = try object(scratch, "report.json")
      let exports = try #require(report["measured"] as? [[String: Any]])
      #expect((exports.first?["fields"] as? [[String: Any]])?.count == 1)
      for value in column.values {
        #expect(!outcome.stderr.contains(value))
        for name in ["manifest.json", "report.json"] { #expect(!(try scratch.text(name).contains(value))) }
      }
      let found = try verify(scratch, "out.\(format)")
      #expect(found.text.contains("'\(column.name)' tells people apart: 12 of 12 values occur once"), "\(found.text)")
      // The remark holds full names.
      #expect(found.status == (column.name == "remark" ? 1 : 0), "\(found.text)")
    }
  }

  @Test("An ordinary sensitive attribute of a small file tells nobody apart", arguments: ["csv", "ndjson"])
  func ordinary(_ format: String) throws {
    for values in [Self.ordinary, ["a", "b"] + (0..<10).map { "\($0 % 3)" }] {
      let scratch = try Scratch()
      try scratch.write("in.\(format)", lines([city, ("diagnosis", values)], format))
      let fields = "diagnosis: {class: sensitive, stages: [keep], because: x}"
      let outcome = try run(scratch, pipeline(format, fields, "checks: [{tells_apart: none}]\n"))
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("; k-anonymous (k=2)"), "\(outcome.stderr)")
      #expect(!outcome.stderr.contains("apart"))
      let found = try verify(scratch, "out.\(format)")
      #expect(found.status == 0 && !found.text.contains("apart"), "\(found.text)")
    }
    // Four people and four diagnoses.
    let scratch = try Scratch()
    let few = [("city", ["Wien", "Wien", "Graz", "Graz"]), ("diagnosis", ["flu", "cold", "hiv", "asthma"])]
    try scratch.write("in.\(format)", lines(few.map { (name: $0.0, values: $0.1) }, format))
    let outcome = try run(scratch, pipeline(format, "diagnosis: {class: sensitive, stages: [keep], because: x}"))
    #expect(outcome.stderr.contains("; k-anonymous (k=2)"), "\(outcome.stderr)")
  }

  @Test("Each sink is judged by what it gets")
  func twoSinks() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", lines([city, Self.telling[0]], "csv"))
    let yaml =
      "version: 1\nname: test\nsource: {path: in.csv}\nfields: {city: {class: quasi}, order_no: keep}\n"
      + "anonymity: {k: 2}\nsinks:\n  - {path: a.csv, recipient: a}\n"
      + "  - {path: b.ndjson, recipient: b, fields: {order_no: drop}}\n"
    let outcome = try run(scratch, yaml)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let labels = "a.csv (pseudonymous), b.ndjson (k-anonymous (k=2), counted in records)"
    #expect(outcome.stderr.contains(labels), "\(outcome.stderr)")
    #expect(try object(scratch, "manifest.json")["label"] as? String == "pseudonymous")
    #expect(try measured(scratch).map(\.count) == [1, 0])
  }

  @Test("A check makes it an error, in the run and in verify")
  func checks() throws {
    for format in ["csv", "ndjson"] {
      let scratch = try Scratch()
      try scratch.write("in.\(format)", lines([city, Self.telling[0], Self.telling[1]], format))
      func run(_ check: String) throws -> Outcome {
        try self.run(scratch, pipeline(format, "order_no: keep, chassis: keep", "checks: [\(check)]\n"))
      }
      let warned = try run("{tells_apart: none, severity: warn}")
      #expect(warned.status == 0 && warned.stderr.contains("check 'tells_apart: none' failed"), "\(warned.stderr)")
      #expect(try verify(scratch, "out.\(format)").status == 0)
      try FileManager.default.removeItem(atPath: scratch.path("out.\(format)"))
      let broken = try run("{tells_apart: none}")
      #expect(broken.status == 1 && !scratch.exists("out.\(format)"), "\(broken.stderr)")
      #expect(broken.stderr.contains("'order_no' does: 12 of 12 values occur once"), "\(broken.stderr)")
      #expect(broken.stderr.contains("'chassis' does"))
      let half = try run("{tells_apart: {except: [order_no]}}")
      #expect(half.status == 1 && !half.stderr.contains("'order_no' does"), "\(half.stderr)")
      let whole = try run("{tells_apart: {except: [order_no, chassis]}}")
      #expect(whole.status == 0, "\(whole.stderr)")
      #expect(try verify(scratch, "out.\(format)").status == 0)
      let strict = pipeline(format, "order_no: keep, chassis: keep", "checks: [{tells_apart: none}]\n")
      try scratch.write("pipeline.yaml", strict)
      let found = try verify(scratch, "out.\(format)")
      #expect(found.status == 1 && found.text.contains("'order_no' tells people apart"), "\(found.text)")
      #expect(found.text.contains("NOT MET"))
    }
  }

  @Test(
    "Mistakes in the check",
    arguments: [
      ("{tells_apart: yes}", "must be none or {except"), ("{tells_apart: {}}", "except"),
      ("{tells_apart: {except: [gone]}}", "the field is dropped"),
      ("{tells_apart: {except: [ordr_no]}}", "lets this field leave"), ("{tells_apart: {but: [order_no]}}", "except"),
    ])
  func mistakes(_ check: String, said: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", lines([city, Self.telling[0]], "csv"))
    let outcome = try run(scratch, pipeline("csv", "order_no: keep, gone: drop", "checks: [\(check)]\n"))
    #expect(outcome.status == 2 && outcome.stderr.contains(said), "\(outcome.stderr)")
    let none = "version: 1\nname: t\nsource: {path: in.csv}\nfields: {order_no: keep}\nsink: {path: out.csv}\n"
    let alone = try run(scratch, none + "checks: [{tells_apart: none}]\n")
    #expect(alone.status == 2 && alone.stderr.contains("needs an 'anonymity' section"), "\(alone.stderr)")
  }

  @Test("A value that only one person has is that person's, however often it occurs")
  func people() throws {
    var rows = "id,city,tag,kind\n"
    for person in 0..<12 {
      for visit in 0..<4 { rows += "p\(person),\(person < 6 ? "Wien" : "Graz"),W-\(person),\(visit % 3)\n" }
    }
    let scratch = try Scratch()
    try scratch.write("in.csv", rows)
    let yaml =
      "version: 1\nname: test\nsource: {path: in.csv, subject: id}\n"
      + "fields: {id: drop, city: {class: quasi}, tag: keep, kind: keep}\nanonymity: {k: 2}\nsink: {path: out.csv}\n"
    let outcome = try run(scratch, yaml)
    #expect(
      outcome.stderr.contains("'tag' tells people apart: 12 of 12 values belong to one person alone"),
      "\(outcome.stderr)")
    let fields = try measured(scratch)[0]
    #expect(fields.map { $0["values"] as? Int } == [12, 36] && fields.map { $0["of_one_person"] as? Int } == [12, 0])
    #expect(fields.map { $0["different"] as? Int } == [12, 3])
  }

  @Test("Any number of threads and any size of chunks measure the same, also beyond what is counted exactly")
  func invariance() throws {
    let scratch = try Scratch()
    var rows = "id,city,code,note\n"
    for record in 0..<80_000 { rows += "p\(record / 2),\(record % 5),c\(record &* 7919),n\(record % 900)\n" }
    try scratch.write("in.csv", rows)
    for subject in ["", ", subject: id"] {
      let yaml =
        "version: 1\nname: test\nsource: {path: in.csv\(subject)}\n"
        + "fields: {id: drop, city: {class: quasi}, code: keep, note: keep}\n"
        + "anonymity: {k: 2\(subject.isEmpty ? ", count: records" : "")}\nsink: {path: out.csv}\n"
      var told: [String] = []
      for (threads, size) in [("1", "1000000"), ("4", "1000000"), ("3", "5000")] {
        let outcome = try run(scratch, yaml, ["--threads", threads], environment: ["VEIL_CHUNK_BYTES": size])
        #expect(outcome.status == 0, "\(outcome.stderr)")
        let found = try JSONSerialization.data(withJSONObject: try measured(scratch), options: .sortedKeys)
        told.append(String(decoding: found, as: UTF8.self))
      }
      #expect(Set(told).count == 1, "\(told)")
      let code = try measured(scratch)[0][0]
      #expect(code["exact"] as? Bool == false && code["tells_apart"] as? Bool == true)
      let single = try #require(code["of_one_person"] as? Int)
      #expect(76_000...84_000 ~= single)
    }
  }

  /// What leaves is measured behind its stages.
  @Test("What a stage makes common tells nobody apart")
  func behindStages() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", lines([city, Self.telling[2]], "csv"))
    let outcome = try run(scratch, pipeline("csv", "shipped: {truncate: {date: month}}"))
    #expect(outcome.stderr.contains("; k-anonymous (k=2)"), "\(outcome.stderr)")
    let few = try measured(scratch)[0][0]
    #expect(few["different"] as? Int == 1 && few["of_one_person"] as? Int == 0)
  }

  @Test("Parts of objects that leave whole are measured, and elements of arrays")
  func parts() throws {
    for (fields, records) in [
      ("o: {keep: {whole: true, because: x}}", { "\"o\":{\"n\":\"A-\(1000 + $0)\",\"f\":1}" }),
      ("o: {keep: {whole: true, because: x}}, o.f: drop", { "\"o\":{\"n\":\"A-\(1000 + $0)\",\"f\":1}" }),
      ("\"o[]\": keep", { "\"o\":[\"A-\(1000 + $0)\",\"A-\(1000 + $0)\"]" }),
      ("\"o[].n\": keep, \"o[].f\": drop", { "\"o\":[{\"n\":\"A-\(1000 + $0)\",\"f\":1}]" }),
    ] as [(String, (Int) -> String)] {
      let scratch = try Scratch()
      let lines = (0..<12).map { "{\"city\":\"Wien\",\(records($0))}\n" }
      try scratch.write("in.ndjson", lines.joined())
      let outcome = try run(scratch, pipeline("ndjson", fields))
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("; pseudonymous"), "\(fields): \(outcome.stderr)")
      #expect(outcome.stderr.contains("tells people apart: 12 of"), "\(fields): \(outcome.stderr)")
    }
  }

  @Test("Identifiers in an object that leaves whole, and in a quasi-identifier")
  func identifiersElsewhere() throws {
    let scratch = try Scratch()
    let lines = (0..<12).map { "{\"city\":\"Wien\",\"o\":{\"n\":[\"u\($0 % 2)@example.org\"]}}\n" }
    try scratch.write("in.ndjson", lines.joined())
    let outcome = try run(scratch, pipeline("ndjson", "o: {keep: {whole: true, because: x}}"))
    #expect(outcome.stderr.contains("; personal data"), "\(outcome.stderr)")
    try scratch.write("in.csv", "city,a\n" + (0..<12).map { "u\($0 % 2)@example.org,1\n" }.joined())
    let quasi = try run(scratch, pipeline("csv", "a: keep"))
    #expect(quasi.stderr.contains("'city' is said to name nobody"), "\(quasi.stderr)")
    #expect(quasi.stderr.contains("; personal data"), "\(quasi.stderr)")
    #expect(try verify(scratch, "out.csv").status == 1)
  }

  @Test("Measuring changes no byte of what leaves")
  func unchanged() throws {
    let format = "csv"
    let scratch = try Scratch()
    let rows = "city,a,b\nWien,\"x\"\"1\",\"p,q\"\nWien,y,\n"
    try scratch.write("in.\(format)", rows)
    let outcome = try run(scratch, pipeline(format, "a: keep, b: keep", "order: input\n"))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let left = try scratch.text("out.\(format)")
    #expect(left == rows, "\(left)")
  }
}
