import Foundation
import Testing

/// `order: keyed | input`: where each is the default, what is said of it, and what somebody with two files can do.
@Suite struct OrderTests {
  private static let anonymity = """
    fields:
      row: keep
      born: {class: quasi, hierarchy: {interval: {width: 10, levels: 3}}}
      code: {class: sensitive, stages: [keep], because: "the study's subject"}
    anonymity: {k: 5, suppress: 5%, l: {code: 2}}

    """
  private static let plain = "fields: {row: keep, born: drop, code: keep}\n"

  private func scratch(_ pipeline: String, rows: Int = 2000) throws -> Scratch {
    let scratch = try Scratch()
    let lines = (0..<rows).map { "\($0),\(1900 + $0 * 100 / rows),\($0 % 9)\n" }
    try scratch.write("in.csv", "row,born,code\n" + lines.joined())
    try scratch.write("p.yaml", "version: 1\nname: p\nsource: {path: in.csv}\n" + pipeline)
    return scratch
  }

  private func veil(_ scratch: Scratch, _ words: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Veil.run(words, environment: environment, directory: scratch.root)
  }

  private func orders(_ pipeline: String) throws -> [String?] {
    let outcome = try veil(try scratch(pipeline), "explain", "p.yaml", "--json")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let page = try JSONSerialization.jsonObject(with: outcome.stdout) as? [String: Any]
    return (page?["outputs"] as? [[String: Any]] ?? []).map { $0["order"] as? String }
  }

  @Test func theDefaultIsKeyedWhereTheInputsOrderWouldTell() throws {
    let two = "sinks: [{path: a.csv, recipient: a}, {path: b.csv, recipient: b}]\n"
    #expect(try orders(Self.plain + "sink: {path: out.csv}\n") == ["input"])
    #expect(try orders(Self.plain + "sink: {path: out.csv, order: keyed}\n") == ["keyed"])
    #expect(try orders(Self.plain + "order: keyed\nsink: {path: out.csv}\n") == ["keyed"])
    #expect(try orders(Self.anonymity + "sink: {path: out.csv}\n") == ["keyed"])
    #expect(try orders(Self.anonymity + "order: input\nsink: {path: out.csv}\n") == ["input"])
    #expect(try orders(Self.plain + two) == ["keyed", "keyed"])
    #expect(try orders(Self.plain + two + "order: input\n") == ["input", "input"])
    let mixed = "sinks: [{path: a.csv, recipient: a, order: input}, {path: b.csv, recipient: b}]\n"
    #expect(try orders(Self.plain + mixed) == ["input", "keyed"])
    #expect(try orders(Self.plain + mixed + "order: keyed\n") == ["input", "keyed"])
    // Figures are no records: one sink of records beside them is one sink.
    let figures = """
      keys: {k: {env: VEIL_KEY}}
      sinks:
        - {path: a.csv, recipient: a}
        - {path: b.csv, recipient: b, aggregate: {by: {code: ["1"]}, measures: {n: {count: people}}, epsilon: 1, budget: b.yaml}}

      """
    let subject = Self.plain.replacing("fields:", with: "x: 1\nfields:").replacing("x: 1\n", with: "")
    let pipeline = "version: 1\nname: p\nsource: {path: in.csv, subject: row}\n" + subject + figures
    let scratch = try scratch("")
    try scratch.write("p.yaml", pipeline)
    let outcome = try veil(scratch, "explain", "p.yaml", "--json")
    let page = try JSONSerialization.jsonObject(with: outcome.stdout) as? [String: Any]
    let found = (page?["outputs"] as? [[String: Any]] ?? []).map { $0["order"] as? String }
    #expect(found == ["input", nil], "\(outcome.stderr)")
  }

  @Test func mistakesAreTold() throws {
    let wrong = try veil(try scratch(Self.plain + "order: sorted\nsink: {path: out.csv}\n"), "check", "p.yaml")
    #expect(wrong.status == 2 && wrong.stderr.contains("'order' must be one of keyed, input, not 'sorted'"))
    let near = try veil(try scratch(Self.plain + "ordr: keyed\nsink: {path: out.csv}\n"), "check", "p.yaml")
    #expect(near.status == 2 && near.stderr.contains("did you mean 'order'"), "\(near.stderr)")
    let figures = "sink: {path: out.csv, order: keyed, aggregate: {by: [], measures: {n: {count: people}}}}\n"
    let none = try veil(try scratch(Self.plain + figures), "check", "p.yaml")
    #expect(none.status == 2 && none.stderr.contains("an aggregate has no records, and so no order"))
  }

  @Test func labelExplanationManifestAndReportSayIt() throws {
    for (order, isKeyed) in [("", true), ("order: input\n", false)] {
      let scratch = try scratch(
        Self.anonymity.replacing("row: keep", with: "row: drop") + order + "sink: {path: out.csv}\n")
      let run = try veil(scratch, "run", "p.yaml", "--manifest", "m.json", "--report", "r.json")
      #expect(run.status == 0, "\(run.stderr)")
      let manifest = try scratch.text("m.json")
      let word = isKeyed ? "keyed" : "input"
      #expect(manifest.contains("\"order\": \"\(word)\""), "\(manifest)")
      #expect(try scratch.text("r.json").contains("\"order\": \"\(word)\""))
      #expect(manifest.contains("Records leave in the input's order") == !isKeyed)
      if !isKeyed { #expect(!run.stderr.contains("; anonymous")) }
      let explained = try veil(scratch, "explain", "p.yaml").text
      #expect(explained.contains("THE INPUT'S: row by row") == !isKeyed)
      #expect(explained.contains("another order in each run and for each sink") == isKeyed)
      #expect(explained.contains("records leave in the input's order ('order: input')") == !isKeyed)
    }
  }

  @Test func whatDoesNotFitInMemoryLeavesAsWell() throws {
    let scratch = try scratch(Self.plain + "order: keyed\nsink: {path: out.csv}\n", rows: 20_000)
    for bytes in ["1", "3000", "100000"] {
      let run = try veil(scratch, "run", "p.yaml", environment: ["VEIL_ORDER_BYTES": bytes])
      #expect(run.status == 0, "\(run.stderr)")
      let rows = try scratch.text("out.csv").split(separator: "\n").dropFirst().compactMap {
        Int($0.prefix { $0 != "," })
      }
      #expect(rows != Array(0..<20_000) && rows.sorted() == Array(0..<20_000))
    }
    let packed = try veil(scratch, "run", "p.yaml", "--output", "-", environment: ["VEIL_ORDER_BYTES": "3000"])
    #expect(packed.text.split(separator: "\n").count == 20_001)
    // The temporary file cannot be made: nothing is published, and the message names the place alone.
    let stuck = try veil(
      scratch, "run", "p.yaml", "--output", "new.csv",
      environment: ["VEIL_ORDER_BYTES": "3000", "TMPDIR": scratch.path("nowhere")])
    #expect(stuck.status == 3 && stuck.stderr.contains("cannot make a temporary file in \(scratch.path("nowhere"))"))
    #expect(!scratch.exists("new.csv"))
  }

  @Test func filesOfOneRunAreJoinedByPositionInTheInputsOrderAlone() throws {
    let sinks = """
      keys: {k: {env: VEIL_KEY}}
      fields: {row: {pseudonym: {key: k}}, born: {truncate: {keep: 3}}, code: keep}
      sinks: [{path: a.csv, recipient: a}, {path: b.ndjson, recipient: b}]

      """
    let keyed = try scratch(sinks)
    try #require(try veil(keyed, "run", "p.yaml", environment: TestKey.environment).status == 0)
    let apart = try veil(keyed, "link", "a.csv", "b.ndjson")
    #expect(apart.status == 0 && apart.text.contains("by position: nobody\nby order: nobody\n"), "\(apart.text)")

    let input = try scratch(sinks + "order: input\n")
    try #require(try veil(input, "run", "p.yaml", environment: TestKey.environment).status == 0)
    let joined = try veil(input, "link", "a.csv", "b.ndjson")
    #expect(joined.status == 1 && joined.stderr.contains("the order of records joins"), "\(joined.stderr)")
    #expect(joined.text.contains("  2000: born (by chance 200.0)\n"), "\(joined.text)")
    #expect(joined.text.contains("  2000: code (by chance 222.2"), "\(joined.text)")
    #expect(!joined.text.contains("19"), "no values")
    let program = try veil(input, "link", "a.csv", "b.ndjson", "--json")
    #expect(program.text.contains("\"links_by_order\": true"), "\(program.text)")
    let one = try veil(input, "link", "a.csv", "b.ndjson", "--on", "code")
    #expect(one.status == 1 && one.text.contains("  2000: code"))
  }

  /// Tokens of two recipients have no value in common, and yet repeat in the same rows.
  @Test func tokensThatRepeatInTheSameRowsAreFound() throws {
    for (order, status) in [("order: input\n", Int32(1)), ("", 0)] {
      let scratch = try scratch(
        """
        keys: {k: {env: VEIL_KEY}}
        fields: {row: drop, born: {pseudonym: {key: k}}, code: drop}
        sinks: [{path: a.csv, recipient: a}, {path: b.csv, recipient: b}]

        """ + order)
      try #require(try veil(scratch, "run", "p.yaml", environment: TestKey.environment).status == 0)
      let outcome = try veil(scratch, "link", "a.csv", "b.csv")
      #expect(outcome.status == status, "\(outcome.text)")
      #expect(outcome.text.contains("  2000: born, whose values repeat in the same rows\n") == (status == 1))
    }
  }

  /// Files with other records each, so that rows have other numbers: what both hold comes in the same order.
  @Test func theSameOrderIsFoundWithoutTheSamePositions() throws {
    for (order, status) in [("input", Int32(1)), ("keyed", 0)] {
      let scratch = try scratch(Self.plain)
      for (name, codes) in [("a", "[1, 2, 3, 4, 5, 6]"), ("b", "[3, 4, 5, 6, 7, 8]")] {
        try scratch.write(
          "\(name).yaml",
          """
          version: 1
          name: \(name)
          source: {path: in.csv}
          records: {where: {field: code, in: \(codes)}}
          fields: {row: drop, born: keep, code: keep}
          order: \(order)
          sink: {path: \(name).csv}

          """)
        let run = try veil(scratch, "run", "\(name).yaml")
        try #require(run.status == 0, "\(run.stderr)")
      }
      let outcome = try veil(scratch, "link", "a.csv", "b.csv")
      #expect(outcome.status == status, "\(outcome.text)")
      #expect(outcome.text.contains("  100: born (correlation 1.0)\n") == (status == 1), "\(outcome.text)")
    }
  }
}
