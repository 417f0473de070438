import Foundation
import Testing

/// People's rights in exports that are out: `veil find` and `veil erase`, and that nothing they write names anybody.
@Suite struct RightsTests {
  static let input = #"""
    email,name,city,note
    Ada.Canary@example.org,Ada Canaria,Bonn,"x, ""y"""
    b@x.org,Bob,Kiel,
     ada.canary@example.org ,Ada Canaria,Bonn,"two
    lines"
    c@x.org,Cy,Bonn,z
    d@x.org,Di,Kiel,q

    """#

  static let pipeline = """
    version: 1
    name: shop
    purpose: analytics
    manifest: out/shop.manifest.json
    audit: audit.jsonl
    lineage: shop.lineage.json
    source: {path: in.csv, subject: email}
    keys: {k: {file: k.key}}
    records:
      erasure: {file: none.csv, column: email, field: email, normalize: [trim, lowercase]}
    fields:
      email: [trim, lowercase, {pseudonym: {key: k}}]
      name: drop
      city: keep
      note: keep
    order: input
    sinks:
      - {path: out/lab.csv.gz, recipient: lab, expires: 90 days, csv: {delimiter: ";", header: false}}
      - {path: out/bank.ndjson.zst, recipient: bank, fields: {note: drop}}
      - {path: out/deep/list.json, recipient: list}
      - {path: out/enc.csv.cms, recipient: enc, encrypt: {certificate: c.pem}}
      - {path: out/no.tsv, recipient: no, fields: {email: drop}}

    """

  static func published() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", input)
    try scratch.write("none.csv", "email\n")
    try scratch.write("out/deep/.keep", "")
    let made = try Command.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "c.key", "-out", "c.pem", "-days", "30", "-subj",
        "/CN=enc",
      ], directory: scratch.root)
    #expect(made.status == 0)
    #expect(try Veil.run(["key", "new", "k.key"], directory: scratch.root).status == 0)
    let outcome = try Veil.run(["run", "p.yaml"], directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return scratch
  }

  private func find(
    _ scratch: Scratch, _ person: String, _ more: String..., status: Int32 = 0
  ) throws -> String {
    let outcome = try Veil.run(
      ["find", "--subject", "-", "out", "--pipeline", "p.yaml"] + more, stdin: Data((person + "\n").utf8),
      directory: scratch.root)
    #expect(outcome.status == status, "\(outcome.text)\(outcome.stderr)")
    return outcome.text
  }

  private static let exports = ["out/lab.csv.gz", "out/bank.ndjson.zst", "out/deep/list.json", "out/enc.csv.cms"]

  @Test func everyExportOfAPersonIsFound() throws {
    let scratch = try Self.published()
    // Whatever the spelling: the subject's stages normalize it.
    for person in ["Ada.Canary@example.org", " ADA.canary@EXAMPLE.org"] {
      let text = try find(scratch, person, "--private-key", "c.key")
      for path in Self.exports { #expect(text.contains("FOUND: \(path) "), "\(path): \(text)") }
      #expect(text.contains("2 records, with email, city, note") && text.contains("found in 4 of 5 exports"))
      #expect(text.contains("FOUND: out/bank.ndjson.zst (shop, for bank): 2 records, with email, city\n"))
      #expect(text.contains("not searchable: out/no.tsv"))
      #expect(!text.contains("two"))
    }
    let shown = try find(scratch, "ada.canary@example.org", "--private-key", "c.key", "--show")
    #expect(shown.contains("record 1, note: x, \"y\"") && shown.contains("record 3, note: two\\u{a}lines"))
    let nobody = try find(scratch, "nobody@example.org", "--private-key", "c.key")
    for path in Self.exports { #expect(nobody.contains("not in: \(path) "), "\(nobody)") }
    // As an argument too, and by its name in another field.
    let outcome = try Veil.run(
      ["find", "--subject", "b@x.org", "out", "--pipeline", "p.yaml", "--private-key", "c.key"],
      directory: scratch.root)
    #expect(outcome.status == 0 && outcome.text.contains("found in 4 of 5 exports"))
  }

  /// What was not searched is never told as not containing anybody.
  @Test func whatCannotBeSearchedIsSaid() throws {
    let scratch = try Self.published()
    #expect(try find(scratch, "ada.canary@example.org", status: 1).contains("NOT SEARCHED: out/enc.csv.cms"))
    let other = try Command.run("openssl", ["genrsa", "-out", "other.key", "2048"], directory: scratch.root)
    #expect(other.status == 0)
    let wrong = try find(scratch, "zz@example.org", "--private-key", "other.key", status: 1)
    #expect(wrong.contains("NOT SEARCHED: out/enc.csv.cms") && wrong.contains("does not open"))
    // A flipped byte of an encrypted file.
    let encrypted = try scratch.data("out/enc.csv.cms")
    for place in [encrypted.count / 2, encrypted.count - 20] {
      var harmed = encrypted
      harmed[place] ^= 1
      try scratch.write("out/enc.csv.cms", harmed)
      #expect(
        try find(scratch, "zz@example.org", "--private-key", "c.key", status: 1).contains(
          "NOT SEARCHED: out/enc.csv.cms"))
    }
    try scratch.write("out/enc.csv.cms", encrypted)
    // A file that no manifest names, a damaged manifest, a missing file, another pipeline, another key.
    try scratch.write("out/stray.csv", "a\n1\n")
    #expect(
      try find(scratch, "zz@x.org", "--private-key", "c.key", status: 1).contains("NOT SEARCHED: out/stray.csv"))
    try FileManager.default.removeItem(atPath: scratch.path("out/stray.csv"))
    let otherwise = Self.pipeline.replacing("pseudonym: {key: k}", with: "pseudonym: {key: k, domain: other}")
    try scratch.write("p.yaml", otherwise)
    #expect(
      try find(scratch, "ada.canary@example.org", "--private-key", "c.key", status: 1).contains("changed since"))
    try scratch.write("p.yaml", Self.pipeline)
    let key = try scratch.data("k.key")
    try FileManager.default.removeItem(atPath: scratch.path("k.key"))
    #expect(try Veil.run(["key", "new", "k.key"], directory: scratch.root).status == 0)
    #expect(try find(scratch, "zz@x.org", "--private-key", "c.key", status: 1).contains("is not at hand any more"))
    try scratch.write("k.key", key)
    let manifest = try scratch.text("out/shop.manifest.json")
    try scratch.write("out/shop.manifest.json", String(manifest.dropLast(30)))
    #expect(
      try find(scratch, "zz@x.org", "--private-key", "c.key", status: 1).contains("the manifest cannot be read"))
    try scratch.write("out/shop.manifest.json", manifest)
    try FileManager.default.removeItem(atPath: scratch.path("out/lab.csv.gz"))
    #expect(try find(scratch, "zz@x.org", "--private-key", "c.key", status: 1).contains("NOT SEARCHED: out/lab.csv.gz"))
  }

  private func erase(_ scratch: Scratch, _ more: String..., status: Int32 = 0) throws -> Outcome {
    let outcome = try Veil.run(
      ["erase", "out", "--pipeline", "p.yaml"] + more, directory: scratch.root)
    #expect(outcome.status == status, "\(outcome.text)\(outcome.stderr)")
    return outcome
  }

  /// The same bytes as a run over the input without the person: nothing else changed.
  @Test func erasedExportsAreThoseOfARunWithoutThePerson() throws {
    let scratch = try Self.published()
    let before = try scratch.data("out/no.tsv")
    let manifest = try Command.run("sha256sum", ["out/shop.manifest.json"], directory: scratch.root).text.prefix(64)
    try scratch.write("gone.csv", "email\nADA.CANARY@example.org\nnobody@example.org\n")
    #expect(try erase(scratch, "--list", "gone.csv", status: 1).stderr.contains("nothing was changed"))
    let dry = try erase(scratch, "--list", "gone.csv", "--private-key", "c.key", "--dry-run")
    #expect(dry.text.contains("out/lab.csv.gz: 2 records leave, 3 stay") && dry.text.contains("dry run"))
    #expect(
      try Command.run("sha256sum", ["out/shop.manifest.json"], directory: scratch.root).text.prefix(64) == manifest)
    _ = try erase(scratch, "--list", "gone.csv", "--private-key", "c.key")

    // An independent way to the same: the input without the person, through the pipeline.
    try scratch.write("q.yaml", Self.pipeline.replacing("out/", with: "two/").replacing("in.csv", with: "less.csv"))
    try scratch.write("less.csv", "email,name,city,note\nb@x.org,Bob,Kiel,\nc@x.org,Cy,Bonn,z\nd@x.org,Di,Kiel,q\n")
    try scratch.write("two/deep/.keep", "")
    #expect(try Veil.run(["run", "q.yaml"], directory: scratch.root).status == 0)
    for name in ["lab.csv.gz", "bank.ndjson.zst", "deep/list.json"] {
      #expect(try scratch.data("out/\(name)") == scratch.data("two/\(name)"), "\(name)")
    }
    for folder in ["out", "two"] {
      let opened = try Command.run(
        "openssl",
        [
          "cms", "-decrypt", "-inform", "DER", "-in", "\(folder)/enc.csv.cms", "-inkey", "c.key", "-recip", "c.pem",
          "-out", "\(folder).csv",
        ], directory: scratch.root)
      #expect(opened.status == 0, "\(opened.stderr)")
    }
    #expect(try scratch.data("out.csv") == scratch.data("two.csv"))
    #expect(try scratch.data("out/no.tsv") == before, "an export that names nobody stays as it is")
    #expect(try scratch.mode("out/lab.csv.gz") == 0o600)

    // The new manifest describes what is there, and names the old one.
    let json = try AccountTests.json(try scratch.data("out/shop.manifest.json"))
    #expect((json["replaces"] as? [String: Any])?["manifest_sha256"] as? String == String(manifest))
    let outputs = try #require(json["outputs"] as? [[String: Any]])
    for (output, path) in zip(outputs, Self.exports) {
      let sum = try Command.run("sha256sum", [path], directory: scratch.root).text.prefix(64)
      #expect(output["sha256"] as? String == String(sum), "\(path)")
      #expect(output["records"] as? Int == 3 && output["erased_records"] as? Int == 2)
    }
    #expect(try find(scratch, "ada.canary@example.org", "--private-key", "c.key").contains("found in 0 of 5"))
    #expect(try erase(scratch, "--list", "gone.csv", "--private-key", "c.key").text.contains("nobody of the list"))
    #expect(try Veil.run(["audit", "verify", "audit.jsonl"], directory: scratch.root).status == 0)
  }

  @Test func whatCannotBeJudgedStopsTheErasure() throws {
    let scratch = try Self.published()
    try scratch.write("gone.txt", "ada.canary@example.org\n")
    let before = try scratch.data("out/lab.csv.gz")
    try scratch.write("out/deep/list.json", try scratch.text("out/deep/list.json") + "\n")
    let changed = try erase(scratch, "--list", "gone.txt", "--field", "email", "--private-key", "c.key", status: 1)
    #expect(changed.stderr.contains("changed or replaced since"))
    #expect(try scratch.data("out/lab.csv.gz") == before)
    _ = try erase(scratch, "--list", "gone.txt", "--field", "email", "--private-key", "c.key", "--partial", status: 1)
    #expect(try scratch.data("out/lab.csv.gz") != before)
    // A field that does not leave says nothing about whose the records are.
    let other = try erase(scratch, "--list", "gone.txt", "--field", "name", "--private-key", "c.key", status: 1)
    #expect(other.stderr.contains("name people as 'email' does"))
    _ = try erase(scratch, "--list", "none.txt", status: 3)
    try scratch.write("empty.txt", "\n")
    _ = try erase(scratch, "--list", "empty.txt", status: 3)
  }

  /// People by city, with what `anonymity` promises, in `out/NAME.csv`.
  private static func promising(_ anonymity: String, as name: String, more field: String = "") -> String {
    """
    version: 1
    name: \(name)
    manifest: out/\(name).manifest.json
    source: {path: in.csv, subject: id}
    keys: {k: {file: k.key}}
    fields:
      id: {pseudonym: {key: k}}
      city: {class: quasi, stages: [keep], because: "a test"}
      \(field)
    anonymity: {\(anonymity)}
    sink: {path: out/\(name).csv}

    """
  }

  /// What k-anonymity promised still holds when people have left.
  @Test func classesThatFallBelowKLeaveToo() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.promising("k: 2", as: "kan"))
    try scratch.write("in.csv", "id,city\n1,Bonn\n2,Bonn\n2,Bonn\n3,Kiel\n4,Kiel\n5,Kiel\n")
    #expect(try Veil.run(["key", "new", "k.key"], directory: scratch.root).status == 0)
    #expect(try Veil.run(["run", "p.yaml"], directory: scratch.root).status == 0)
    try scratch.write("gone.txt", "1\n3\n")
    let outcome = try erase(scratch, "--list", "gone.txt")
    #expect(outcome.text.contains("2 records leave, and 2 whose classes fell below k, 2 stay"), "\(outcome.text)")
    let left = try scratch.text("out/kan.csv").split(separator: "\n").dropFirst()
    #expect(left.count == 2 && left.allSatisfy { $0.hasSuffix(",Kiel") })
    let verified = try Veil.run(["verify", "out/kan.csv", "--pipeline", "p.yaml"], directory: scratch.root)
    #expect(verified.status == 0, "\(verified.text)")
  }

  /// What models of sensitive fields promised still holds when people have left, also where one class that leaves changes
  /// the whole that others are compared with.
  @Test(arguments: ["l: {s: 2}", "t: {s: 0.3}", "alpha: {s: 0.6}"])
  func classesThatBreakAModelLeaveToo(_ model: String) throws {
    let scratch = try Scratch()
    let pipeline = { (model: String) in
      Self.promising("k: 2, \(model)", as: "mod", more: "s: {class: sensitive, stages: [keep], because: \"a test\"}")
    }
    try scratch.write("p.yaml", pipeline(model))
    let people = ["Bonn", "Kiel", "Ulm"].enumerated().flatMap { place, city in
      (0..<6).map { "\(place * 6 + $0),\(city),\(["x", "y"][$0 % 2])" }
    }
    try scratch.write("in.csv", "id,city,s\n" + people.joined(separator: "\n") + "\n")
    #expect(try Veil.run(["key", "new", "k.key"], directory: scratch.root).status == 0)
    #expect(try Veil.run(["run", "p.yaml"], directory: scratch.root).status == 0)
    // All of Bonn's who have y.
    try scratch.write("gone.txt", "1\n3\n5\n")
    let outcome = try erase(scratch, "--list", "gone.txt")
    #expect(
      outcome.text.contains("3 records leave, and 3 whose classes fell below k or a model, 12 stay"), "\(outcome.text)")
    #expect(!(try scratch.text("out/mod.csv")).contains("Bonn"))
    let verified = try Veil.run(["verify", "out/mod.csv", "--pipeline", "p.yaml"], directory: scratch.root)
    #expect(verified.status == 0, "\(verified.text)")
    // A mean of all classes is another matter, and the refusal says what to do.
    try scratch.write("p.yaml", pipeline("risk: {average: 50%}"))
    #expect(try Veil.run(["run", "p.yaml"], directory: scratch.root).status == 0)
    let refused = try erase(scratch, "--list", "gone.txt", status: 1)
    #expect(refused.stderr.contains("put these people on the list of records.erasure"), "\(refused.stderr)")
  }

  /// What JSON only spells differently is one value to those who are left, and a guard hides no listed one.
  @Test(arguments: ["l: {s: 2}", "alpha: {s: {alpha: 0.8, values: [\"=x\"]}}"])
  func whatReadsAlikeIsOneValueAfterwards(_ model: String) throws {
    let isCSV = model.hasPrefix("alpha")
    let values = isCSV ? ["=x", "=x", "y"] : ["1", "1.0", "2"]
    let rows = (0..<6).map { person in
      let city = person < 3 ? "Bonn" : "Kiel"
      let value = values[person % 3]
      return isCSV ? "\(person),\(city),\(value)" : #"{"id":"\#(person)","city":"\#(city)","s":\#(value)}"#
    }
    let scratch = try Scratch()
    let input = isCSV ? "in.csv" : "in.ndjson"
    try scratch.write(input, ((isCSV ? ["id,city,s"] : []) + rows).joined(separator: "\n") + "\n")
    let field = "s: {class: sensitive, stages: [keep], because: \"a test\"}"
    let sink = isCSV ? "mod.csv, csv: {formula_guard: true}}" : "mod.ndjson}"
    try scratch.write(
      "p.yaml",
      Self.promising("k: 2, \(model)", as: "mod", more: field).replacing("in.csv", with: input)
        .replacing("mod.csv}", with: sink))
    #expect(try Veil.run(["key", "new", "k.key"], directory: scratch.root).status == 0)
    #expect(try Veil.run(["run", "p.yaml"], directory: scratch.root).status == 0)
    // The one of Bonn who has another value.
    try scratch.write("gone.txt", "2\n")
    let outcome = try erase(scratch, "--list", "gone.txt")
    #expect(
      outcome.text.contains("1 record leaves, and 2 whose classes fell below k or a model, 3 stay"), "\(outcome.text)")
  }

  /// No value of anybody's in anything but the exports: raw, in hex, in base64 at each of its three places, or
  /// percent-encoded.
  @Test func nothingNamesAnybody() throws {
    let scratch = try Self.published()
    try scratch.write("gone.txt", "b@x.org\nAda.Canary@example.org\n")
    _ = try find(scratch, "Ada.Canary@example.org", "--private-key", "c.key", "--reason", "request")
    _ = try erase(scratch, "--list", "gone.txt", "--private-key", "c.key")
    let pruned = try Veil.run(
      ["prune", "out", "--as-of", "2099-01-01", "--audit", "audit.jsonl"], directory: scratch.root)
    #expect(pruned.status == 0 && pruned.text.contains("out/lab.csv.gz: deleted"))
    #expect(try Veil.run(["record", "p.yaml"], directory: scratch.root).status == 0)
    #expect(try Veil.run(["run", "p.yaml", "--report", "report.json"], directory: scratch.root).status == 0)
    let documents = try ["out/shop.manifest.json", "audit.jsonl", "shop.lineage.json", "report.json"].map { name in
      (name, try scratch.text(name).lowercased())
    }
    for value in ["Ada.Canary@example.org", "ada.canary@example.org", "Ada Canaria", "two\nlines", "b@x.org"] {
      let bytes = Data(value.utf8)
      var forms = [value, value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? value]
      forms.append(bytes.map { String(format: "%02x", $0) }.joined())
      for shift in 0..<3 {
        let text = (Data(repeating: 0, count: shift) + bytes).base64EncodedString()
        // What the neighbours decide is left out.
        forms.append(String(text.dropFirst(shift == 0 ? 0 : shift + 1).dropLast(4)))
      }
      for (name, document) in documents {
        for form in forms where form.count > 5 {
          #expect(!document.contains(form.lowercased()), "\(name) holds \(form)")
        }
      }
    }
  }

  @Test func theDemoOfThePrinciplesRuns() throws {
    let scratch = try Scratch()
    try scratch.copy(Repository.path("scripts"), to: "scripts")
    try scratch.copy(Repository.path("fixtures/customers"), to: "fixtures/customers")
    let outcome = try Command.run("bash", [scratch.path("scripts/demo-principles.sh"), Veil.path])
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.stderr)")
    for number in 1...10 { #expect(outcome.text.contains("m\(number). "), "\(number)") }
    for part in [
      "1 withdrawn", "with no reason given", "\"label\": \"pseudonymous\"", "out/lab.csv: would be deleted",
      "FOUND: out/lab.csv", "1 record leaves, 1998 stay", "3 lines, each as it was written", "BROKEN: line 1",
      "found in 0 of 2 exports",
    ] { #expect(outcome.text.contains(part), "\(part)\n\(outcome.text)") }
  }
}
