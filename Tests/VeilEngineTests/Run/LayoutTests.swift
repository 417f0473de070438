import Testing

@testable import VeilEngine

@Suite("Fields of an input")
struct LayoutTests {
  private func run(_ yaml: String, _ csv: String) throws -> (RunResult, String?) {
    let rig = try RunRig(["in.csv": csv])
    let result = try rig.run("source: {path: in.csv}\nsink: {path: out.csv}\n" + yaml)
    return (result, rig.text("out.csv"))
  }

  @Test("What no rule names is an error, or is dropped, or kept, as the pipeline says")
  func unlisted() throws {
    let (refused, nothing) = try run("fields: {a: keep}\n", "a,b\n1,2\n")
    #expect(refused.kind == .mismatch && nothing == nil && refused.message.contains("a field 'b' that no rule names"))
    #expect(try run("fields: {a: keep}\nunlisted: drop\n", "a,b\n1,2\n").1 == "a\n1\n")
    #expect(try run("fields: {a: drop}\nunlisted: keep\n", "a,b,c\n1,2,3\n").1 == "b,c\n2,3\n")
    #expect(try run("unlisted: keep\n", "a,b\n1,2\n").1 == "a,b\n1,2\n")
    #expect(try run("fields: {b: lowercase, a: keep}\n", "a,b\nX,Y\n").1 == "a,b\nX,y\n")
  }

  @Test("Fields that only filters and people-counting look at count as named and do not leave")
  func lookedAt() throws {
    let yaml = """
      records: {where: {field: w, in: ["1"]}, consent: {field: c, granted: ["1"]}, retention: {field: r, keep: 1 years}}
      fields: {a: keep}

      """
    #expect(try run(yaml, "w,c,r,a\n1,1,2024-01-01,x\n").1 == "a\nx\n")
    #expect(try run(yaml, "w,c,a\n1,1,x\n").0.message.contains("the input has no field 'r'"))
    #expect(try run(yaml + "unlisted: drop\n", "w,c,r,a,z\n1,1,2024-01-01,x,0\n").1 == "a\nx\n")
  }

  @Test("All that does not match is told at once, with suggestions; names twice are refused")
  func mismatches() throws {
    let (result, _) = try run("fields: {email: keep, name: keep, city: drop}\n", "e_mail,name,name,town\n1,2,3,4\n")
    #expect(result.kind == .mismatch)
    for part in [
      "names the field 'name' twice", "no field 'email', which the pipeline names: did the pipeline mean 'e_mail'?",
      "no field 'city'", "a field 'town' that no rule names",
    ] {
      #expect(result.message.contains(part), "\(result.message)")
    }
  }

  @Test("A first record that is somebody's data is told as such, and not shown, however near a value is to a name")
  func dataForAHeader() throws {
    for record in ["4711,Mia Mueller,IT,mia@example.org", "4711,Jame,FR,emial"] {
      let fields = "fields: {id: drop, name: drop, country: keep, email: drop}\n"
      let (result, _) = try run(fields, record + "\n")
      #expect(result.kind == .mismatch && result.message.contains("is it a header"), "\(result.message)")
      for value in record.split(separator: ",") { #expect(!result.message.contains("'\(value)'"), "\(result.message)") }
    }
  }

  @Test("A filter finds its field by the header's name, dots and accents included")
  func filterFields() throws {
    for (field, header) in [("c.ok", "c.ok"), ("\"'c.ok'\"", "c.ok"), ("\u{E9}t\u{E9}", "e\u{301}te\u{301}")] {
      for rest in ["fields: {a: keep}\n", "fields: {a: keep, \"'c.ok'\": drop}\n", "unlisted: keep\n"] {
        if rest.contains("c.ok") && header != "c.ok" { continue }
        let (result, output) = try run(
          "records: {consent: {field: \(field), granted: [\"yes\"]}}\n" + rest, "a,\(header)\nanna,no\nbert,yes\n")
        #expect(result.tally?.written == 1 && output?.contains("anna") == false, "\(field) \(rest) \(result)")
      }
    }
    let subjects = """
      source: {path: in.csv, subject: p.id}
      sink: {path: out.csv}
      fields: {q: {class: quasi}}
      anonymity: {k: 2, recoding: global, suppress: 100%}

      """
    let rig = try RunRig(["in.csv": "p.id,q\n1,x\n1,x\n2,y\n3,y\n"])
    let result = try rig.run(subjects)
    #expect(result.tally?.written == 2 && rig.text("out.csv") == "q\ny\ny\n", "\(result)")
  }

  @Test("Two rules for one column of a header are refused")
  func twoRules() throws {
    let (result, output) = try run("fields: {a.b: drop, \"'a.b'\": keep}\n", "a.b\n1\n")
    #expect(result.kind == .mismatch && output == nil && result.message.contains("two rules"), "\(result)")
  }

  @Test("A file without a header does not have its first record told")
  func noHeaderThere() throws {
    let (result, _) = try run("fields: {email: keep, name: keep}\n", "anna@x.org,Anna\nbert@x.org,Bert\n")
    #expect(result.kind == .mismatch && result.message.contains("header"))
    #expect(!result.message.contains("nna"), "\(result.message)")
  }

  @Test("A header cannot steer a terminal nor fill it")
  func hostileHeader() throws {
    let tail = String(repeating: "x", count: 5000)
    let names = (0..<50).map { "\u{1B}[31m\u{202E}\($0)\(tail)" }.joined(separator: ",")
    let (result, _) = try run("fields: {a: keep}\n", "a,\(names)\n1\n")
    #expect(result.kind == .mismatch && result.message.contains("\\u{1b}[31m\\u{202e}0x"))
    #expect(
      !result.message.contains("\u{1B}") && result.message.utf8.count < 10_000 && result.message.contains("30 more"))
  }

  @Test("JSON fields with odd names keep them in a CSV header, and the export verifies")
  func oddNames() throws {
    let rig = try RunRig(["in.ndjson": "{\"odd.key\":1,\"a\":{\"b\":2}}\n"])
    let yaml = "source: {path: in.ndjson}\nsink: {path: out.csv}\nfields: {\"'odd.key'\": keep, a.b: keep}\n"
    #expect(try rig.run(yaml).kind == nil)
    #expect(rig.text("out.csv") == "odd.key,a.b\n1,2\n")
    let compiled = try #require(try rig.compile(yaml).0)
    #expect(try Verification.run(rig.folder("out.csv"), compiled).holds)
  }
}
