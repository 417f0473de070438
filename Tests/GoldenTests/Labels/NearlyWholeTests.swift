import Foundation
import Testing

/// What names a person and leaves nearly whole is personal data; and more names of fields are known to be a person's.
@Suite struct NearlyWholeTests {
  private func explained(_ name: String, _ rule: String) throws -> Outcome {
    let scratch = try Scratch()
    let pipeline = TestPipeline(fields: ["\"\(name)\": \(rule)", "x: drop"], unlisted: "error")
    try scratch.write("p.yaml", pipeline.text)
    return try scratch.veil("explain p.yaml")
  }

  @Test(arguments: [
    ("name", "{mask: {first: 20}}"), ("name", "{mask: {first: 3}}"), ("card_number", "{mask: {last: 12}}"),
    ("iban", "{mask: {first: 4, last: 12}}"), ("phone", "{mask: {last: 8}}"), ("name", "{truncate: {keep: 100}}"),
    ("customer_no", "{round: {to: 10}}"), ("customer_no", "{bucket: {width: 100}}"),
    ("ip", "{truncate: {ip: {v4: 31}}}"),
    ("nachname", "[lowercase, {mask: {first: 5}}]"),
    ("x_1", "{class: direct, stages: [{mask: {first: 9}}], because: y}"),
  ])
  func isPersonal(_ name: String, _ rule: String) throws {
    let found = try explained(name, rule)
    #expect(found.status == 0 && found.text.contains("It may be called: personal data"), "\(found.text)\(found.stderr)")
    #expect(found.text.contains("some values whole"), "\(found.text)")
  }

  @Test(arguments: [
    ("name", "{mask: {first: 1}}"), ("card_number", "{mask: {first: 6, last: 4}}"),
    ("iban", "{mask: {first: 2, last: 4}}"),
    ("phone", "{mask: {last: 4}}"), ("amount", "{round: {to: 10}}"), ("remark_code", "{mask: {first: 20}}"),
    ("ip", "{truncate: {ip: true}}"), ("nachname", "[{mask: {first: 5}}, {hash: {salt: test}}]"),
  ])
  func isAPart(_ name: String, _ rule: String) throws {
    let found = try explained(name, rule)
    #expect(found.status == 0 && found.text.contains("It may be called: pseudonymous"), "\(found.text)\(found.stderr)")
  }

  static let words = [
    "study_id", "case_id", "participant", "pid", "mrn", "nhs_number", "patient", "client", "user", "account",
    "nom_naissance", "KdNr", "Inhaber", "PersNr", "FIN", "cb", "permis", "rut", "geburtsname", "apellido",
    "telefono movil",
    "teléfono_móvil", "cellulare", "codice_fiscale", "tessera", "passaporto", "dni", "nie", "bsn", "pesel",
    "numero secu",
    "nir", "cpf", "curp", "aadhaar", "iban_nr", "kontonummer", "enrolment_id", "fahrgestellnr", "n_carte", "nom_usage",
  ]

  @Test(arguments: words)
  func isKnown(_ name: String) throws {
    let found = try explained(name, "keep")
    #expect(found.text.contains("It may be called: personal data"), "\(name): \(found.text)")
  }

  @Test(arguments: [
    "case_type", "study_site", "account_balance", "participant_count", "naissance_annee", "order_id", "finish",
    "permitted",
  ])
  func isNoPersons(_ name: String) throws {
    let found = try explained(name, "keep")
    #expect(found.text.contains("It may be called: pseudonymous"), "\(name): \(found.text)")
  }

  /// Identifiers whose values repeat ask for a subject.
  @Test(arguments: [
    "study_id", "case_id", "participant", "pid", "mrn", "nhs_number", "patient", "client", "user", "account", "KdNr",
    "PersNr",
  ])
  func repeats(_ name: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "\(name),q\n" + (0..<10).map { "a\($0 / 2),x\n" }.joined())
    let pipeline = TestPipeline(
      fields: ["\(name): drop", "q: {class: quasi}"], unlisted: "error", more: ["anonymity: {k: 3}"])
    try scratch.write("p.yaml", pipeline.text)
    let outcome = try scratch.veil("run p.yaml")
    #expect(outcome.status == 4 && outcome.stderr.contains("subject"), "\(outcome.stderr)")
  }
}
