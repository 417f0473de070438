import Testing
import VeilConfig

@testable import VeilEngine
@testable import VeilGround

/// What people have put right takes the place of what the input says, before anything else looks at it.
@Suite("Corrections")
struct CorrectionTests {
  private let list =
    "subject,field,value\n2,city,Rome\n1,city,Oslo\n1,city,\"Paris, \"\"P\"\"\"\n9,city,Bonn\n3,agreed,no\n2,name,\n"

  private func counts(_ result: RunResult) -> String {
    guard let text = result.report?.manifest.line, let start = text.firstRange(of: "\"people\"") else { return "" }
    return String(text[start.lowerBound...].prefix { $0 != "}" })
  }

  @Test("Values by person and field; the later line holds; filters and stages see what is right", arguments: [7, 1000])
  func csv(_ chunk: Int) throws {
    let rig = try RunRig([
      "in.csv": "id,city,agreed,name\n1,Pari,yes,A\n2,,yes,B\n3,Bern,yes,C\n4,\"Kiel\",yes,D\n2,x,yes,\"b\"\n",
      "c.csv": list,
    ])
    let result = try rig.run(
      """
      source: {path: in.csv, subject: id}
      records: {consent: {field: agreed, granted: [\"yes\"]}, corrections: {file: c.csv}}
      fields: {id: keep, city: keep, agreed: drop, name: lowercase}
      sink: {path: out.csv}

      """
    ) { $0.chunkBytes = chunk }
    #expect(rig.text("out.csv") == "id,city,name\n1,\"Paris, \"\"P\"\"\",a\n2,Rome,\n4,Kiel,d\n2,Rome,\n", "\(result)")
    #expect(result.tally?.consentReasons.first?.name == "not_granted")
    #expect(
      counts(result)
        == "\"people\": 4, \"people_not_in_input\": 1, \"corrections\": 5, \"applied\": 4, \"superseded\": 1 ")
    #expect(result.report?.summary.contains("4 of 5 corrections applied") == true)
  }

  @Test("With anonymity both passes see what is right, and each correction counts once")
  func twoPasses() throws {
    let rig = try RunRig([
      "in.csv": "id,q\n1,a\n2,a\n3,b\n4,c\n", "c.csv": "who,what,is\n 4 ,q,b\n", "h.csv": "a;*\nb;*\nc;*\n",
    ])
    let result = try rig.run(
      """
      source: {path: in.csv}
      records:
        corrections: {file: c.csv, field: id, subject: who, name: what, value: is, normalize: [trim]}
      fields: {id: drop, q: {class: quasi, hierarchy: {file: h.csv}}}
      anonymity: {k: 2}
      order: input
      sink: {path: out.csv}

      """)
    #expect(rig.text("out.csv") == "q\na\na\nb\nb\n", "\(result)")
    #expect(counts(result).contains("\"applied\": 1"))
  }

  @Test("JSON: the type stays, null and objects give way, what is not there is not made up", arguments: [9, 1000])
  func json(_ chunk: Int) throws {
    let rig = try RunRig([
      "in.ndjson": """
      {"id":1,"a":{"n":5,"s":"x"},"t":"\\u0041"}
      {"id":2,"a":{"n":null,"s":"x"},"t":"\\u0041"}
      {"id":3,"a":{"n":5},"t":{"u":1}}
      {"id":4,"t":true}

      """,
      "c.csv": "subject,field,value\n1,a.n,6\n2,a.n,6\n3,a.n,six\n4,a.n,6\n1,a.s,\"q\"\"\n\"\n3,t,v\n4,t,false\n",
    ])
    let result = try rig.run(
      """
      source: {path: in.ndjson, subject: id}
      records: {corrections: {file: c.csv}}
      fields: {id: keep, a.n: keep, a.s: keep, t: {keep: {whole: true, because: a test}}}
      sink: {path: out.ndjson}

      """
    ) { $0.chunkBytes = chunk }
    #expect(
      rig.text("out.ndjson") == """
        {"id":1,"a":{"n":6,"s":"q\\"\\n"},"t":"A"}
        {"id":2,"a":{"n":"6","s":"x"},"t":"A"}
        {"id":3,"a":{"n":"six"},"t":"v"}
        {"id":4,"t":false}

        """, "\(result)")
    #expect(counts(result).contains("\"applied\": 6"))
    try rig.add(
      "c.ndjson",
      Array("{\"subject\":1,\"field\":\"a.n\",\"value\":6.5}\n{\"subject\":2,\"field\":\"a.n\",\"value\":null}\n".utf8))
    let typed = try rig.run(
      """
      source: {path: in.ndjson, subject: id}
      records: {corrections: {file: c.ndjson}}
      fields: {id: keep, a.n: keep}
      unlisted: drop
      sink: {path: typed.ndjson}

      """)
    #expect(
      rig.text("typed.ndjson") == """
        {"id":1,"a":{"n":6.5}}
        {"id":2,"a":{"n":null}}
        {"id":3,"a":{"n":5}}
        {"id":4}

        """, "\(typed)")
  }

  @Test("A list that corrects what is not there, or nobody, ends the run")
  func mistakes() throws {
    for (list, kind, part) in [
      (
        "subject,field,value\n1,city,x\n1,secret,y\n", RunError.Kind.inputOutput,
        "c.csv: record 2, byte offset 29: corrects"
      ),
      ("subject,field,value\n,city,x\n", .inputOutput, "whom"),
      ("subject,field,value\n1,,x\n", .inputOutput, "corrects"),
      ("subject,field,value\n1,City,x\n", .inputOutput, "corrects"), ("subject,value\n1,x\n", .mismatch, "'field'"),
      ("subject,field,value\n1,city\n", .inputOutput, "record 1"),
    ] {
      let rig = try RunRig(["in.csv": "id,city\n1,a\n", "c.csv": list])
      let result = try rig.run(
        "source: {path: in.csv, subject: id}\nrecords: {corrections: {file: c.csv}}\n"
          + "fields: {id: keep, city: keep}\nsink: {path: out.csv}\n")
      #expect(result.kind == kind && result.message.contains(part), "\(result)")
      #expect(rig.text("out.csv") == nil && !result.message.contains("secret"))
    }
    let rig = try RunRig()
    #expect(
      try rig.compile("source: {path: in.csv}\nrecords: {corrections: {file: c.csv}}\nfields: {id: keep}\n").1.contains(
        "whose a record is"))
  }

  @Test("Numbers, true and false as JSON has them")
  func literals() {
    for text in ["0", "-0", "10", "1.50", "1e5", "-1.5E+10", "true", "false"] {
      #expect(JSONLiteral.matches(Array(text.utf8)))
    }
    for text in ["", "01", "+1", ".5", "5.", "1e", "0x1", "True", "null", "1 ", "NaN", "--1", "1.5.1"] {
      #expect(!JSONLiteral.matches(Array(text.utf8)), "\(text)")
    }
  }
}
