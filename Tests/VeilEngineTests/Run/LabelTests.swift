import Testing
import VeilConfig

@testable import VeilEngine

/// An export is called by what was done to it.
@Suite("Labels and reasons")
struct LabelTests {
  private func compiled(_ yaml: String) throws -> CompiledPipeline {
    let (pipeline, text) = try RunRig().compile("keys: {k: {env: K}}\n" + yaml)
    return try #require(pipeline, "\(text)")
  }

  private func exportLabel(_ yaml: String) throws -> ExportLabel {
    ExportLabel(try compiled(yaml), evidence: .none, part: nil, measured: [])
  }

  /// The label without what follows k.
  private func label(_ yaml: String) throws -> String {
    try exportLabel(yaml).text.split(separator: ", ").first.map(String.init) ?? ""
  }

  /// A stage that leaves one token a value.
  static let tokenStages = [
    "{pseudonym: {key: k}}", "{pseudonym: {key: k, derive: none}}", "{hash: {salt: k}}", "{hash: {unkeyed: true}}",
    "{encrypt: {key: k}}", "{fpe: {key: k}}", "{date_shift: {days: 3, by: id, key: k}}",
    "{encrypt: {key: k, random: true}}",
  ]

  @Test("Tokens are never anonymous, whatever else is done", arguments: tokenStages)
  func tokens(_ stage: String) throws {
    for rule in [stage, "[trim, \(stage)]", "[\(stage), {truncate: {keep: 9}}]"] {
      let fields = "fields: {id: drop, t: \(rule), q: {class: quasi}}\n"
      #expect(try label("source: {subject: id}\n" + fields + "anonymity: {k: 2}\n") == "pseudonymous")
      #expect(try label("fields: {t: \(rule), a: keep}\n") == "pseudonymous")
    }
  }

  @Test("From personal data to k-anonymity")
  func names() throws {
    for (yaml, expected) in [
      ("fields: {a: keep, b: keep}\n", "personal data"), ("fields: {a: keep, b: lowercase}\n", "personal data"),
      ("fields: {a: keep, b: drop}\n", "pseudonymous"), ("fields: {a: keep}\nunlisted: keep\n", "personal data"),
      ("fields: {a: drop}\nunlisted: keep\n", "personal data"),
      ("fields: {a: {class: direct, stages: [keep], because: x}, b: drop}\n", "personal data"),
      ("fields: {email: trim, b: drop}\n", "personal data"), ("fields: {homePhone: keep, b: drop}\n", "personal data"),
      ("source: {subject: a}\nfields: {a: keep, b: drop}\n", "personal data"),
      ("fields: {a: {constant: x}, b: drop}\n", "pseudonymous"),
      ("fields: {a: drop, q: {class: quasi}}\nanonymity: {k: 3}\n", "k-anonymous (k=3)"),
      (
        "fields: {a: drop, q: {class: quasi}, s: {class: sensitive, stages: [keep]}}\nanonymity: {k: 3}\n",
        "k-anonymous (k=3)"
      ),
      ("fields: {a: keep, q: {class: quasi}}\nanonymity: {k: 3}\n", "k-anonymous (k=3)"),
      ("fields: {city: keep, q: {class: quasi}}\nanonymity: {k: 3}\n", "k-anonymous (k=3)"),
      ("fields: {city: keep, birth_date: keep, q: {class: quasi}}\nanonymity: {k: 3}\n", "pseudonymous"),
      ("fields: {email: keep, q: {class: quasi}}\nanonymity: {k: 3}\n", "personal data"),
      ("source: {subject: a}\nfields: {a: keep, q: {class: quasi}}\nanonymity: {k: 3}\n", "personal data"),
      ("fields: {q: {class: quasi}}\nunlisted: keep\nanonymity: {k: 3}\n", "personal data"),
      (
        "fields: {q: {class: quasi}, s: {class: sensitive, stages: [keep]}}\nanonymity: {k: 3, l: {s: 2}}\n",
        "k-anonymous (k=3)"
      ),
    ] { #expect(try label(yaml) == expected, "\(yaml)") }
  }

  /// Behind all but one of these a value may be what it was: `clamp` leaves what is in range, `truncate` what is short.
  @Test(
    "A part of what names a person is no k-anonymity, and some values whole are personal data",
    arguments: [
      ("{truncate: {keep: 30}}", "personal data"), ("{clamp: {max: 999999}}", "personal data"),
      ("{bucket: 1}", "personal data"), ("{mask: {last: 4}}", "pseudonymous"),
      ("{map: {values: {a: b}}}", "personal data"),
    ])
  func parts(_ stage: String, _ expected: String) throws {
    let model = "anonymity: {k: 2}\n"
    #expect(
      try label("fields: {a: {class: direct, stages: [\(stage)]}, q: {class: quasi}}\n" + model) == expected)
    #expect(try label("source: {subject: a}\nfields: {a: \(stage), q: {class: quasi}}\n" + model) == expected)
    #expect(try label("fields: {a: \(stage), q: {class: quasi}}\n" + model) == "k-anonymous (k=2)")
    let constant = "fields: {a: {class: direct, stages: [\(stage), {constant: x}]}, q: {class: quasi}}\n"
    #expect(try label(constant + model) == "k-anonymous (k=2)")
  }

  @Test("What is only normalized is not said to leave as it came, and hides nobody")
  func normalized() throws {
    for stage in ["digits", "lowercase", "uppercase", "trim", "nfc", "{normalize: phone/v1}"] {
      let label = try exportLabel("fields: {phone: \(stage), b: drop}\n")
      #expect(label.text == "personal data")
      #expect(label.reasons.contains("these name a person and are only normalized: phone"), "\(label.reasons)")
      #expect(label.limitations.contains { $0.hasPrefix("The values of phone are only normalized") })
      #expect(!(label.reasons + label.limitations).contains { $0.contains("as it came") || $0.contains("leave whole") })
      let fields = Explanation(try compiled("fields: {phone: \(stage), b: drop}\n")).sections[0].fields
      #expect(fields.map(\.fate) == ["normalized", "dropped"])
    }
  }

  @Test("A name or a person's id that is kept under another class is personal data")
  func namedOtherwise() throws {
    func keeping(_ name: String) throws -> String {
      try label("fields: {\(name): keep, q: {class: quasi}}\nanonymity: {k: 2}\n")
    }
    for name in ["name", "customer_id", "patientID", "id", "display_name", "vin", "street", "customer.name"] {
      #expect(try keeping(name) == "personal data", "\(name)")
    }
    for name in ["product.name", "customer_segment", "order_id", "amount"] {
      #expect(try keeping(name) == "k-anonymous (k=2)", "\(name)")
    }
  }

  @Test("A model that any data meets guards nothing, and is not named")
  func alwaysMet() throws {
    for (models, expected) in [
      ("t: {s: 0.9}", ", t-closeness (t=0.9)"), ("t: {s: 1}", ""), ("t: {s: {t: 1.0}}", ""), ("alpha: {s: 1}", ""),
      ("alpha: {s: 1}, l: {s: 2}", ", l-diversity (l=2)"),
    ] {
      let fields = "fields: {q: {class: quasi}, s: {class: sensitive, stages: [keep], because: x}}\n"
      let made = try exportLabel(fields + "anonymity: {k: 2, \(models)}\n")
      #expect(made.text == "k-anonymous (k=2), counted in records\(expected)", "\(models)")
      #expect(made.conditions.first { $0.name == "covered" }?.isMet == !expected.isEmpty, "\(models)")
    }
  }

  @Test("Suppressed records that stay are protected by nothing")
  func suppressedKept() throws {
    let fields = "fields: {q: {class: quasi}, s: {class: sensitive, stages: [keep]}}\n"
    for limit in ["0%", "5%"] {
      let made = try exportLabel(fields + "anonymity: {k: 2, l: {s: 2}, suppressed: keep, suppress: \(limit)}\n")
      #expect(made.conditions.first { $0.name == "suppressed" }?.isMet == (limit == "0%"))
      #expect(made.limitations.contains { $0.contains("Suppressed records stay") } == (limit != "0%"))
    }
  }

  @Test("What leaves whole and is more than other data says what for")
  func reasons() throws {
    func said(_ yaml: String) throws -> String { try RunRig().compile(yaml).1 }
    for fieldClass in ["direct", "quasi", "sensitive"] {
      for (stages, how) in [("[keep]", "leaves as it came"), ("[trim, lowercase]", "is only normalized")] {
        let open = "fields: {a: {class: \(fieldClass), stages: \(stages)}, b: drop}\n"
        #expect(try said(open).contains("error: 'a' is of class \(fieldClass) and \(how), with no reason"))
        #expect(try !said(open.replacing(stages, with: stages + ", because: why")).contains("error"))
      }
      #expect(try said("fields: {a: {class: \(fieldClass), stages: [{mask: {last: 2}}]}, b: drop}\n").isEmpty)
    }
    #expect(try said("fields: {a: keep}\n").isEmpty)
    let model = "anonymity: {k: 2}\n"
    #expect(try said("fields: {q: {class: quasi, stages: [keep]}}\n" + model).isEmpty)
    let sensitive = "fields: {q: {class: quasi}, s: {class: sensitive, stages: [keep]}}\n"
    #expect(try said(sensitive + model).contains("warning: 's' is of class sensitive"))
    #expect(try !said(sensitive + "anonymity: {k: 2, l: {s: 2}}\n").contains("with no reason"))
    #expect(try !said(sensitive + "anonymity: {k: 2, t: {s: 0.5}}\n").contains("with no reason"))
    for yaml in ["fields: {a: drop, b: drop}\n", "fields: {a: drop}\nunlisted: drop\n"] {
      #expect(try said(yaml).contains("error: every field is dropped"))
    }
    #expect(try !said("fields: {a: drop}\nunlisted: keep\n").contains("every field"))
  }

  @Test("Names of fields, as words")
  func hints() throws {
    func hint(_ name: String) throws -> FieldHint? { FieldHint(try FieldPath(name)) }
    for name in [
      "email", "e_mail.email", "contact.Email", "customerEmail", "phone_number", "first_name", "lastName", "IBAN",
    ] {
      #expect(try hint(name) == .direct, "\(name)")
    }
    for name in ["emails_sent", "telephoneless", "hiban", "company", "status", "datum"] {
      #expect(try hint(name) == nil, "\(name)")
    }
    #expect(try hint("dateOfBirth") == .birthDate && hint("dob") == .birthDate && hint("created_at") == .moment)
    #expect(try hint("zip") == .postcode && hint("geo.lat") == .place && hint("ip") == .direct)
  }

  @Test("Why a hash can be guessed back stands next to it")
  func danger() throws {
    let unkeyed = Explanation(try compiled("fields: {a: {hash: {unkeyed: true}}}\n")).text
    #expect(unkeyed.contains("anybody can turn it back") && unkeyed.contains("phone numbers"))
    let salted = Explanation(try compiled("fields: {a: {hash: {salt: k}}}\n")).text
    #expect(salted.contains("Whoever has the salt can turn this hash back"))
    #expect(!Explanation(try compiled("fields: {a: {pseudonym: {key: k}}}\n")).text.contains("danger"))
  }
}
