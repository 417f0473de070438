import Foundation
import Testing

/// `veil check --input` says "fits" where a run would publish, and tells everything at once where it would not.
@Suite("An input that is tried") struct InputTrialTests {
  private static let head = "version: 1\nname: t\nsource: {path: in.csv}\n"
  private static let anonymous = """
    fields:
      born: {class: quasi, hierarchy: {date: [month, year]}}
      age: {class: quasi, hierarchy: {interval: {width: 5, levels: 2}}}
      edu: {class: quasi, hierarchy: {tree: {low: [a, b], high: [c]}}}
      since: {truncate: {date: year}}
    anonymity: {k: 3, count: records}
    sink: {path: out.csv}

    """
  private static let rows = (0..<60).map {
    "19\(70 + $0 % 10)-0\(1 + $0 % 9)-11,\(30 + $0 % 5),\(["a", "b", "c"][$0 % 3]),2020-01-0\(1 + $0 % 9)\n"
  }.joined()

  /// What `check --input` and `run` end with, in this order.
  private func both(
    _ pipeline: String, _ files: [String: String], input: String = "in.csv", arguments: [String] = []
  ) throws -> (check: Outcome, run: Outcome) {
    let scratch = try Scratch()
    try scratch.write("p.yaml", pipeline)
    for (name, text) in files { try scratch.write(name, text) }
    let check = try Veil.run(["check", "p.yaml", "--input", input] + arguments, directory: scratch.root)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.root).count == files.count + 1,
      "a check writes nothing")
    let run = try Veil.run(["run", "p.yaml"] + arguments, directory: scratch.root)
    return (check, run)
  }

  @Test("What fits is published, and the number of records is told")
  func fits() throws {
    let (check, run) = try both(Self.head + Self.anonymous, ["in.csv": "born,age,edu,since\n" + Self.rows])
    #expect(check.status == 0 && run.status == 0, "\(check.stderr)\(run.stderr)")
    #expect(check.text.hasPrefix("p.yaml: valid, and fits in.csv\nread 60, would write 60; k=3 met"), "\(check.text)")
  }

  @Test("Every value that would stop a run is told at once, by field and record number", arguments: ["1000000", "40"])
  func allAtOnce(_ chunk: String) throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.head + Self.anonymous)
    let bad = "11.02.1980,33,a,2020-01-01\n1980-01-01,Quibble,zonk,Quux\n1980-01-02,33\n1980-01-03,33,zq,2020-01-01\n"
    let text = "born,age,edu,since\n" + Self.rows + bad
    try scratch.write("in.csv", text)
    for input in ["in.csv", "-"] {
      let outcome = try Veil.run(
        ["check", "p.yaml", "--input", input], stdin: input == "-" ? Data(text.utf8) : nil,
        environment: ["VEIL_CHUNK_BYTES": chunk], directory: scratch.root)
      #expect(outcome.status == 3)
      let name = input == "-" ? "standard input" : input
      for line in [
        "\(name): 64 records were read, and a run would publish nothing:",
        "\(name): record 62: field 'since' is not an ISO 8601 date", "\(name): record 63: the record has 2 fields",
        "field 'born' does not fit its hierarchy: 1 different value is missing from it, in 1 record; the first: \(name): record 61",
        "field 'age' does not fit its hierarchy: 1 different value",
        "field 'edu' does not fit its hierarchy: 2 different values are missing from it, in 2 records; the first: "
          + "\(name): record 62, \(name): record 64",
      ] { #expect(outcome.stderr.contains(line), "\(line)\n\(outcome.stderr)") }
      for value in ["Quibble", "zonk", "Quux", "zq", "11.02"] { #expect(!outcome.stderr.contains(value)) }
    }
    #expect(try Veil.run(["run", "p.yaml"], directory: scratch.root).status == 3)
  }

  @Test("Each of these stops a run with the status that the check has")
  func statuses() throws {
    let keep = "fields: {a: {stages: [keep], because: x}, b: {stages: [keep], because: x}}\nsink: {path: out.csv}\n"
    let quasi = "fields: {a: {class: quasi}, b: keep}\nsink: {path: out.csv}\n"
    let cases: [(String, String, Int32, String)] = [
      (keep, "a\n1\n", 4, "has no field 'b'"),
      (keep, "a,b\n1,2\n3\n4\n", 3, "too few, in 2 records; the first: in.csv: record 2, in.csv: record 3"),
      (keep + "bad_records: {action: skip, limit: 1}\n", "a,b\n1,2\n3\n4\n", 1, "bad_records.limit"),
      (keep + "bad_records: {action: skip, limit: 10%}\n", "a,b\n1,2\n3\n4\n", 1, "bad_records.limit"),
      (
        keep + "records: {retention: {field: b, keep: 1 months}}\nchecks: [{min_records: 1}]\n", "a,b\n1,x\n", 1,
        "0 records leave"
      ),
      (keep + "checks: [{not_null: [a]}, {max_dropped: 0}]\n", "a,b\n,2\n", 1, "not_null"),
      (keep + "records: {consent: {field: yes, granted: [y]}}\n", "a,b\n1,2\n", 4, "'yes'"),
      (quasi + "anonymity: {k: 3, count: records}\n", "a,b\n1,2\n3,4\n", 1, "k is 3"),
      (
        quasi.replacingOccurrences(of: "b: keep", with: "b: {class: sensitive, stages: [keep]}")
          + "anonymity: {k: 2, l: {b: 3}, count: records}\n", "a,b\n1,2\n3,2\n5,2\n", 1, "l-diversity of 'b'"
      ),
    ]
    for (pipeline, text, status, words) in cases {
      let (check, run) = try both(Self.head + pipeline, ["in.csv": text])
      #expect(check.status == status && run.status == status, "\(text): \(check.status) \(run.status)\n\(check.stderr)")
      #expect(check.stderr.contains(words), "\(words)\n\(check.stderr)")
    }
  }

  @Test("Fields of JSON: all that no rule names, objects where values are asked for, and rules that nothing meets")
  func json() throws {
    let text =
      #"{"id":1,"list":[1],"x":"Quibble","y":2}"# + "\n" + #"{"id":{"a":1},"list":2,"z":{}}"# + "\n"
      + #"{"id":3,"list":[]}"# + "\n" + #"{"id":3"# + "\n"
    let (check, run) = try both(
      "version: 1\nname: t\nsource: {path: in.ndjson}\nfields: {id: keep, list: keep, gone: keep}\nsink: {path: out.csv}\n",
      ["in.ndjson": text], input: "in.ndjson")
    #expect(check.status == 4 && run.status == 4)
    for words in [
      "record 1, byte offset 15: the field 'list' is an object or array", "a field 'x' that no rule names",
      "a field 'y' that no rule names", "record 2, byte offset 46: the field 'id'", "a field 'z' that no rule names",
      "no record has a field 'gone'", "record 4: the record is cut off",
    ] { #expect(check.stderr.contains(words), "\(words)\n\(check.stderr)") }
    #expect(!check.stderr.contains("Quibble"))
  }

  @Test("With several sinks the fields of all are judged")
  func severalSinks() throws {
    let (check, run) = try both(
      """
      version: 1
      name: t
      source: {path: in.ndjson}
      fields: {id: keep, note: drop}
      sinks:
        - {path: a.csv, recipient: a, fields: {note: keep}}
        - {path: b.ndjson, recipient: b}

      """, ["in.ndjson": "{\"id\":1,\"note\":[1]}\n{\"id\":[1],\"note\":\"x\"}\n"], input: "in.ndjson")
    #expect(check.status == 4 && run.status == 4)
    #expect(check.stderr.contains("'note'") && check.stderr.contains("'id'"), "\(check.stderr)")
  }

  @Test("A key that cannot be read is told and does without, and the day of the run counts for retention")
  func keysAndDays() throws {
    let pipeline =
      Self.head + "keys: {k: {file: none.key}}\n" + "fields: {a: {pseudonym: {key: k}}, b: drop}\n"
      + "records: {retention: {field: b, keep: 1 months}}\nsink: {path: out.csv}\n"
    let files = ["in.csv": "a,b\n1,2026-03-20\n2,2020-01-01\n"]
    let (check, run) = try both(pipeline, files, arguments: ["--as-of", "2026-04-01"])
    #expect(check.status == 0 && run.status == 2, "\(check.stderr)")
    #expect(check.stderr.contains("a run needs a key that cannot be read now") && check.stderr.contains("none.key"))
    #expect(check.text.contains("read 2, would write 1, 1 excluded by retention"), "\(check.text)")
  }

  @Test("Bad records that are allowed are no misfit")
  func allowed() throws {
    let pipeline =
      Self.head + "fields: {a: keep, b: keep}\nbad_records: {action: skip, limit: 2}\nsink: {path: out.csv}\n"
    let (check, run) = try both(pipeline, ["in.csv": "a,b\n1,2\n3\n4,5,6\n7,8\n"])
    #expect(check.status == 0 && run.status == 0)
    #expect(check.text.contains("read 4, would write 2, 2 bad"), "\(check.text)")
  }
}
