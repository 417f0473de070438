import Testing
import VeilConfig

@testable import VeilEngine
@testable import VeilGround

/// Filters fail closed: what is not plainly allowed to leave stays.
@Suite("Filters")
struct FilterSweepTests {
  /// The `id`s of the records that a filter lets leave.
  private func left(_ rule: String, csv values: [String]) throws -> [Int] {
    let rig = try RunRig(["in.csv": "id,v\n" + values.enumerated().map { "\($0),\($1)\n" }.joined()])
    let result = try rig.run("source: {path: in.csv}\nrecords: {\(rule)}\nfields: {id: keep}\nsink: {path: out.csv}\n")
    #expect(result.tally?.addsUp == true, "\(result)")
    #expect(result.tally?.read == values.count)
    return (rig.text("out.csv") ?? "").split(separator: "\n").dropFirst().compactMap { Int($0) }
  }

  private func left(_ rule: String, json values: [String], files: [String: String] = [:]) throws -> [Int] {
    let lines = values.enumerated().map { "{\"id\":\($0)\($1.isEmpty ? "" : ",")\($1)}\n" }.joined()
    let rig = try RunRig(files.merging(["in.ndjson": lines]) { $1 })
    let result = try rig.run(
      "source: {path: in.ndjson}\nrecords: {\(rule)}\nfields: {id: keep}\nunlisted: drop\nsink: {path: out.csv}\n")
    #expect(result.tally?.addsUp == true && result.tally?.bad == 0, "\(result)")
    #expect(result.tally?.read == values.count)
    return (rig.text("out.csv") ?? "").split(separator: "\n").dropFirst().compactMap { Int($0) }
  }

  /// What a JSON field can be other than the text that a rule wants.
  private let shapes = [
    "", "\"v\":null", "\"v\":\"\"", "\"v\":{}", "\"v\":[]", "\"v\":{\"v\":\"yes\"}", "\"v\":[\"yes\"]", "\"V\":\"yes\"",
    "\"v\":\"Yes\"", "\"v\":\"YES\"", "\"v\":\" yes\"", "\"v\":\"yes \"", "\"v\":\"yes\\u0000\"",
    "\"w\":{\"v\":\"yes\"}",
    "\"v\":\"yes\",\"v\":\"no\"", "\"v\":\"no\",\"v\":\"yes\"", "\"v\":\"yes\",\"v\":null", "\"v\":{},\"v\":\"yes\"",
    "\"v\":true", "\"v\":1",
  ]

  @Test("Consent: only the agreed spelling, wherever and however it is written")
  func consent() throws {
    let rule = "consent: {field: v, granted: [\"yes\"]}"
    #expect(try left(rule, csv: ["yes", "\"yes\"", "no", "", "\"\"", "Yes", " yes", "yes "]) == [0, 1])
    #expect(try left(rule, json: shapes).isEmpty)
    #expect(
      try left(
        rule, json: ["\"v\":\"yes\"", "\"v\":\"\\u0079es\"", "\"\\u0076\":\"yes\"", "\"v\":\"yes\",\"v\":\"yes\""])
        == [0, 1, 2, 3])
    let typed = "consent: {field: v, granted: [\"true\", \"1\"]}"
    #expect(
      try left(typed, json: ["\"v\":true", "\"v\":\"true\"", "\"v\":1", "\"v\":1.0", "\"v\":false", "\"v\":[true]"])
        == [0, 1, 2])
  }

  @Test("Where: in, equals and not_in; what is missing never leaves")
  func conditions() throws {
    let values = ["DE", "FR", "de", "", "\"DE\"", "\"\"", "D E"]
    #expect(try left("where: {field: v, in: [DE, FR]}", csv: values) == [0, 1, 4])
    #expect(try left("where: {field: v, equals: DE}", csv: values) == [0, 4])
    #expect(try left("where: {field: v, not_in: [DE, FR]}", csv: values) == [6], "another case is no way out")
    #expect(try left("where: [{field: v, in: [DE, FR]}, {field: v, not_in: [FR]}]", csv: values) == [0, 4])
    #expect(try left("where: {field: v, in: [\"\"]}", csv: values).isEmpty)
    let exclusive = try left("where: {field: v, not_in: [\"yes\"]}", json: shapes)
    #expect(exclusive == [18, 19], "nor are white space and zero bytes")
    #expect(
      try left(
        "where: {field: v, not_in: [\"1\", \"true\", Łódź]}",
        json: [
          "\"v\":1", "\"v\":1.0", "\"v\":\"1\"", "\"v\":10e-1", "\"v\":true", "\"v\":\"TRUE\"", "\"v\":\"łódź\"",
          "\"v\":\"Ło\\u0301dz\\u0301\"", "\"v\":\"\\u200bŁÓDŹ\\u00a0\"", "\"v\":2", "\"v\":\"Lodz\"", "\"v\":false",
        ]) == [9, 10, 11])
    #expect(
      try left(
        "where: {field: \"v[]\", not_in: [a]}",
        json: ["\"v\":[]", "\"v\":[\"b\"]", "\"v\":[\"b\",\"a\"]", "\"v\":\"b\""]) == [1])
  }

  @Test("Retention: what does not parse is too old")
  func retention() throws {
    let rule = "retention: {field: v, keep: 1 months}"
    // The day of the run is 2024-03-31, and February has a 29th.
    let values = [
      "2024-02-29", "2024-02-28", "2024-03-31", "2024-02-29T00:00:00Z", "2024-02-29 23:59", "2999-01-01", "",
      "2024-02-30",
      "2024-3-1", "24-03-01", "2024-03-01x", "2024/03/01", "01.03.2024", "20240301", "2024-03-01T", "2024-03-01T10",
      " 2024-03-01", "2024-13-01", "0000-00-00", "-024-03-01", "2024-03-01T00:00:00+02:00", "\u{0662}024-03-01",
    ]
    #expect(try left(rule, csv: values) == [0, 2, 3, 4, 20])
    // The next day may have begun elsewhere; what is later is a placeholder, or wrong.
    #expect(
      try left(
        rule,
        csv: [
          "2024-04-01", "2024-04-02", "2024-04-01T13:59:00+14:00", "9999-12-31", "2024-03-01T24:00", "2024-03-01T99:99",
          "2024-03-01T::::::", "2024-03-01T00:00+99:00",
        ])
        == [0, 2])
    let json = [
      "", "\"v\":null", "\"v\":20240301", "\"v\":1709251200", "\"v\":true", "\"v\":{}", "\"v\":[\"2024-03-01\"]",
      "\"v\":\"2024-03-01\"", "\"v\":\"2024-03-01\",\"v\":\"2000-01-01\"", "\"v\":\"2024\\u002d03-01\"",
    ]
    #expect(try left(rule, json: json) == [7, 9])
  }

  @Test("Months are counted back to days that exist")
  func calendar() throws {
    func back(_ day: String, _ period: String) throws -> String {
      let period = try #require(CalendarPeriod(period))
      return try #require(CalendarDate(day)).before(period).description
    }
    for (day, period, expected) in [
      ("2024-03-31", "1 months", "2024-02-29"), ("2023-03-31", "1 months", "2023-02-28"),
      ("2024-03-30", "13 months", "2023-02-28"), ("2024-02-29", "1 years", "2023-02-28"),
      ("2024-02-29", "4 years", "2020-02-29"), ("2000-02-29", "100 years", "1900-02-28"),
      ("2024-01-31", "1 months", "2023-12-31"), ("2024-05-31", "24 months", "2022-05-31"),
      ("2024-03-01", "1 days", "2024-02-29"), ("2023-03-01", "1 days", "2023-02-28"),
      ("2024-01-01", "1 weeks", "2023-12-25"),
      ("2024-01-01", "366 days", "2022-12-31"), ("0001-01-01", "1 days", "0001-01-01"),
      ("2024-01-01", "10000 years", "0001-01-01"),
      ("9999-12-31", "10000 weeks", "9808-05-06"),
    ] { #expect(try back(day, period) == expected, "\(day) less \(period)") }
    for text in ["2023-02-29", "1900-02-29", "2024-04-31", "0000-01-01", "2024-1-01", "2024-01-01 ", "", "２024-01-01"] {
      #expect(CalendarDate(text) == nil)
    }
  }

  @Test("Erasure: both sides are normalized; who cannot be told is left out")
  func erasure() throws {
    let rule = "erasure: {file: gone.csv, column: email, field: v, normalize: [trim, lowercase]}"
    let list = "email,why\n Anna@X.org ,a\n\"bert@x.org\",b\n,c\nŻaneta@x.org,d\n"
    let values = [
      "\"v\":\"anna@x.org\"", "\"v\":\" ANNA@x.ORG\"", "\"v\":\"b\\u0065rt@x.org\"", "\"v\":\"żaneta@X.org\"",
      "\"v\":\"carl@x.org\"",
      "", "\"v\":null", "\"v\":\"\"", "\"v\":\"  \"", "\"v\":{\"v\":\"carl@x.org\"}", "\"v\":[\"carl@x.org\"]",
      "\"v\":5",
      "\"v\":\"carl@x.org\",\"v\":\"anna@x.org\"", "\"v\":[]",
    ]
    #expect(try left(rule, json: values, files: ["gone.csv": list]) == [4, 11])
    let plain = "erasure: {file: gone.csv, column: id, field: v}"
    #expect(
      try left(
        plain, json: ["\"v\":1", "\"v\":\"1\"", "\"v\":2", "\"v\":{}", "\"v\":1.0"], files: ["gone.csv": "id\n1\n"])
        == [2, 4])
  }

  @Test("An erasure list that cannot be read whole ends the run")
  func badErasureLists() throws {
    let yaml = """
      source: {path: in.csv}
      records: {erasure: {file: gone.csv, column: email, field: v}}
      fields: {id: keep}
      sink: {path: out.csv}

      """
    for (list, kind, part) in [
      ("email\na\n\"b\n", RunError.Kind.inputOutput, "gone.csv: record 2, byte offset 8: a quote is left open"),
      ("email,x\na\n", .inputOutput, "record 1"), ("x,email\n1,\"a\n", .inputOutput, "record 1"),
      ("mail\na\n", .mismatch, "did the pipeline mean 'mail'?"),
      ("", .inputOutput, "the file is empty"), ("email,email\na,b\n", .mismatch, "twice"),
    ] {
      let rig = try RunRig(["in.csv": "id,v\n1,secret\n", "gone.csv": list])
      let result = try rig.run(yaml)
      #expect(result.kind == kind && result.message.contains(part), "\(result.message)")
      #expect(rig.text("out.csv") == nil && !result.message.contains("secret"))
    }
    let missing = try RunRig(["in.csv": "id,v\n1,x\n"]).run(yaml)
    #expect(missing.kind == .inputOutput)
  }
}
