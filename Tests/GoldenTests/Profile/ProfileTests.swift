import Foundation
import Testing

/// `veil profile`, `risk` and `init` from outside: what they say, and that no value of the data is in it.
@Suite struct ProfileTests {
  /// A value that is in no word of a report, in every field, in every place where a report might slip.
  private static let canaries: (csv: String, values: [String]) = {
    let header =
      "customer_id,email,full_name,phone,iban,card,ssn,ip,city,postcode,birth_date,age,income,diagnosis,notes,url,odd,constant,code"
    var rows = [header]
    var values: Set<String> = ["Zyxwania"]
    for index in 0..<60 {
      let row = [
        "QX\(73_000 + index)", "quorra\(index)@zilch\(index).example", "Wilfreda Quux\(index)",
        "+4930\(8_800_000 + index)",
        "DE\(iban(index))", "4\(card(index))", "\(219 + index)-\(11 + index)-\(5120 + index)", "203.0.113.\(index + 1)",
        "Xanadu\(index % 3)", "\(87_123 + index % 7)", "19\(40 + index)-0\(index % 9 + 1)-17", "\(20 + index)",
        "\(48_913 + 17 * index)",
        "morbus\(index % 4)", "Quibble number \(index) about a secret wobbly thing", "https://zonk.example/\(index)",
        "zq\(index * 7919)", "Zyxwania",
        "kk\(index % 2)",
      ]
      values.formUnion(row.filter { $0.count > 3 })
      rows.append(row.joined(separator: ","))
    }
    return (rows.joined(separator: "\n") + "\n", values.sorted())
  }()

  private static func iban(_ index: Int) -> String {
    let account = "\(370_400_440_532_013_000 + index)"
    // D and E are 13 and 14.
    let rest = (account + "131400").reduce(0) { ($0 * 10 + Int(String($1))!) % 97 }
    return String(format: "%02d", 98 - rest) + account
  }

  private static func card(_ index: Int) -> String {
    let body = "4\(41_111_111_110_000 + index * 101)"
    var sum = 0
    for (place, digit) in body.reversed().enumerated() {
      let value = Int(String(digit))! * (place % 2 == 0 ? 2 : 1)
      sum += value > 9 ? value - 9 : value
    }
    return body.dropFirst() + "\((10 - sum % 10) % 10)"
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func roles(_ document: [String: Any]) throws -> [String: String] {
    let fields = try #require(document["fields"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: fields.map { ($0["field"] as! String, $0["role"] as! String) })
  }

  @Test func noValueIsInAnyReport() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", Self.canaries.csv)
    for arguments in [
      ["profile", "in.csv"], ["profile", "in.csv", "--json"], ["init", "in.csv"],
      ["risk", "in.csv", "--quasi", "city,postcode,birth_date,age,odd", "--sample-fraction", "10%"],
      ["risk", "in.csv", "--quasi", "city,postcode,age", "--population", "6000", "--json"],
    ] {
      let outcome = try Veil.run(arguments, directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      for value in Self.canaries.values {
        #expect(!(outcome.text + outcome.stderr).contains(value), "\(arguments): \(value)")
      }
    }
    let document = try json(Veil.run(["profile", "in.csv", "--json"], directory: scratch.root).text)
    let found = try roles(document)
    let expected = [
      "customer_id": "identifier", "email": "email", "full_name": "name", "phone": "phone", "iban": "account",
      "card": "card",
      "ssn": "nationalID", "ip": "ip", "city": "city", "postcode": "postcode", "birth_date": "birthDate", "age": "age",
      "income": "income", "diagnosis": "health", "notes": "freeText", "url": "url", "odd": "identifier",
      "constant": "constant",
      "code": "category",
    ]
    for (field, role) in expected { #expect(found[field] == role, "\(field): \(found[field] ?? "")") }
  }

  /// Content decides where a name says nothing, and a name alone does not make a flag an address.
  @Test func contentIsRecognizedUnderAnyName() throws {
    let scratch = try Scratch()
    let lines = Self.canaries.csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let text = lines.enumerated().map { index, row in
      (index == 0
        ? row.indices.map { Substring("f\($0)") } + ["email_opt_in"] : row + [index % 2 == 0 ? "true" : "false"])
        .joined(separator: ",")
    }
    try scratch.write("in.csv", text.joined(separator: "\n"))
    let found = try roles(json(Veil.run(["profile", "in.csv", "--json"], directory: scratch.root).text))
    for (field, role) in [
      ("f1", "email"), ("f3", "phone"), ("f4", "account"), ("f5", "card"), ("f6", "nationalID"), ("f7", "ip"),
      ("f10", "date"),
      ("f14", "freeText"), ("f15", "url"), ("email_opt_in", "flag"),
    ] {
      #expect(found[field] == role, "\(field): \(found[field] ?? "")")
    }
  }

  /// A starter fits the data that it was made from, and runs: what it publishes holds no direct identifier.
  @Test(arguments: [
    "customers.csv", "customers-crlf.csv", "customers.ndjson", "events.ndjson", "adult.csv", "canaries.csv",
  ])
  func starterIsValidAndSafe(_ name: String) throws {
    let scratch = try Scratch()
    var options: [String] = []
    switch name {
    case "adult.csv":
      try scratch.copy(Repository.path("fixtures/adult/adult.csv"), to: name)
      options = ["--delimiter", ";"]
    case "canaries.csv": try scratch.write(name, Self.canaries.csv)
    default: try scratch.copy(Repository.path("fixtures/customers/\(name)"), to: name)
    }
    let made = try Veil.run(["init", name] + options, directory: scratch.root)
    #expect(made.status == 0, "\(made.stderr)")
    try scratch.write("p.yaml", made.text)
    // Adult would take a debug build a minute.
    let input = name == "adult.csv" ? [] : ["--input", name]
    let check = try Veil.run(["check", "p.yaml"] + input, directory: scratch.root)
    #expect(check.status == 0, "\(check.stderr)\n\(made.text)")
    guard name != "events.ndjson", name != "adult.csv" else { return }
    if made.text.contains("keys/") {
      let key = try #require(made.text.firstMatch(of: /file: (keys\/[^}]*)}/)).output.1
      try scratch.write(String(key), "hex:\(TestKey.hex)")
    }
    let run = try Veil.run(["run", "p.yaml"], directory: scratch.root)
    #expect(run.status == 0, "\(run.stderr)\n\(made.text)")
    guard name == "canaries.csv" else { return }
    let output = try scratch.text("canaries-veiled.csv")
    for hidden in ["QX73", "quorra", "Quux", "+4930", "DE", "203.0.113", "Quibble", "zonk", "zq"] {
      #expect(!output.contains(hidden), "\(hidden)")
    }
  }

  /// Data that nothing is understood of, or that has hardly any: a starter is a pipeline all the same, and runs.
  @Test(arguments: [
    ("in.csv", "a,b\n"), ("in.csv", "note,b\nQuibble,zonk\nzq,Quux\n"), ("in.tsv", "note\nQuibble\nzq\n"),
    (
      "in.ndjson",
      #"{"id":1,"note":"Quibble","o":{},"l":[],"p":{"q":{}},"m":{"x":1},"n":[{}]}"# + "\n"
        + #"{"id":2,"note":"zq","o":{},"l":[],"p":{"q":[]},"m":{},"n":[]}"# + "\n"
    ),
    ("in.json", #"[{"o":{}},{"o":{}}]"#), ("in.json", #"[{"l":[{}]},{"l":null}]"#),
  ])
  func starterOfLittle(_ name: String, _ data: String) throws {
    let scratch = try Scratch()
    try scratch.write(name, data)
    let made = try Veil.run(["init", name], directory: scratch.root)
    #expect(made.status == 0, "\(made.stderr)")
    try scratch.write("p.yaml", made.text)
    let check = try Veil.run(["check", "p.yaml", "--input", name], directory: scratch.root)
    #expect(check.status == 0, "\(check.stderr)\n\(made.text)")
    if made.text.contains("keys/") {
      #expect(try Veil.run(["key", "new", "keys/in.key"], directory: scratch.root).status == 0)
    }
    let run = try Veil.run(["run", "p.yaml"], directory: scratch.root)
    #expect(run.status == 0, "\(run.stderr)\n\(made.text)")
    let output = try scratch.text("in-veiled.\(name.split(separator: ".")[1])")
    for hidden in ["Quibble", "zonk", "zq", "Quux"] { #expect(!output.contains(hidden), "\(hidden)") }
  }

  @Test func noStarterOfNothing() throws {
    let scratch = try Scratch()
    for (name, data) in [("in.ndjson", ""), ("in.json", "[]"), ("in.ndjson", "{}\n")] {
      try scratch.write(name, data)
      let made = try Veil.run(["init", name], directory: scratch.root)
      #expect(made.status == 3 && made.text.isEmpty, "\(made.text)")
      #expect(made.stderr.contains(name))
    }
  }

  /// All forms of the same records are described alike, at any number of threads.
  @Test func formsOfInputAreAlike() throws {
    let scratch = try Scratch()
    let csv = try Repository.data("fixtures/customers/customers.csv")
    try scratch.write("c.csv", csv)
    let plain = try Veil.run(["profile", "c.csv", "--json", "--threads", "1"], directory: scratch.root).text
    #expect(try Veil.run(["profile", "c.csv", "--json", "--threads", "3"], directory: scratch.root).text == plain)
    #expect(
      try Veil.run(["profile", "-", "--json"], stdin: csv, directory: scratch.root).text
        == plain.replacing("\"c.csv\"", with: "\"standard input\""))
    for (program, name) in [("gzip", "c.csv.gz"), ("zstd", "c.csv.zst")] {
      let packed = try Command.run(program, ["-c", "-q", scratch.path("c.csv")])
      guard packed.status == 0 else { continue }
      try scratch.write(name, packed.stdout)
      #expect(
        try Veil.run(["profile", name, "--json"], directory: scratch.root).text
          == plain.replacing("\"c.csv\"", with: "\"\(name)\""))
    }
    try scratch.copy(Repository.path("fixtures/customers/customers.ndjson"), to: "c.ndjson")
    let lines = try json(Veil.run(["profile", "c.ndjson", "--json"], directory: scratch.root).text)
    #expect(lines["records"] as? Int == 2000)
    let events = try Veil.run(
      ["profile", Repository.path("fixtures/customers/events.ndjson"), "--json"], directory: scratch.root)
    #expect(events.status == 0 && events.text.contains("[]"), "\(events.stderr)")
  }

  @Test func risksAreThoseThatPythonCounts() throws {
    let script = #"""
      import csv, sys, json, itertools, collections
      rows = list(csv.DictReader(open(sys.argv[1], encoding='utf-8'), delimiter=';'))
      quasi = sys.argv[2].split(',')
      def sizes(columns): return collections.Counter(tuple(r[c] for c in columns) for r in rows)
      whole = sizes(quasi)
      n = len(rows)
      out = {'classes': len(whole), 'unique_records': sum(1 for v in whole.values() if v == 1),
             'smallest_class': min(whole.values()), 'largest_class': max(whole.values()),
             'prosecutor': len(whole) / n, 'below5': sum(v for v in whole.values() if v < 5) / n}
      out['subsets'] = {','.join(s): [sum(1 for v in sizes(s).values() if v == 1) / n, len(sizes(s))]
                        for k in (1, 2, 3) for s in itertools.combinations(quasi, k)}
      print(json.dumps(out))
      """#
    let quasi = "age,sex,race,education,occupation"
    let peer = try Command.run("python3", ["-c", script, Repository.path("fixtures/adult/adult.csv"), quasi])
    let expected = try json(peer.text)
    let risk = try #require(
      try json(
        Veil.run(["risk", Repository.path("fixtures/adult/adult.csv"), "--delimiter", ";", "--quasi", quasi, "--json"])
          .text)["risk"]
        as? [String: Any])
    for key in ["classes", "unique_records", "smallest_class", "largest_class"] {
      #expect(risk[key] as? Int == expected[key] as? Int, "\(key)")
    }
    let prosecutor = try #require((risk["prosecutor"] as? [String: Any])?["average"] as? Double)
    #expect(abs(prosecutor - (expected["prosecutor"] as! Double)) < 1e-12)
    let below = try #require((risk["share_in_classes_below"] as? [String: Any])?["5"] as? Double)
    #expect(abs(below - (expected["below5"] as! Double)) < 1e-12)
    let subsets = try #require(risk["subsets"] as? [[String: Any]])
    let wanted = try #require(expected["subsets"] as? [String: [Double]])
    var compared = 0
    for set in subsets {
      guard let pair = wanted[(set["fields"] as! [String]).joined(separator: ",")] else { continue }
      compared += 1
      let share = (set["unique_share"] as! NSNumber).doubleValue
      let classes = (set["classes"] as! NSNumber).doubleValue
      // Exact up to 4,096 combinations, estimated beyond.
      if pair[1] <= 4096 {
        #expect(abs(share - pair[0]) < 1e-12 && classes == pair[1], "\(set)")
      } else {
        #expect(abs(share - pair[0]) < 0.1 * pair[0] && abs(classes - pair[1]) < 0.08 * pair[1], "\(set)")
      }
    }
    #expect(compared == 25)
  }

  /// With a subject, uniqueness and class sizes are of people; somebody in several classes counts at the smallest.
  @Test(arguments: ["1", "3"])
  func peopleAreCounted(_ threads: String) throws {
    let script = #"""
      import csv, sys, json, itertools, collections
      rows = list(csv.DictReader(open(sys.argv[1])))
      quasi = ['age', 'town', 'sex']
      def look(columns):
          classes = collections.defaultdict(set)
          for r in rows: classes[tuple(r[c] for c in columns)].add(r['id'])
          worst = {}
          for people in classes.values():
              for p in people: worst[p] = min(worst.get(p, 10**9), len(people))
          return classes, worst
      classes, worst = look(quasi)
      n = len(worst)
      sizes = [len(c) for c in classes.values()]
      print(json.dumps({
          'count': n, 'classes': len(classes), 'unique_people': sum(v == 1 for v in worst.values()),
          'smallest_class': min(sizes), 'largest_class': max(sizes),
          'average': sum(1 / v for v in worst.values()) / n, 'below5': sum(v < 5 for v in worst.values()) / n,
          'subsets': {','.join(s): sum(v == 1 for v in look(s)[1].values()) / n
                      for k in (1, 2) for s in itertools.combinations(quasi, k)}}))
      """#
    let scratch = try Scratch()
    // 700 people, most with one row, some with up to four; a few rows say of nobody whose they are.
    let rows = (0..<1100).map { row in
      let person = row * row % 701
      return "\(row % 97 == 0 ? "" : "p\(person)"),\(20 + (person * 13 + row / 400) % 60),"
        + "\(["Bonn", "Ulm", "Kiel"][person % 3]),\(person % 2)"
    }
    try scratch.write("in.csv", "id,age,town,sex\n" + rows.joined(separator: "\n") + "\n")
    let expected = try json(Command.run("python3", ["-c", script, scratch.path("in.csv")]).text)
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: visits
      source: {path: in.csv, subject: id}
      fields: {id: drop, age: {class: quasi}, town: {class: quasi}, sex: {class: quasi}}
      anonymity: {k: 3}
      sink: {path: out.csv}

      """)
    for arguments in [
      ["--quasi", "age,town,sex", "--subject", "id"], ["--pipeline", "p.yaml"],
      ["--pipeline", "p.yaml", "--quasi", "age,town,sex"],
    ] {
      let outcome = try Veil.run(
        ["risk", "in.csv", "--json", "--threads", threads] + arguments, directory: scratch.root)
      let risk = try #require(try json(outcome.text)["risk"] as? [String: Any], "\(outcome.stderr)")
      #expect(risk["counted"] as? String == "people")
      for key in ["count", "classes", "unique_people", "smallest_class", "largest_class"] {
        #expect(risk[key] as? Int == expected[key] as? Int, "\(key)")
      }
      func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? -1 }
      #expect(abs(number((risk["prosecutor"] as? [String: Any])?["average"]) - number(expected["average"])) < 1e-12)
      #expect(
        abs(number((risk["share_in_classes_below"] as? [String: Any])?["5"]) - number(expected["below5"])) < 1e-12)
      let wanted = try #require(expected["subsets"] as? [String: Any])
      let subsets = try #require(risk["subsets"] as? [[String: Any]])
      #expect(subsets.count == 6)
      for set in subsets {
        let name = (set["fields"] as? [String])?.joined(separator: ",") ?? ""
        #expect(abs(number(set["unique_share"]) - number(wanted[name])) < 1e-12, "\(name)")
      }
    }
    let text = try Veil.run(["risk", "in.csv", "--pipeline", "p.yaml"], directory: scratch.root).text
    #expect(text.contains("people by id") && text.contains("people that are alone"), "\(text)")
    for (arguments, status) in [
      (["--quasi", "age", "--subject", "nobody"], 4), (["--quasi", "age,id", "--subject", "id"], 2), ([], 2),
      (["--quasi", "age", "--subject", "id", "--population", "100"], 2),
    ] {
      #expect(try Veil.run(["risk", "in.csv"] + arguments, directory: scratch.root).status == Int32(status))
    }
  }

  /// A population of more people than a machine's whole numbers count.
  @Test(arguments: [["--sample-fraction", "1e-19"], ["--population", "9223372036854775807"]])
  func populationsMayBeLarge(_ arguments: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "a,b\n1,2\n1,3\n2,3\n3,1\n")
    for form in [[], ["--json"]] {
      let outcome = try Veil.run(["risk", "in.csv", "--quasi", "a"] + arguments + form, directory: scratch.root)
      #expect(outcome.status == 0 && outcome.text.contains("e+"), "\(outcome.text)\n\(outcome.stderr)")
    }
  }

  @Test func mistakesAreToldWithTheContractsStatus() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "city,age\nOslo,3\nRome,4\n")
    try scratch.write("bad.csv", "city,age\nOslo,3\nRome\n")
    try scratch.write("twice.csv", "city,city\nOslo,3\n")
    func status(_ arguments: [String]) throws -> (Int32, String) {
      let outcome = try Veil.run(arguments, directory: scratch.root)
      return (outcome.status, outcome.stderr)
    }
    #expect(try status(["risk", "in.csv", "--quasi", "citty"]).0 == 4)
    #expect(try status(["risk", "in.csv", "--quasi", "citty"]).1.contains("city"))
    #expect(try status(["risk", "in.csv", "--quasi", "city", "--sample-fraction", "2"]).0 == 2)
    #expect(try status(["risk", "in.csv", "--quasi", "city", "--population", "1"]).0 == 2)
    #expect(try status(["risk", "in.csv"]).0 == 2)
    let bad = try status(["profile", "bad.csv"])
    #expect(bad.0 == 3 && bad.1.contains("record 2") && !bad.1.contains("Rome"), "\(bad)")
    #expect(try status(["profile", "none.csv"]).0 == 3)
    #expect(try status(["init", "twice.csv"]).0 == 4)
    try scratch.write("data.bin", "city\nOslo\n")
    #expect(try status(["profile", "data.bin"]).0 == 2)
    #expect(try status(["profile", "data.bin", "--format", "csv"]).0 == 0)
  }

  @Test func checkProposesHierarchies() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "zip,wait\n10115,2020-01-02\n10117,2021-03-04\n")
    try scratch.write(
      "p.yaml",
      TestPipeline(
        fields: ["zip: {class: quasi}", "wait: {class: quasi}"], unlisted: "error", more: ["anonymity: {k: 2}"]
      ).text)
    let plain = try Veil.run(["check", "p.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(plain.status == 0 && plain.stderr.contains("{prefix: 5}"), "\(plain.stderr)")
    let read = try Veil.run(
      ["check", "p.yaml", "--input", "in.csv"], environment: TestKey.environment, directory: scratch.root)
    #expect(read.status == 0 && read.stderr.contains("{date: [month, year]}"), "\(read.stderr)")
  }

  /// Every value that a hierarchy lacks is counted, before the run gives up; or it goes to the top.
  @Test(arguments: ["1", "3"])
  func gapsOfAHierarchyAreCountedAndLocated(threads: String) throws {
    let scratch = try Scratch()
    var rows = "q,s\n"
    for index in 0..<400 {
      rows += "\(index % 100 == 37 ? "secret\(index % 3)" : ["a", "b", "c"][index % 3]),\(index)\n"
    }
    func pipeline(_ missing: String) -> TestPipeline {
      TestPipeline(
        fields: ["q: {class: quasi, hierarchy: {tree: {x: [a, b], y: [c]}\(missing)}}", "s: keep"], unlisted: "error",
        more: ["anonymity: {k: 2}"])
    }
    let chunks = ["VEIL_CHUNK_BYTES": "300"]
    let refused = try scratch.run(
      pipeline(""), on: Data(rows.utf8), arguments: ["--threads", threads], environment: chunks)
    #expect(refused.status == 3 && !scratch.exists("out.csv"))
    #expect(
      refused.stderr.contains(
        "3 different values are missing from it, in 4 records; the first: in.csv: record 38, in.csv: record 138, "),
      "\(refused.stderr)")
    #expect(!refused.stderr.contains("secret"))
    let topped = try scratch.run(
      pipeline(", missing: top"), on: Data(rows.utf8), arguments: ["--threads", threads], environment: chunks)
    #expect(topped.status == 0, "\(topped.stderr)")
    let output = try scratch.text("out.csv")
    #expect(output.split(separator: "\n").filter { $0.hasPrefix("*,") }.count >= 4 && !output.contains("secret"))
  }
}
