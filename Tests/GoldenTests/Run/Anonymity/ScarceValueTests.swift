import Foundation
import Testing

/// A value that two of many people have singles out these two: values are counted that fewer than k have.
@Suite("Values that fewer than k have")
struct ScarceValueTests {
  private func run(_ scratch: Scratch, _ yaml: String) throws -> Outcome {
    try scratch.write("p.yaml", yaml)
    return try Veil.run(["run", "p.yaml", "--report", "report.json"], directory: scratch.root)
  }

  private func measured(_ scratch: Scratch) throws -> [[String: Any]] {
    let report = try JSONSerialization.jsonObject(with: scratch.data("report.json")) as? [String: Any]
    return try #require((report?["measured"] as? [[String: Any]])?.first?["fields"] as? [[String: Any]])
  }

  /// 200 records; `tag` is what each pair of records shares.
  private func write(_ scratch: Scratch, _ tag: (Int) -> String) throws {
    try scratch.write(
      "in.csv", "id,city,tag\n" + (0..<200).map { "p\($0),\($0 % 3),\(tag($0))\n" }.joined())
  }

  private func yaml(_ rule: String, subject: Bool = false, k: Int = 5) -> String {
    "version: 1\nname: test\nsource: {path: in.csv\(subject ? ", subject: id" : "")}\n"
      + "fields: {id: drop, city: {class: quasi}, tag: \(rule)}\n"
      + "anonymity: {k: \(k)\(subject ? "" : ", count: records")}\nsink: {path: out.csv}\n"
  }

  @Test("Pairs tell people apart, counted in records or in people, in run and verify", arguments: [true, false])
  func pairs(_ subject: Bool) throws {
    for rule in ["keep", "{class: sensitive, stages: [keep], because: x}"] {
      let scratch = try Scratch()
      try write(scratch) { "t\($0 / 2)" }
      let outcome = try run(scratch, yaml(rule, subject: subject))
      #expect(outcome.status == 0 && outcome.stderr.contains("; pseudonymous"), "\(rule): \(outcome.stderr)")
      let bound = rule == "keep" ? 5 : 3
      let said =
        "'tag' tells people apart: 200 of 200 values are such as fewer than \(bound) \(subject ? "people" : "records") have"
      #expect(outcome.stderr.contains(said), "\(outcome.stderr)")
      let field = try #require(try measured(scratch).first)
      #expect(field["of_one_person"] as? Int == 0 && field["of_few_people"] as? Int == 200)
      #expect(field["of_fewer_than"] as? Int == 5 && field["tells_apart"] as? Bool == true)
      let verified = try Veil.run(["verify", "out.csv", "--pipeline", "p.yaml"], directory: scratch.root)
      #expect(
        verified.status == 0 && verified.text.contains("'tag' tells people apart: 200 of 200"), "\(verified.text)")
    }
  }

  @Test("What k people share, and rare values of a sensitive attribute, tell nobody apart")
  func shared() throws {
    let scratch = try Scratch()
    try write(scratch) { "t\($0 / 5)" }
    let outcome = try run(scratch, yaml("keep"))
    #expect(outcome.stderr.contains("; k-anonymous (k=5)"), "\(outcome.stderr)")
    // Two are fewer than five, and not fewer than two.
    try write(scratch) { "t\($0 / 2)" }
    let two = try run(scratch, yaml("keep", k: 2))
    #expect(two.stderr.contains("; k-anonymous (k=2)"), "\(two.stderr)")
    // A third of the records has a value that two have.
    try write(scratch) { $0 < 66 ? "t\($0 / 2)" : "common" }
    let open = try run(scratch, yaml("keep"))
    #expect(open.stderr.contains("; pseudonymous"), "\(open.stderr)")
    let sensitive = try run(scratch, yaml("{class: sensitive, stages: [keep], because: x}"))
    #expect(sensitive.stderr.contains("; k-anonymous (k=5)"), "\(sensitive.stderr)")
    // Two of two hundred are counted, and are less than the share that makes a field one that tells apart.
    try write(scratch) { $0 < 2 ? "rare" : "common" }
    let rare = try run(scratch, yaml("keep"))
    #expect(rare.stderr.contains("; k-anonymous (k=5)"), "\(rare.stderr)")
    #expect(try measured(scratch).first?["of_few_people"] as? Int == 2)
  }
}

/// Names of people in values and in objects that leave whole.
@Suite("People in what is kept")
struct KeptPeopleTests {
  private static let names = [
    "Anna Adler", "Bernd Braun", "Chiara Conti", "José Díaz", "Élodie Blanc", "Jürgen M. Weiß",
  ]

  private func outcome(_ yaml: String, _ scratch: Scratch) throws -> (run: Outcome, verify: Outcome) {
    try scratch.write("p.yaml", yaml)
    let run = try Veil.run(["run", "p.yaml"], directory: scratch.root)
    let file = yaml.contains("out.csv") ? "out.csv" : "out.ndjson"
    return (run, try Veil.run(["verify", file, "--pipeline", "p.yaml"], directory: scratch.root))
  }

  @Test("Full names in kept text make personal data, with classes and without, counted in records or people")
  func fullNames() throws {
    for (anonymity, source) in [
      ("anonymity: {k: 2, count: records}\n", "{path: in.csv}"), ("anonymity: {k: 2}\n", "{path: in.csv, subject: id}"),
      ("", "{path: in.csv}"),
    ] {
      let scratch = try Scratch()
      let rows = (0..<36).map { "p\($0),\($0 % 2),\"call \(Self.names[$0 % 6]) again, please\"\n" }
      try scratch.write("in.csv", "id,city,note\n" + rows.joined())
      let quasi = anonymity.isEmpty ? "keep" : "{class: quasi}"
      func yaml(_ rule: String) -> String {
        "version: 1\nname: t\nsource: \(source)\nfields: {id: drop, city: \(quasi), note: \(rule)}\n\(anonymity)sink: {path: out.csv}\n"
      }
      let (run, verify) = try outcome(yaml("keep"), scratch)
      #expect(run.status == 0 && run.stderr.contains("; personal data"), "\(run.stderr)")
      #expect(run.stderr.contains("36 hold a person's full name"), "\(run.stderr)")
      #expect(!run.stderr.contains("Adler") && !verify.text.contains("Adler"))
      #expect(verify.status == 1 && verify.text.contains("LEAK: 36 values of 'note' hold a person's full name"))
      // With classes such a field may not leave at all.
      guard anonymity.isEmpty else { continue }
      let said = try outcome(yaml("{class: direct, stages: [keep], because: x}"), scratch)
      #expect(said.run.stderr.contains("; personal data") && said.verify.status == 0, "\(said.verify.text)")
    }
    // Places and things that begin like a name.
    let scratch = try Scratch()
    let others = [
      "Martin Luther Street", "San Diego California", "San Antonio Texas", "Marie Curie Hospital", "left open",
    ]
    try scratch.write("in.csv", "city,note\n" + (0..<30).map { "\($0 % 2),\(others[$0 % 5])\n" }.joined())
    let (run, verify) = try outcome(
      "version: 1\nname: t\nsource: {path: in.csv}\nfields: {city: {class: quasi}, note: keep}\nanonymity: {k: 2}\nsink: {path: out.csv}\n",
      scratch)
    #expect(run.stderr.contains("; k-anonymous") && verify.status == 0, "\(run.stderr)\(verify.text)")
  }

  @Test("Members of objects that leave whole are fields, and their names may be values")
  func members() throws {
    for (member, said) in [
      ("{\"iban\":\"x\"}", "a member that is called"), ("{\"a\":[{\"email\":1}]}", "a member that is called"),
      ("{\"customer\":{\"name\":\"x\"}}", "a member that is called"), ("{\"u1@example.org\":1}", "an e-mail address"),
      ("{\"a\":\"anna\\u0040example.org\"}", "an e-mail address"),
      ("{\"e\\u006dail\":\"x\"}", "a member that is called"),
      ("{\"product\":{\"name\":\"x\"}}", nil), ("{\"iban\":null}", nil),
    ] as [(String, String?)] {
      for anonymity in ["anonymity: {k: 2}\n", ""] {
        let scratch = try Scratch()
        try scratch.write("in.ndjson", (0..<12).map { "{\"city\":\"\($0 % 2)\",\"o\":\(member)}\n" }.joined())
        let quasi = anonymity.isEmpty ? "keep" : "{class: quasi}"
        let (run, verify) = try outcome(
          "version: 1\nname: t\nsource: {path: in.ndjson}\n"
            + "fields: {city: \(quasi), o: {keep: {whole: true, because: x}}, x: {stages: [drop], optional: true}}\n\(anonymity)"
            + "sink: {path: out.ndjson}\n", scratch)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stderr.contains("; personal data") == (said != nil), "\(member): \(run.stderr)")
        #expect(verify.status == (said == nil ? 0 : 1), "\(member): \(verify.text)")
        if let said { #expect(run.stderr.contains("12 hold \(said)") && verify.text.contains(said), "\(run.stderr)") }
        #expect(!run.stderr.contains("example.org") && !verify.text.contains("example.org"))
      }
    }
  }
}
