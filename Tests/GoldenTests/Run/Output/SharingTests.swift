import Foundation
import Testing

/// Who may get an export, for what, and how it reaches them.
@Suite struct SharingTests {
  static let people = "id,email,age\n1,ann@x.org,31\n2,bob@x.org,32\n3,eve@x.org,33\n"
  static let recipients = """
    recipients:
      acme: {contact: dpo@acme.example, contract: C-17, purposes: [analytics], expires: 2031-06-30}
      lab: {purposes: [analytics, research]}

    """
  static let pipeline = """
    version: 1
    name: crm
    purpose: analytics
    recipients: recipients.yaml
    source: {path: in.csv}
    fields: {id: keep, email: drop, age: keep}
    sinks: [{path: a.csv, recipient: acme}, {path: l.csv, recipient: lab}]
    order: input

    """

  private func folder(_ pipeline: String = Self.pipeline, recipients: String = Self.recipients) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", Self.people)
    try scratch.write("recipients.yaml", recipients)
    return scratch
  }

  private func veil(_ scratch: Scratch, _ words: String...) throws -> Outcome {
    try Veil.run(words, environment: TestKey.environment, directory: scratch.root)
  }

  /// `check` and `run` refuse, say where, and nothing was read or written.
  private func expectRefused(_ scratch: Scratch, _ message: String, _ arguments: [String] = []) throws {
    let before = try scratch.list()
    // What cannot be read shows that nothing was.
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: scratch.path("in.csv"))
    for command in ["check", "run"] {
      let outcome = try Veil.run([command, "p.yaml"] + arguments, directory: scratch.root)
      #expect(outcome.status == 2 && outcome.stderr.contains(message), "\(command): \(outcome.stderr)")
    }
    #expect(try scratch.list() == before)
  }

  @Test func allowedRecipientsGetTheirExports() throws {
    let scratch = try folder()
    for command in ["check", "run"] {
      let outcome = try veil(scratch, command, "p.yaml", "--as-of", "2031-06-30")
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
    #expect(try scratch.text("a.csv") == "id,age\n1,31\n2,32\n3,33\n")
    // A list of recipients says the same.
    let list = "- {name: acme, purposes: [analytics]}\n- {name: lab, purposes: [analytics]}\n"
    #expect(try veil(try folder(recipients: list), "run", "p.yaml").status == 0)
  }

  @Test(arguments: [
    ("acme: ", "akme: ", "p.yaml:7:34: error: the recipient 'acme' is not in recipients.yaml"),
    ("2031-06-30", "2020-06-30", "p.yaml:7:34: error: the recipient 'acme' may get no data after 2020-06-30"),
    (
      "[analytics]", "[billing]", "the recipient 'acme' may get data for 'billing', and the purpose of this pipeline is"
    ),
    ("[analytics]", "[]", "the recipient 'acme' may get data for nothing"),
    ("purposes: [analytics], ", "", "recipients.yaml, line 2: recipient 'acme' needs 'purposes'"),
    ("2031-06-30", "someday", "recipients.yaml, line 2: 'expires' must be a day as YYYY-MM-DD"),
    ("2031-06-30", "2031-02-30", "may get no data after 2031-02-30"),
    ("contact", "contcat", "recipients.yaml, line 2: unknown key 'contcat' in recipient 'acme'"),
    ("lab:", "acme:", "recipients.yaml, line 3:"),
  ])
  func otherRecipientsStopTheRun(_ old: String, _ new: String, _ message: String) throws {
    let changed = Self.recipients.replacingOccurrences(of: old, with: new)
    try #require(changed != Self.recipients)
    try expectRefused(try folder(recipients: changed), message)
  }

  @Test func whoExpiresOnTheDay() throws {
    try expectRefused(try folder(), "may get no data after 2031-06-30", ["--as-of", "2031-07-01"])
    try expectRefused(
      try folder(Self.pipeline.replacingOccurrences(of: "purpose: analytics\n", with: "")), "is not said")
    try expectRefused(
      try folder(
        Self.pipeline.replacingOccurrences(
          of: "sinks: [{path: a.csv, recipient: acme}, {path: l.csv, recipient: lab}]", with: "sink: {path: a.csv}")),
      "the sink names no recipient")
    let scratch = try folder()
    try FileManager.default.removeItem(atPath: scratch.path("recipients.yaml"))
    try expectRefused(scratch, "recipients.yaml: cannot be read")
  }

  @Test func fieldsServeTheirPurposesOnly() throws {
    func with(_ fields: String, _ sink: String = "") -> String {
      Self.pipeline.replacingOccurrences(of: "age: keep}", with: "age: \(fields)}")
        .replacingOccurrences(of: "recipient: lab}", with: "recipient: lab\(sink)}")
    }
    let ok = try folder(with("{stages: [keep], purposes: [analytics, research]}"))
    #expect(try veil(ok, "run", "p.yaml").status == 0)
    try expectRefused(
      try folder(with("{stages: [keep], purposes: [research]}")),
      "p.yaml:6:33: error: field 'age' may serve 'research', and the purpose of this pipeline is 'analytics'")
    // It may be there as long as it does not leave, to any sink.
    let dropped = try folder(with("{stages: [drop], purposes: [research]}"))
    #expect(try veil(dropped, "run", "p.yaml").status == 0)
    try expectRefused(
      try folder(with("{stages: [drop], purposes: [research]}", ", fields: {age: keep}")), "field 'age' may serve")
    // A sink can narrow what a field serves, and not widen it.
    try expectRefused(
      try folder(with("{stages: [keep], purposes: [analytics]}", ", fields: {age: {purposes: [analytics, ads]}}")),
      "field 'age' may not serve 'ads', and a sink cannot change that")
    try expectRefused(
      try folder(
        with("{stages: [keep], purposes: [analytics, ads]}", ", fields: {age: {stages: [keep], purposes: [ads]}}")),
      "field 'age' may serve 'ads'")
  }

  @Test(arguments: [
    ("purposes: [research]", "allows the purposes 'research', and the pipeline has 'analytics'"),
    ("forbidden: [AGE]", "p.yaml:6:33: error: the policy policy.yaml forbids that 'AGE' leaves"),
    ("classes: {age: quasi}", "field 'age' is of class 'other', and the policy policy.yaml says 'quasi'"),
    ("fields: {age: {purposes: [billing]}}", "by the policy policy.yaml field 'age' may serve 'billing'"),
    ("fields: {age: {forbidden: true}}", "forbids that 'age' leaves"),
    ("forbiden: [age]", "unknown key 'forbiden' in the policy"),
    ("classes: {age: quasy}", "a class must be one of direct, quasi, sensitive, other"),
    ("minimum_k: 1", "'minimum_k' must be 2 or more"),
  ])
  func policiesHold(_ policy: String, _ message: String) throws {
    // Beside the pipeline it holds without being named; elsewhere where it is.
    let scratch = try folder()
    try scratch.write("policy.yaml", policy + "\n")
    try expectRefused(scratch, message)
    let other = try folder(Self.pipeline + "policy: house/rules.yaml\n")
    try other.write("house/rules.yaml", policy + "\n")
    try expectRefused(other, message.replacingOccurrences(of: "policy.yaml", with: "house/rules.yaml"))
    // Naming a lax one does not free from the one that is there.
    let both = try folder(Self.pipeline + "policy: lax.yaml\n")
    try both.write("policy.yaml", policy + "\n")
    try both.write("lax.yaml", "purposes: [analytics]\n")
    try expectRefused(both, message)
  }

  @Test func policiesThatAreKept() throws {
    let scratch = try folder()
    try scratch.write(
      "policy.yaml",
      "version: 1\npurposes: [analytics]\nminimum_k: 5\nforbidden: [email, phone]\nclasses: {email: direct, age: other}\n"
    )
    let outcome = try veil(scratch, "run", "p.yaml")
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test func minimumKAndUnlistedFields() throws {
    let quasi = Self.pipeline.replacingOccurrences(
      of: "age: keep", with: "age: {class: quasi, stages: [keep], because: t}")
    let scratch = try folder(quasi)
    try scratch.write("policy.yaml", "minimum_k: 5\n")
    try expectRefused(scratch, "field 'age' is a quasi-identifier, and the policy policy.yaml demands k of 5")
    let low = try folder(quasi.replacingOccurrences(of: "stages: [keep]}", with: "}") + "anonymity: {k: 3}\n")
    try low.write("policy.yaml", "minimum_k: 5\n")
    try expectRefused(low, "p.yaml:9:16: error: the policy policy.yaml demands k of 5 or more")
    // What would leave without being named could be what the policy is about.
    let open = try folder(Self.pipeline.replacingOccurrences(of: "email: drop, ", with: "") + "unlisted: keep\n")
    try open.write("policy.yaml", "forbidden: [email]\n")
    try expectRefused(open, "rules over 'email', and 'unlisted: keep' would let it leave")
    let whole = "contact: {keep: {whole: true, because: t}}, email: drop"
    let within = try folder(Self.pipeline.replacingOccurrences(of: "email: drop", with: whole))
    try within.write("policy.yaml", "forbidden: [contact.phone]\n")
    try expectRefused(within, "rules over 'contact.phone', which leaves within 'contact'")
  }

  // MARK: Encryption

  /// Makes a key and a certificate with stock OpenSSL.
  private func certificate(_ scratch: Scratch, _ name: String, _ more: [String], key: [String] = ["rsa:2048"]) throws {
    let made = try Command.run(
      "openssl",
      ["req", "-x509", "-newkey"] + key + [
        "-nodes", "-keyout", "\(name).key", "-out", "\(name).pem", "-subj", "/CN=\(name)",
      ]
        + more, directory: scratch.root)
    try #require(made.status == 0, "\(made.stderr)")
  }

  private func open(_ scratch: Scratch, _ file: String, _ name: String) throws -> Outcome {
    try Command.run(
      "openssl",
      ["cms", "-decrypt", "-inform", "DER", "-in", file, "-inkey", "\(name).key", "-recip", "\(name).pem"],
      directory: scratch.root)
  }

  @Test func encryptedExportsOpenWithStockOpenSSL() throws {
    let scratch = try folder(
      Self.pipeline.replacingOccurrences(
        of: "a.csv, recipient: acme", with: "a.csv.cms, recipient: acme, encrypt: true"
      )
      .replacingOccurrences(
        of: "l.csv, recipient: lab", with: "l.csv.gz.cms, recipient: lab, encrypt: {certificate: lab.pem}"),
      recipients: Self.recipients.replacingOccurrences(of: "contract: C-17", with: "certificate: acme.pem"))
    try certificate(scratch, "acme", ["-days", "30"])
    try certificate(
      scratch, "lab", ["-days", "30", "-addext", "keyUsage=keyAgreement"],
      key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
    // More than one piece of everything.
    let rows = (0..<40_000).map { "\($0),p\($0)@x.org,\($0 % 90)" }
    try scratch.write("in.csv", "id,email,age\n" + rows.joined(separator: "\n") + "\n")
    let outcome = try veil(scratch, "run", "p.yaml", "--manifest", "m.json")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let expected = "id,age\n" + (0..<40_000).map { "\($0),\($0 % 90)\n" }.joined()
    let opened = try open(scratch, "a.csv.cms", "acme")
    #expect(opened.status == 0 && opened.text == expected, "\(opened.stderr)")
    let packed = try open(scratch, "l.csv.gz.cms", "lab")
    try scratch.write("l.csv.gz", packed.stdout)
    #expect(try Command.run("gunzip", ["-c", scratch.path("l.csv.gz")]).text == expected)
    for name in ["a.csv.cms", "l.csv.gz.cms"] {
      #expect(try scratch.mode(name) == 0o600)
      #expect(try scratch.data(name).range(of: Data("39999,".utf8)) == nil)
    }
    let form = try Command.run(
      "openssl", ["asn1parse", "-inform", "DER", "-in", scratch.path("a.csv.cms")]
    ).text
    #expect(form.contains("authEnvelopedData") && form.contains("aes-256-gcm") && form.contains("rsaesOaep"))
    // Each opens its own and nobody else's.
    #expect(try open(scratch, "a.csv.cms", "lab").status != 0)

    let manifest = try #require(try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any])
    let outputs = try #require(manifest["outputs"] as? [[String: Any]])
    for (output, name) in zip(outputs, ["acme", "lab"]) {
      let der = try Command.run(
        "openssl", ["x509", "-in", "\(name).pem", "-outform", "DER", "-out", "\(name).der"], directory: scratch.root)
      #expect(der.status == 0)
      let sum = try Command.run("sha256sum", [scratch.path("\(name).der")]).text.prefix(64)
      let encryption = output["encryption"] as? [String: Any]
      #expect(encryption?["certificate_sha256"] as? String == String(sum))
      let path = try #require(output["path"] as? String)
      #expect(
        try Command.run("sha256sum", [scratch.path(path)]).text.prefix(64) == output["sha256"] as? String ?? "none")
    }
    // One bit anywhere behind the head.
    let sealed = try scratch.data("a.csv.cms")
    for place in [sealed.count / 3, sealed.count / 2, sealed.count - 10] {
      var changed = sealed
      changed[place] ^= 1
      try scratch.write("changed.cms", changed)
      #expect(try open(scratch, "changed.cms", "acme").status != 0, "\(place)")
    }
    try scratch.write("short.cms", sealed.prefix(sealed.count / 2))
    #expect(try open(scratch, "short.cms", "acme").status != 0)
    let verified = try veil(scratch, "verify", "a.csv.cms", "--pipeline", "p.yaml")
    #expect(verified.status == 2 && verified.stderr.contains("openssl cms -decrypt"))
    // What is for the recipient alone is shown to nobody else.
    let preview = try veil(scratch, "run", "p.yaml", "--preview", "1", "--recipient", "acme")
    #expect(preview.status == 2 && preview.text.isEmpty && preview.stderr.contains("encrypted for its recipient"))
  }

  /// A night without a record: an export of no bytes opens as one.
  @Test func anEmptyExportIsEncryptedToo() throws {
    let scratch = try folder(
      Self.pipeline.replacingOccurrences(
        of: "a.csv, recipient: acme", with: "a.ndjson.cms, recipient: acme, encrypt: {certificate: acme.pem}"))
    try certificate(scratch, "acme", ["-days", "30"])
    try scratch.write("in.csv", "id,email,age\n")
    let outcome = try veil(scratch, "run", "p.yaml")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let opened = try open(scratch, "a.ndjson.cms", "acme")
    #expect(opened.status == 0 && opened.stdout.isEmpty, "\(opened.stderr)")
    var changed = try scratch.data("a.ndjson.cms")
    changed[changed.count - 1] ^= 1
    try scratch.write("changed.cms", changed)
    #expect(try open(scratch, "changed.cms", "acme").status != 0)
  }

  @Test func certificatesThatAreRefused() throws {
    func sealing(_ certificate: String) throws -> Scratch {
      try folder(
        Self.pipeline.replacingOccurrences(
          of: "recipient: acme", with: "recipient: acme, encrypt: \(certificate)"))
    }
    let signing = try sealing("{certificate: s.pem}")
    try certificate(signing, "s", ["-days", "30", "-addext", "keyUsage=digitalSignature"])
    try expectRefused(signing, "p.yaml:7:49: error: the certificate s.pem is refused: it is not for encryption")
    let old = try sealing("{certificate: s.pem}")
    try certificate(old, "s", ["-days", "30"])
    try expectRefused(old, "is refused: it has expired", ["--as-of", "2031-01-01"])
    let small = try sealing("{certificate: s.pem}")
    try certificate(small, "s", ["-days", "30"], key: ["rsa:1024"])
    try expectRefused(small, "neither RSA of 2048 bits or more nor an elliptic curve's")
    let signer = try sealing("{certificate: s.pem}")
    try certificate(signer, "s", ["-days", "30"], key: ["ed25519"])
    try expectRefused(signer, "neither RSA of 2048 bits or more nor an elliptic curve's")
    let none = try sealing("{certificate: recipients.yaml}")
    try expectRefused(none, "it holds no X.509 certificate")
    try expectRefused(try sealing("{certificate: nowhere.pem}"), "the certificate nowhere.pem cannot be read")
    try expectRefused(try sealing("true"), "'encrypt: true' needs a recipient whose 'certificate'")
    try expectRefused(try sealing("yes"), "'encrypt' must be true or {certificate: PATH}")
  }
}
