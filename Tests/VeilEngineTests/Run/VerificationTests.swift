import Foundation
import Testing

@testable import VeilEngine

@Suite("Verification")
struct VerificationTests {
  private func yaml(_ format: String, _ anonymity: String = "k: 2") -> String {
    """
    source: {path: in.\(format), subject: id}
    keys: {k: {env: VEIL_TEST_VERIFY_KEY}}
    fields:
      id: {hash: {algorithm: sha256, unkeyed: true}}
      q: {class: quasi}
      r: {class: quasi}
      name: drop
    anonymity: {recoding: global, suppress: 50%, \(anonymity)}
    sink: {path: out.\(format)}

    """.replacing("keys: {k: {env: VEIL_TEST_VERIFY_KEY}}\n", with: "")
  }

  private let a = String(repeating: "a", count: 64)
  private let b = String(repeating: "b", count: 64)

  private func verify(_ text: String, _ format: String = "csv", _ anonymity: String = "k: 2") throws -> Verification {
    let rig = try RunRig(["out.\(format)": text])
    let compiled = try #require(try rig.compile(yaml(format, anonymity)).0)
    return try Verification.run(rig.folder("out.\(format)"), compiled)
  }

  @Test("What a run published holds")
  func good() throws {
    let rig = try RunRig(["in.csv": "id,q,r,name\n1,x,1,A\n2,x,1,B\n3,y,1,C\n4,y,1,D\n"])
    #expect(try rig.run(yaml("csv")).kind == nil)
    let compiled = try #require(try rig.compile(yaml("csv")).0)
    let found = try Verification.run(rig.folder("out.csv"), compiled)
    #expect(found.holds && found.text.contains("k: 2 (people in the smallest class)"), "\(found.text)")
  }

  @Test("What was tampered with does not")
  func tampered() throws {
    let good = "id,q,r\n\(a),x,1\n\(b),x,1\n"
    #expect(try verify(good).holds)
    for (bad, part) in [
      ("id,q,r\n\(a),x,1\n\(b),y,1\n", "k: 1"), ("id,q,r\n\(a),x,1\n\(a),x,1\n", "k: 1"),
      ("id,q,r\n,x,1\n,x,1\n", "k: 1"),
      ("id,q,r,name\n\(a),x,1,A\n\(b),x,1,B\n", "LEAK: the field 'name'"),
      ("id,q,r,q\n\(a),x,1,y\n\(b),x,1,z\n", "LEAK: the header names 'q' more than once"),
      ("id,q,r,z\n\(a),x,1,A\n\(b),x,1,B\n", "LEAK: the field 'z'"),
      ("id,q,r\nanna,x,1\n\(b),x,1\n", "LEAK: 1 value of 'id' is not"),
      ("id,q\n\(a),x\n\(b),x\n", "missing: the field 'r'"),
    ] {
      let found = try verify(bad)
      #expect(!found.holds && found.text.contains(part), "\(found.text)")
      #expect(!found.text.contains("anna"))
    }
  }

  /// What each stage writes passes, and what stood there before does not.
  @Test(
    "A raw value that was put in place of what its stage writes",
    arguments: [
      ("{bucket: 10}", ["10-19", "-10--1", "0-9"], ["15", "10-18", "-", "10-", "a-b", "1990-01-02"]),
      ("{bucket: 0.5}", ["[0, 0.5)", "[-1.5, -1)"], ["0.3", "[0, 0.5]", "[0, 1)", "[", "[]"]),
      ("{truncate: {date: year}}", ["2020"], ["2020-01-02", "abcd", "20"]),
      ("{truncate: {date: month}}", ["2020-02"], ["2020-13", "2020-02-03"]),
      ("{truncate: {date: minute}}", ["2020-02-03T10:20", "2020-02-03 10:20"], ["2020-02-03T10:20:30"]),
      ("{truncate: {keep: 3}}", ["a", "äöü"], ["abcd", "äöüß"]),
      ("{truncate: {ip: true}}", ["192.0.2.0", "2001:db8::"], ["192.0.2.7", "x", "2001:db8:0:1::1"]),
      ("{mask: {first: 1, last: 2}}", ["a***yz", "***", "a*yz"], ["anna", "a**xyz"]),
      ("{round: {to: 100}}", ["100", "-200", "0"], ["150", "x"]),
      ("{clamp: {max: 90, above: 90+}}", ["12", "90+"], ["95", "Anna"]), ("{constant: x}", ["x"], ["Anna"]),
      ("{map: {values: {a: b}, default: other}}", ["b", "other"], ["a", "Anna"]),
      ("email_domain", ["example.org"], ["anna@example.org", "an na"]),
      ("digits", ["4930123"], ["+49 30 123", "anna", "٣٤"]), ("lowercase", ["straße 1"], ["Anna", "ÄRGER"]),
      ("uppercase", ["DE", "SS"], ["de", "ß"]), ("trim", ["a b"], [" anna", "anna\u{A0}"]),
      ("nfc", ["\u{E9}"], ["e\u{301}"]), ("[digits, {null: none}]", ["none", "12"], ["anna", "1-2"]),
      (
        "{class: direct, stages: [{normalize: phone/v1}], because: x}", ["+49301234567"],
        ["+49 30 1234567", "030 1234567"]
      ),
      ("{normalize: name/v1}", ["anna lena"], ["Anna Lena", "anna  lena", "12"]),
      ("[{hash: {unkeyed: true}}, {null: none}]", ["none", String(repeating: "a", count: 64)], ["anna@example.org"]),
    ] as [(String, [String], [String])])
  func raw(_ rule: String, good: [String], bad: [String]) throws {
    let rig = try RunRig()
    let yaml = "source: {path: in.csv}\nfields: {v: \(rule), w: drop}\nsink: {path: out.csv}\n"
    let (found, text) = try rig.compile(yaml)
    let compiled = try #require(found, "\(text)")
    func verify(_ values: [String]) throws -> Verification {
      try rig.add("out.csv", Array(("v\n" + values.map { "\"\($0)\"\n" }.joined()).utf8))
      return try Verification.run(rig.folder("out.csv"), compiled)
    }
    let whole = try verify(good + [""])
    #expect(whole.holds, "\(whole.text)")
    for value in bad {
      let found = try verify(good + [value, value])
      #expect(!found.holds && found.text.contains("LEAK: 2 values of 'v' are not"), "\(value): \(found.text)")
      #expect(!found.text.contains("nna"))
    }
  }

  @Test("An address where nobody is said to be named")
  func addresses() throws {
    let rig = try RunRig()
    func verify(_ fields: String, _ value: String, more: String = "") throws -> Verification {
      let yaml = "source: {path: in.csv}\nfields: {\(fields), w: drop}\nsink: {path: out.csv}\n" + more
      let (found, text) = try rig.compile(yaml)
      let compiled = try #require(found, "\(text)")
      try rig.add("out.csv", Array("v\n\"\(value)\"\n\"\(value)\"\n".utf8))
      return try Verification.run(rig.folder("out.csv"), compiled)
    }
    for value in ["anna@example.org", "call <anna.b+x@mail.example.org>, please", "{anna@example.org.}", "ü@ü.de"] {
      for (fields, more) in [("v: keep", ""), ("v: {class: quasi}", "anonymity: {k: 2}\n"), ("v: lowercase", "")] {
        let found = try verify(fields, value, more: more)
        #expect(!found.holds && found.text.contains("LEAK: 2 values of 'v' hold an e-mail address"), "\(found.text)")
        #expect(!found.text.contains("anna"))
      }
      #expect(try verify("v: {class: direct, stages: [keep], because: x}", value).holds)
    }
    for value in ["@anna", "anna@", "a@b", "3 @ 4.50", "anna@example.1", "@example.org", "a@.org", "x@y..z"] {
      #expect(try verify("v: keep", value).holds, "\(value)")
    }
  }

  /// A run promises shares of people. Where a file does not say whose a record is, records may make them look worse.
  @Test("Shares of people who cannot be told apart are not judged")
  func hiddenPeople() throws {
    let rows = "1,x,a\n1,x,a\n1,x,a\n2,x,b\n"
    let rig = try RunRig(["in.csv": "id,q,s\n" + rows])
    func verify(_ models: String, subject: String = ", subject: id", file: String? = nil) throws -> Verification {
      let fields = "fields: {id: drop, q: {class: quasi}, s: {class: sensitive, stages: [keep], because: x}}\n"
      let yaml =
        "source: {path: in.csv\(subject)}\n" + fields + "anonymity: {k: 2, \(models)}\nsink: {path: out.csv}\n"
      if let file { try rig.add("out.csv", Array(file.utf8)) } else { #expect(try rig.run(yaml).kind == nil) }
      return try Verification.run(rig.folder("out.csv"), try #require(try rig.compile(yaml).0))
    }
    for model in ["alpha: {s: 0.6}", "l: {s: {entropy: 1.9}}"] {
      let found = try verify(model)
      #expect(found.holds && found.text.contains("not judged"), "\(found.text)")
      #expect(!(try verify(model, subject: "", file: "q,s\n" + "x,a\nx,a\nx,a\nx,b\n").holds))
    }
    // More records never have fewer values.
    #expect(!(try verify("l: {s: 2}", file: "q,s\nx,a\nx,a\n").holds))
  }

  /// A subject that leaves as another token each time, or as less than a name, tells nobody from anybody else.
  @Test(
    "People are counted only by what tells them apart",
    arguments: [
      ("keep", "1,2", "k: 2 (people", ": met"), ("lowercase", "A,B", "k: 2 (people", ": met"),
      ("[trim, {encrypt: {key: k}}]", "1,2", "k: 2 (people", ": met"),
      ("{pseudonym: {key: k, length: 80}}", "1,2", "k: 2 (people", ": met"),
      ("[{pseudonym: {key: k}}, {null: none}]", "1,2", "k: 2 (people", ": met"),
      ("{pseudonym: {key: k, length: 16, allow_short: true}}", "1,2", "k: 2 (records", "met by records"),
      ("{encrypt: {key: k, random: true}}", "1,2", "k: 2 (records", "met by records"),
      ("{truncate: {keep: 1}}", "a1,a2", "k: 2 (records", "met by records"),
      ("[{truncate: {keep: 1}}, {pseudonym: {key: k}}]", "a1,a2", "k: 2 (records", "met by records"),
      ("{constant: x}", "1,2", "k: 2 (records", "met by records"),
    ] as [(String, String, String, String)])
  func tellingApart(_ rule: String, people: String, unit: String, verdict: String) throws {
    let rig = try RunRig(["k.key": "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"])
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: rig.folder("k.key"))
    try rig.add("in.csv", Array(("id,q,w\n" + people.split(separator: ",").map { "\($0),x,1\n" }.joined()).utf8))
    let yaml =
      "source: {path: in.csv, subject: id}\nkeys: {k: {file: k.key}}\n"
      + "fields: {id: \(rule), q: {class: quasi}, w: drop}\nanonymity: {k: 2}\nsink: {path: out.csv}\n"
    let result = try rig.run(yaml)
    #expect(result.kind == nil, "\(rule): \(result.diagnostics)\(result.message)")
    let found = try Verification.run(rig.folder("out.csv"), try #require(try rig.compile(yaml).0))
    #expect(found.holds && found.text.contains(unit) && found.text.contains(verdict), "\(rule): \(found.text)")
    #expect(found.text.contains("does not tell people apart") == unit.contains("records"), "\(found.text)")
  }

  @Test("What a sink drops is not measured there, and that is said")
  func droppedModel() throws {
    let rig = try RunRig(["in.csv": "q,s,v\nx,flu,1\nx,cold,2\n"])
    let yaml = """
      source: {path: in.csv}
      fields: {q: {class: quasi}, s: {class: sensitive, stages: [keep]}, v: keep}
      anonymity: {k: 2, l: {s: 2}}
      sinks:
        - {recipient: a, path: a.csv}
        - {recipient: b, path: b.csv, fields: {s: drop}}

      """
    #expect(try rig.run(yaml).kind == nil)
    let compiled = try #require(try rig.compile(yaml).0)
    for (name, line) in [("a", "distinct l-diversity of 's': 2"), ("b", "note: 's' does not leave to this file")] {
      let found = try Verification.run(rig.folder("\(name).csv"), compiled, recipient: name)
      #expect(found.holds && found.text.contains(line), "\(found.text)")
      #expect(found.text.contains("l-diversity") == (name == "a"))
    }
    // What should be there and is not is another matter.
    try rig.add("a.csv", Array("q,v\nx,1\nx,2\n".utf8))
    let found = try Verification.run(rig.folder("a.csv"), compiled, recipient: "a")
    #expect(!found.holds && found.text.contains("missing: the field 's'") && found.text.contains("NOT MET"))
  }

  /// Who of a population fits a class does not depend on whose its records are; what share of them is in the release
  /// does, and from records alone it is known within limits.
  @Test(
    "Presence of people who cannot be told apart",
    arguments: [
      // Two records of x, of one person or of two; four of the population fit, and two fit y.
      ("presence: {min: 0, max: 0.5}", "x\nx\n", "delta-presence, most: 0.5; at most 0.5 is promised: met\n", true),
      ("presence: {min: 0, max: 0.4}", "x\nx\n", "most: 0.5; at most 0.4 is promised of people", true),
      ("presence: {min: 0, max: 0.2}", "x\nx\n", "most: 0.5; at most 0.2 is promised: NOT MET\n", false),
      (
        "presence: {min: 0.4, max: 1}", "x\nx\ny\ny\n",
        "least: 0.5; at least 0.4 is promised: met by records; of people",
        true
      ),
      ("presence: {min: 0.2, max: 1}", "x\nx\ny\ny\n", "least: 0.5; at least 0.2 is promised: met\n", true),
      ("presence: {min: 0.6, max: 1}", "x\nx\ny\ny\n", "least: 0.5; at least 0.6 is promised: NOT MET\n", false),
      ("presence: {min: 0.1, max: 1}", "x\nx\n", "least: 0; at least 0.1 is promised: NOT MET\n", false),
      ("k_map: 5", "x\nx\n", "k-map: 4; at least 5 is promised: NOT MET\n", false),
      ("k_map: 4", "x\nx\n", "k-map: 4; at least 4 is promised: met\n", true),
      ("risk: {marketer: 30%}", "x\nx\ny\ny\n", "marketer risk: 0.375; at most 0.3 is promised of people", true),
      ("risk: {marketer: 40%}", "x\nx\ny\ny\n", "marketer risk: 0.375; at most 0.4 is promised: met by records", true),
      ("risk: {marketer: 20%}", "x\nx\ny\ny\n", "marketer risk: 0.375; at most 0.2 is promised: NOT MET\n", false),
    ] as [(String, String, String, Bool)])
  func hiddenPresence(_ model: String, rows: String, words: String, holds: Bool) throws {
    let rig = try RunRig(["everybody.csv": "id,q\n1,x\n2,x\n3,x\n4,x\n5,y\n6,y\n", "out.csv": "q\n" + rows])
    let yaml =
      "source: {path: in.csv, subject: id}\nfields: {id: drop, q: {class: quasi}}\n"
      + "anonymity: {k: 2, population: everybody.csv, \(model)}\nsink: {path: out.csv}\n"
    let (compiled, text) = try rig.compile(yaml)
    let found = try Verification.run(rig.folder("out.csv"), try #require(compiled, "\(text)"))
    #expect(found.text.contains(words) && found.holds == holds, "\(found.text)")
    #expect(found.text.contains("k: 2 (records in the smallest class); the pipeline promises 2: met by records\n"))
  }

  @Test("The apostrophe in front of a formula is none of the value")
  func formulas() throws {
    let rig = try RunRig(["in.csv": "v,w\n=12345,1\n'ab,1\n-5,1\n"])
    let yaml =
      "source: {path: in.csv}\nfields: {v: {truncate: {keep: 3}}, w: drop}\nsink: {path: out.csv, csv: {formula_guard: true}}\n"
    #expect(try rig.run(yaml).kind == nil)
    #expect(rig.text("out.csv") == "v\n\"'=12\"\n'ab\n-5\n")
    let compiled = try #require(try rig.compile(yaml).0)
    let found = try Verification.run(rig.folder("out.csv"), compiled)
    #expect(found.holds, "\(found.text)")
  }

  @Test("JSON: a member told twice, or null in place of missing, makes no class larger")
  func json() throws {
    #expect(
      try verify("{\"id\":\"\(a)\",\"q\":\"x\",\"r\":1}\n{\"id\":\"\(b)\",\"q\":\"x\",\"r\":1}\n", "ndjson").holds)
    for second in [
      "\"q\":\"y\",\"q\":\"x\",\"r\":1", "\"q\":\"x\",\"r\":\"1\"", "\"q\":\"x\"", "\"q\":\"x\",\"r\":null",
      "\"q\":\"x\",\"r\":[1]",
    ] {
      let found = try verify("{\"id\":\"\(a)\",\"q\":\"x\",\"r\":1}\n{\"id\":\"\(b)\",\(second)}\n", "ndjson")
      #expect(!found.holds, "\(second): \(found.text)")
    }
    #expect(!(try verify("{\"id\":\"\(a)\",\"q\":null,\"r\":1}\n{\"id\":\"\(b)\",\"r\":1}\n", "ndjson").holds))
    #expect(
      !(try verify("{\"id\":\"\(a)\",\"q\":1,\"r\":1,\"name\":\"x\"}\n{\"id\":\"\(b)\",\"q\":1,\"r\":1}\n", "ndjson")
        .holds))
  }

  @Test("Stars in every quasi-identifier are suppressed records only where the pipeline keeps them")
  func stars() throws {
    let text = "id,q,r\n\(a),*,*\n"
    #expect(try verify(text, "csv", "k: 2, suppressed: keep").holds)
    #expect(!(try verify(text, "csv", "k: 2, suppressed: drop").holds))
    let all = try verify("id,q,r\n\(a),*,*\n\(b),*,*\n")
    #expect(all.holds && all.text.contains("k: 2"), "\(all.text)")
  }

  @Test("What cannot be read is an error with its place")
  func unreadable() throws {
    #expect(errorText { _ = try verify("id,q,r\n\(a),x\n") }.contains("record 1, byte offset 7"))
    #expect(errorText { _ = try verify("") }.contains("empty"))
  }
}
