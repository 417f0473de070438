import Foundation
import Testing

/// A field that is called like what tells a person, and that leaves whole, makes an export personal data: in `run`, its
/// manifest, `explain` and `record`. `check` names it.
@Suite struct KeptNamesTests {
  static let names = [
    "name", "Nachname", "vorname", "nom", "prénom", "nombre", "cognome", "customer_name", "tel", "telefon",
    "Handynummer", "Mobilnummer", "street", "Straße", "strasse", "address", "Adresse", "ip", "Kreditkarte", "Kontonr",
    "license_plate", "reisepass", "steuer_id", "id", "kunden_nr", "Kundennummer", "customer_no", "num_client",
    "krankenversichertennummer", "contact_person", "NIF", "documento_identidad", "Kontoinhaber",
    "cust_nm",
    "recapito_telefonico", "numero_historia", "Ansprechpartner", "Kto-Nr",
  ]

  static let others = [
    "valid", "paid", "product_name", "city_name", "state", "idea", "amount", "order_no", "status", "company",
    "emails_sent", "phone_type", "number_of_cards", "customer_segment", "nombre_de_pagos",
  ]

  private func pipeline(_ name: String, _ rule: String, json: Bool = false, more: String = "") -> TestPipeline {
    TestPipeline(
      source: "{path: in.\(json ? "ndjson" : "csv")}", sink: "{path: out.\(json ? "ndjson" : "csv")}",
      fields: ["customer_id: {pseudonym: {key: test}}", "\"\(name)\": \(rule)", "birth_date: keep", "postcode: keep"],
      unlisted: "error", more: [more])
  }

  private func write(_ scratch: Scratch, _ pipeline: TestPipeline, _ name: String) throws {
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", "customer_id,\(name),birth_date,postcode\n1,Vance,1984-01-02,10115\n")
    try scratch.write(
      "in.ndjson", "{\"customer_id\": 1, \"\(name)\": \"Vance\", \"birth_date\": \"1984-01-02\", \"postcode\": \"1\"}\n"
    )
  }

  private func labels(_ scratch: Scratch) throws -> Set<String> {
    let run = try scratch.veil("run p.yaml --manifest m.json --threads 1")
    #expect(run.status == 0, "\(run.stderr)")
    let manifest = try JSONSerialization.jsonObject(with: scratch.data("m.json")) as? [String: Any]
    let label = try #require(manifest?["label"] as? String)
    #expect(run.stderr.contains("; \(label) ->"), "\(run.stderr)")
    let explained = try JSONSerialization.jsonObject(with: scratch.veil("explain p.yaml --json").stdout)
    let outputs = try #require((explained as? [String: Any])?["outputs"] as? [[String: Any]])
    let record = try scratch.veil("record . --json")
    #expect(record.text.contains("\"\(label)\""), "\(record.text)")
    return Set([label] + outputs.compactMap { $0["label"] as? String })
  }

  @Test(arguments: names)
  func isPersonalData(_ name: String) throws {
    for json in [false, true] {
      let scratch = try Scratch()
      for rule in ["keep", "[trim, lowercase]", "{class: other, stages: [keep], because: \"asked for\"}"] {
        if json && rule != "keep" { continue }
        try write(scratch, pipeline(name, rule, json: json), name)
        #expect(try labels(scratch) == ["personal data"], "\(name): \(rule)")
        let checked = try scratch.veil("check p.yaml")
        #expect(checked.status == 0, "\(checked.stderr)")
        // A reason silences the warning. It does not change the label.
        let warning = "warning: '\(name)' sounds like something that names a person"
        #expect(checked.stderr.contains(warning) == !rule.contains("because"), "\(name): \(checked.stderr)")
      }
      // What does not leave whole names nobody.
      for rule in json ? [] : ["drop", "{pseudonym: {key: test}}", "{constant: x}"] {
        try write(scratch, pipeline(name, rule, json: json), name)
        #expect(try labels(scratch) == ["pseudonymous"], "\(name): \(rule)")
        #expect(try !scratch.veil("check p.yaml").stderr.contains("names a person"))
      }
    }
  }

  @Test(arguments: others)
  func isNoPersons(_ name: String) throws {
    let scratch = try Scratch()
    try write(scratch, pipeline(name, "keep"), name)
    #expect(try labels(scratch) == ["pseudonymous"], "\(name)")
    #expect(try !scratch.veil("check p.yaml").stderr.contains("names a person"))
  }

  /// Beside classes of k, too, and for each sink by its own rules.
  @Test func besideClasses() throws {
    let scratch = try Scratch()
    let rows = (0..<6).map { "n\($0),\($0 / 3)\n" }.joined()
    for (name, label) in [("tel", "personal data"), ("product_name", "k-anonymous")] {
      for rule in ["keep", "{truncate: {keep: 30}}"] {
        let pipeline = TestPipeline(
          fields: ["\(name): \(rule)", "q: {class: quasi}"], unlisted: "error", more: ["anonymity: {k: 3}"])
        try scratch.write("p.yaml", pipeline.text)
        try scratch.write("in.csv", "\(name),q\n" + rows)
        let explained = try scratch.veil("explain p.yaml").text
        #expect(explained.contains("It may be called: \(label)"), "\(name) \(rule): \(explained)")
      }
    }
    let sinks = TestPipeline(
      sink: "x", fields: ["tel: drop", "a: keep"], unlisted: "error",
      more: ["sinks:", "  - {recipient: a, path: one.csv}", "  - {recipient: b, path: two.csv, fields: {tel: keep}}"]
    ).text.replacing("sink: x\n", with: "")
    try scratch.write("p.yaml", sinks)
    try scratch.write("in.csv", "tel,a\n1,2\n")
    let run = try scratch.veil("run p.yaml")
    #expect(run.stderr.contains("one.csv (pseudonymous), two.csv (personal data)"), "\(run.stderr)")
  }

  /// `profile` and `init` know the same words.
  @Test func profileAndInitKnowThem() throws {
    let scratch = try Scratch()
    let names = Self.names.filter { !["id", "customer_no", "num_client", "kunden_nr", "Kundennummer"].contains($0) }
    let rows = (0..<40).map { row in names.indices.map { "v\(row)x\($0)" }.joined(separator: ",") + "\n" }.joined()
    try scratch.write("in.csv", names.joined(separator: ",") + "\n" + rows)
    let starter = try scratch.veil("init in.csv").text
    for name in names {
      let line = starter.split(separator: "\n").first { $0.hasPrefix("  \(name):") || $0.hasPrefix("  \"\(name)\":") }
      #expect(line?.contains("class: direct") == true, "\(name): \(String(describing: line))")
    }
  }
}
