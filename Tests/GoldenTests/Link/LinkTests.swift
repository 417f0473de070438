import Foundation
import Testing

/// `veil link`: who can be found again in two published files.
@Suite struct LinkTests {
  private func link(_ scratch: Scratch, _ words: String...) throws -> Outcome {
    try Veil.run(["link"] + words, directory: scratch.root)
  }

  /// Exports of two recipients, and one recipient's of another night.
  private func exports() throws -> Scratch {
    let scratch = try Scratch()
    let rows = (0..<60).map { "\($0),p\($0)@x.org,\(1950 + $0 % 50)-0\(1 + $0 % 9)-11,\(10000 + $0 % 7)" }
    try scratch.write("in.csv", "id,email,born,postcode\n" + rows.joined(separator: "\n") + "\n")
    for (name, sinks) in [
      ("p", "[{path: lab.csv, recipient: lab}, {path: bank.ndjson.gz, recipient: bank}]"),
      ("q", "[{path: later.csv, recipient: lab, fields: {email: drop}}, {path: x.csv, recipient: other}]"),
    ] {
      try scratch.write(
        "\(name).yaml",
        """
        version: 1
        name: crm
        source: {path: in.csv}
        keys: {k: {env: VEIL_KEY}}
        fields:
          id: {pseudonym: {key: k}}
          email: {encrypt: {key: k}}
          born: keep
          postcode: keep
        sinks: \(sinks)

        """)
      let outcome = try Veil.run(["run", "\(name).yaml"], environment: TestKey.environment, directory: scratch.root)
      try #require(outcome.status == 0, "\(outcome.stderr)")
    }
    return scratch
  }

  @Test func tokensOfTwoRecipientsDoNotJoin() throws {
    let scratch = try exports()
    let apart = try link(scratch, "lab.csv", "bank.ndjson.gz")
    #expect(apart.status == 0, "\(apart.stderr)")
    #expect(apart.text.contains("lab.csv: 60 records, 4 fields\nbank.ndjson.gz: 60 records, 4 fields\n"))
    #expect(apart.text.contains("by tokens: nobody\n"))
    // What was kept as it is tells people apart all the same.
    #expect(apart.text.contains("  60: born + postcode\n"), "\(apart.text)")
    #expect(!apart.text.contains("19"), "no values: \(apart.text)")
    let one = try link(scratch, "lab.csv", "bank.ndjson.gz", "--on", "born")
    #expect(one.text.contains("by one field (people, whose value is nobody else's in either file):\n  60: born\n"))
    let together = try link(scratch, "later.csv", "lab.csv")
    #expect(together.status == 1 && together.text.contains("  60: id\n"), "\(together.text)")
    #expect(together.stderr.contains("tokens join"))
    #expect(try link(scratch, "lab.csv", "later.csv", "--on", "id").status == 1)
    #expect(try link(scratch, "lab.csv", "bank.ndjson.gz", "--on", "id").status == 0)
  }

  /// The same counts as Python's, on fields that both files keep.
  @Test func countsAreRight() throws {
    let scratch = try Scratch()
    var random = SystemRandomNumberGenerator()
    for name in ["a", "b"] {
      let rows = (0..<300).map { _ in
        ["u", "v", "w"].map { _ in Int.random(in: 0..<12, using: &random) }.map { $0 == 0 ? "" : "\($0)" }
          .joined(separator: ",")
      }
      try scratch.write("\(name).csv", "u,v,w\n" + rows.joined(separator: "\n") + "\n")
    }
    let script = """
      import csv, collections, itertools, json
      def rows(p): return list(csv.DictReader(open(p)))
      a, b = rows('a.csv'), rows('b.csv')
      def unique(rows, keys):
          c = collections.Counter(tuple(r[k] for k in keys) for r in rows if all(r[k] for k in keys))
          return {k for k, n in c.items() if n == 1}
      print(json.dumps({'+'.join(k): len(unique(a, k) & unique(b, k))
                        for n in (2, 3) for k in itertools.combinations('uvw', n)}))
      """
    let python = try Command.run("python3", ["-c", script], directory: scratch.root)
    let expected = try #require(try JSONSerialization.jsonObject(with: python.stdout) as? [String: Int])
    let outcome = try link(scratch, "a.csv", "b.csv", "--json")
    #expect(outcome.status == 0)
    let report = try #require(try JSONSerialization.jsonObject(with: outcome.stdout) as? [String: Any])
    var found: [String: Int] = [:]
    for finding in report["combinations"] as? [[String: Any]] ?? [] {
      let fields = finding["fields_a"] as? [String] ?? []
      found[fields.joined(separator: "+")] = finding["people"] as? Int
    }
    #expect(found == expected.filter { $0.value > 0 } && !found.isEmpty)
  }

  @Test func whatCannotBeCompared() throws {
    let scratch = try Scratch()
    try scratch.write("a.csv", "x,y\n1,2\n")
    try scratch.write("b.csv", "x\n1,2\n")
    #expect(try link(scratch, "a.csv", "b.csv").status == 3)
    #expect(try link(scratch, "a.csv", "nowhere.csv").status == 3)
    try scratch.write("c.txt", "x\n1\n")
    #expect(try link(scratch, "a.csv", "c.txt").status == 2)
    try scratch.write("c.csv.cms", "x\n1\n")
    #expect(try link(scratch, "a.csv", "c.csv.cms").stderr.contains("is encrypted"))
    let odd = try link(scratch, "a.csv", "a.csv", "--on", "z")
    #expect(odd.status == 2 && odd.stderr.contains("has no field 'z'"))
    #expect(try link(scratch, "a.csv", "a.csv").status == 0)
  }
}
