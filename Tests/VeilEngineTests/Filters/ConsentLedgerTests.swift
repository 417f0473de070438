import Testing
import VeilConfig

@testable import VeilEngine
@testable import VeilGround

/// Only who has plainly agreed leaves, by the newest entry about them. The day of the run is 2024-03-31.
@Suite("Consent ledger")
struct ConsentLedgerTests {
  /// The `id`s that leave, and why others do not.
  private func left(
    _ ledger: String, named name: String = "ledger.csv", options: String = "", ids: [String]
  ) throws -> (ids: [String], reasons: [String: Int]) {
    let rig = try RunRig([name: ledger, "in.csv": "id,x\n" + ids.map { "\($0),1\n" }.joined()])
    let result = try rig.run(
      """
      purpose: mail
      source: {path: in.csv, subject: id}
      records: {consent: {ledger: \(name)\(options)}}
      fields: {id: keep}
      unlisted: drop
      sink: {path: out.csv}

      """)
    #expect(result.tally?.addsUp == true && result.tally?.read == ids.count, "\(result)")
    let reasons = Dictionary(uniqueKeysWithValues: result.tally?.consentReasons.map { ($0.name, $0.count) } ?? [])
    #expect(reasons.values.reduce(0, +) == result.tally?.excludedTotal)
    return ((rig.text("out.csv") ?? "").split(separator: "\n").dropFirst().map(String.init), reasons)
  }

  private let header = "subject,purpose,status,at,expires\n"

  @Test("The newest entry wins, in whatever order they stand")
  func newest() throws {
    let entries = [
      "a,mail,granted,2024-01-01,", "a,mail,withdrawn,2024-02-01,", "b,mail,withdrawn,2024-01-01,",
      "b,mail,granted,2024-02-01,", "c,mail,granted,2024-01-01T00:00:00Z,",
      "c,mail,withdrawn,2024-01-01T00:30:00+01:00,", "d,mail,granted,2024-01-01T10:00:00.000001Z,",
      "d,mail,withdrawn,2024-01-01T10:00:00Z,",
    ]
    for order in [entries, entries.reversed()] {
      let (ids, reasons) = try left(
        header + order.map { $0 + "\n" }.joined(), ids: ["a", "b", "c", "d", "nobody", ""])
      #expect(ids == ["b", "c", "d"])
      #expect(reasons == ["withdrawn": 1, "missing": 2])
    }
  }

  @Test("At the same time, whatever stands against leaving wins")
  func ties() throws {
    let ledger = """
      a,mail,granted,2024-01-01,
      a,mail,withdrawn,2024-01-01,
      b,mail,withdrawn,2024-01-01T23:00:00+13:00,
      b,mail,granted,2024-01-01T10:00:00Z,
      c,mail,granted,2024-01-01T10:00:00Z,
      c,mail,withdrawn,2024-01-01,
      d,mail,granted,2024-01-01,
      d,mail,perhaps,2024-01-01,
      e,mail,granted,2024-01-01,
      e,mail,granted,2024-01-01,2024-02-01
      f,mail,granted,2024-01-01,
      f,mail,granted,2024-01-01,

      """
    let (ids, reasons) = try left(header + ledger, ids: ["a", "b", "c", "d", "e", "f"])
    #expect(ids == ["f"])
    #expect(reasons == ["withdrawn": 3, "unknown": 1, "expired": 1])
  }

  @Test("A consent ends before the day of the run, and counts from its own day on")
  func times() throws {
    let ledger = """
      past,mail,granted,2024-01-01,2024-03-30
      today,mail,granted,2024-01-01,2024-03-31
      evening,mail,granted,2024-01-01,2024-03-31T23:59:59Z
      tomorrow,mail,granted,2024-01-01,2024-04-01
      west,mail,granted,2024-01-01,2024-03-31T23:00:00-02:00
      begins,mail,granted,2024-03-31T22:00:00Z,
      later,mail,granted,2024-04-01,
      earlier,mail,granted,2024-04-01,
      earlier,mail,granted,2024-01-01,
      leaves,mail,granted,2024-01-01,
      leaves,mail,withdrawn,2024-12-31,
      gone,mail,withdrawn,2024-01-01,
      gone,mail,granted,2025-01-01,

      """
    let (ids, reasons) = try left(
      header + ledger,
      ids: ["past", "today", "evening", "tomorrow", "west", "begins", "later", "earlier", "leaves", "gone"])
    #expect(ids == ["tomorrow", "west", "begins", "earlier"])
    #expect(reasons == ["expired": 3, "not_yet": 1, "withdrawn": 2])
  }

  @Test(
    "What does not parse keeps its person in, whatever else stands there",
    arguments: [
      "", "soon", "2024-02-30", "2024-2-1", "01.02.2024", "20240201", "1706745600", "2024-02-01x", "2024-02-01T25:00",
      " 2024-02-01", "2024-02-01T10:00:00 CET", "0000-01-01",
    ])
  func unparsable(_ time: String) throws {
    for status in ["granted", "withdrawn"] {
      let (ids, reasons) = try left(
        header + "a,mail,\(status),\"\(time)\",\na,mail,granted,2024-03-01,\n", ids: ["a"])
      #expect(ids.isEmpty && reasons == ["unparsable": 1])
    }
    if time.isEmpty { return }
    let (ids, reasons) = try left(header + "a,mail,granted,2024-01-01,\"\(time)\"\n", ids: ["a"])
    #expect(ids.isEmpty && reasons == ["unparsable": 1])
  }

  @Test("Yes is one spelling; no is any")
  func statuses() throws {
    let statuses = [
      "granted", "Granted", "GRANTED", " granted", "granted ", "", "yes", "true", "1", "null", "withdrawn", "Withdrawn",
      " WITHDRAWN ", "revoked", "gránted",
    ]
    let ledger = statuses.enumerated().map { "\($0),mail,\($1),2024-01-01,\n" }.joined()
    let (ids, reasons) = try left(header + ledger, ids: statuses.indices.map(String.init))
    #expect(ids == ["0"])
    #expect(reasons == ["withdrawn": 4, "unknown": 10])
    let own = try left(
      header + ledger, options: ", granted: [\"yes\", \"1\"], withdrawn: [granted]",
      ids: statuses.indices.map(String.init))
    #expect(own.ids == ["6", "8"])
  }

  @Test("A consent is for this purpose, to the letter; a withdrawal need not be")
  func purposes() throws {
    let ledger = """
      a,mail,granted,2024-01-01,
      b,Mail,granted,2024-01-01,
      c,,granted,2024-01-01,
      d,all,granted,2024-01-01,
      e,research,granted,2024-01-01,
      f,mail,granted,2024-01-01,
      f,research,withdrawn,2024-02-01,
      g,mail,granted,2024-01-01,
      g," MAIL",withdrawn,2024-02-01,
      h,mail,granted,2024-01-01,
      h,,withdrawn,2024-02-01,
      i,mail,granted,2024-01-01,
      i,*,withdrawn,2024-02-01,
      j,mail,granted,2024-01-01,
      j,ALL,withdrawn,2024-02-01,

      """
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    let (found, reasons) = try left(header + ledger, ids: ids)
    #expect(found == ["a", "f"])
    #expect(reasons == ["missing": 4, "withdrawn": 4])
    let everything = try left(header + ledger, options: ", any_purpose: true", ids: ids)
    #expect(everything.ids == ["a", "b", "c", "d", "e"])
  }

  @Test("People are found after normalization, on both sides")
  func normalized() throws {
    let ledger =
      header + " A@x ,mail,granted,2024-01-01,\nb@x,mail,granted,2024-01-01,\nB@X,mail,withdrawn,2024-01-02,\n"
    let ids = ["a@x", "A@X ", "b@x", "c@x", " "]
    let (found, reasons) = try left(ledger, options: ", normalize: [trim, lowercase]", ids: ids)
    #expect(found == ["a@x", "A@X "])
    #expect(reasons == ["withdrawn": 1, "missing": 2])
    #expect(try left(ledger, ids: ids).ids == ["b@x"], "without it, bytes are compared")
  }

  @Test("NDJSON, with every shape a value can have")
  func json() throws {
    let grant = "\"purpose\":\"mail\",\"status\":\"granted\",\"at\":\"2024-01-01\""
    let ledger = """
      {"subject":"a",\(grant)}
      {"subject":5,\(grant),"expires":null,"more":{"x":[1]}}
      {"subject":"c",\(grant),"expires":"2024-01-02"}
      {"subject":"d","purpose":"mail","status":true,"at":"2024-01-01"}
      {"subject":"e","purpose":"mail","at":"2024-01-01"}
      {"subject":"f","purpose":"mail","status":null,"at":"2024-01-01"}
      {"subject":"g","purpose":"mail","status":"granted"}
      {"subject":"h","purpose":"mail","status":"granted","at":null}
      {"subject":"i","purpose":"mail","status":"granted","at":20240101}
      {"subject":"j",\(grant),"expires":20250101}
      {"subject":null,\(grant)}
      {\(grant)}
      {"Subject":"k",\(grant)}

      """
    let (ids, reasons) = try left(
      ledger, named: "ledger.ndjson", ids: ["a", "5", "c", "d", "e", "f", "g", "h", "i", "j", "k", "null"])
    #expect(ids == ["a", "5"])
    #expect(reasons == ["expired": 1, "unknown": 3, "unparsable": 4, "missing": 2])
    for odd in [
      "{\"subject\":{\"a\":1},\(grant)}", "{\"subject\":[\"a\"],\(grant)}",
      "{\"subject\":\"a\",\"subject\":\"b\",\(grant)}",
      "{\"subject\":\"a\",\(grant),\"status\":\"withdrawn\"}", "{\"subject\":\"a\",\(grant)", "[]", "\"a\"",
    ] {
      let rig = try RunRig(["l.ndjson": "{\"subject\":\"a\",\(grant)}\n\(odd)\n", "in.csv": "id\na\n"])
      let result = try rig.run(
        """
        purpose: mail
        source: {path: in.csv, subject: id}
        records: {consent: {ledger: l.ndjson}}
        fields: {id: keep}
        sink: {path: out.csv}

        """)
      #expect(
        result.kind == .inputOutput && result.message.contains("l.ndjson: record 2, byte offset"), "\(odd) \(result)")
      #expect(rig.text("out.csv") == nil)
    }
  }

  @Test("A record of any shape that does not name its person stays")
  func recordShapes() throws {
    let shapes = [
      "\"v\":\"a\"", "", "\"v\":null", "\"v\":\"\"", "\"v\":{}", "\"v\":[\"a\"]", "\"v\":{\"v\":\"a\"}", "\"V\":\"a\"",
      "\"v\":\"A\"", "\"v\":\" a\"", "\"v\":\"a\\u0000\"", "\"v\":\"a\",\"v\":\"b\"", "\"v\":\"b\",\"v\":\"a\"",
      "\"v\":\"a\",\"v\":null", "\"v\":{},\"v\":\"a\"", "\"v\":true", "\"v\":\"\\u0061\"", "\"v\":\"a\",\"v\":\"a\"",
    ]
    let lines = shapes.enumerated().map { "{\"id\":\($0)\($1.isEmpty ? "" : ",")\($1)}\n" }.joined()
    let rig = try RunRig(["in.ndjson": lines, "l.csv": header + "a,mail,granted,2024-01-01,\n"])
    let result = try rig.run(
      """
      purpose: mail
      source: {path: in.ndjson}
      records: {consent: {ledger: l.csv, field: v}}
      fields: {id: keep}
      unlisted: drop
      sink: {path: out.csv}

      """)
    #expect(result.tally?.addsUp == true, "\(result)")
    #expect(rig.text("out.csv") == "id\n0\n16\n17\n")
    let reasons = Dictionary(uniqueKeysWithValues: result.tally?.consentReasons.map { ($0.name, $0.count) } ?? [])
    #expect(reasons == ["missing": 11, "unparsable": 4])
  }

  @Test("A ledger that lacks a column, or is one nobody can read whole, ends the run")
  func badLedgers() throws {
    for (ledger, kind, part) in [
      ("subject,status,at\na,granted,2024-01-01\n", RunError.Kind.mismatch, "has no column 'purpose'"),
      ("subject,purpose,state,at\n", .mismatch, "has no column 'status'"),
      ("subject,subject,purpose,status,at\n", .mismatch, "twice"),
      ("subject,purpose,status,at\na,mail,granted\n", .inputOutput, "record 1"), ("", .inputOutput, "empty"),
    ] {
      let rig = try RunRig(["in.csv": "id\nsecret\n", "l.csv": ledger])
      let result = try rig.run(
        """
        purpose: mail
        source: {path: in.csv, subject: id}
        records: {consent: {ledger: l.csv}}
        fields: {id: keep}
        sink: {path: out.csv}

        """)
      #expect(result.kind == kind && result.message.contains(part), "\(result.message)")
      #expect(rig.text("out.csv") == nil && !result.message.contains("secret"))
    }
  }

  @Test("The pipeline says what the ledger needs to know")
  func mistakes() throws {
    let rig = try RunRig()
    func said(_ consent: String, _ top: String = "purpose: mail\nsource: {path: in.csv, subject: id}") throws -> String
    {
      try rig.compile("\(top)\nrecords: {consent: {\(consent)}}\nfields: {id: keep}\nsink: {path: out.csv}\n").1
    }
    #expect(try said("ledger: l.csv").isEmpty)
    #expect(try said("ledger: l.csv", "source: {path: in.csv, subject: id}").contains("the pipeline has none"))
    #expect(try said("ledger: l.csv, any_purpose: true", "source: {path: in.csv, subject: id}").isEmpty)
    #expect(try said("ledger: l.csv", "purpose: mail\nsource: {path: in.csv}").contains("whose a record is"))
    #expect(try said("ledger: l.csv, granted: [no]").contains("cannot mean both"))
    #expect(try said("ledger: l.csv, granted: []").contains("empty list"))
    #expect(try said("ledger: l.csv, status: at").contains("two uses"))
    #expect(try said("ledger: l.csv, purpose: p, any_purpose: true").contains("contradict"))
    #expect(try said("ledger: l.csv, stauts: s").contains("did you mean 'status'?"))
  }
}
