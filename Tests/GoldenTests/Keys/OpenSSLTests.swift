import Foundation
import Testing

/// OpenSSL as it may be set up: without an algorithm, and in FIPS mode without its provider.
@Suite struct OpenSSLTests {
  private static let fips =
    "openssl_conf = i\n[i]\nproviders = p\nalg_section = a\n[p]\ndefault = d\n[d]\nactivate = 1\n[a]\n"
    + "default_properties = fips=yes\n"
  private static let nothing = "openssl_conf = i\n[i]\nproviders = p\n[p]\nnull = d\n[d]\nactivate = 1\n"

  private func run(_ scratch: Scratch, _ rule: String, _ configuration: String?, _ more: [String] = []) throws
    -> Outcome
  {
    try scratch.write("in.csv", "id\n1\n2\n")
    try scratch.write("p.yaml", TestPipeline(fields: ["id: \(rule)"]).text)
    var environment = TestKey.environment
    if let configuration { environment["OPENSSL_CONF"] = try scratch.write("o.cnf", configuration) }
    return try Veil.run(["run", "p.yaml"] + more, environment: environment, directory: scratch.root)
  }

  @Test(arguments: [
    ("{hash: {salt: test}}", fips), ("{pseudonym: {key: test}}", fips), ("{encrypt: {key: test}}", fips),
    ("{hash: {salt: test, algorithm: sha512}}", nothing), ("{encrypt: {key: test}}", nothing),
    ("{fpe: {key: test}}", nothing),
  ])
  func whatOpenSSLCannotDoEndsPlainly(_ rule: String, _ configuration: String) throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, rule, configuration)
    #expect(outcome.status == 3, "\(outcome.status) \(outcome.stderr)")
    #expect(outcome.stderr.contains("OpenSSL could not "), "\(outcome.stderr)")
    #expect(!outcome.stderr.contains("Fatal error"))
    #expect(try scratch.list() == ["in.csv", "o.cnf", "p.yaml"])
  }

  /// The digests of manifests too: nothing goes past OpenSSL's properties.
  @Test func aManifestIsNoExceptionInFIPSMode() throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "drop", Self.fips, ["--manifest", "m.json"])
    #expect(outcome.status == 3 && outcome.stderr.contains("OpenSSL could not start SHA-256"), "\(outcome.stderr)")
    #expect(!scratch.exists("m.json") && !scratch.exists("out.csv"))
  }

  @Test func theManifestSaysWhoMadeTheDigests() throws {
    let scratch = try Scratch()
    let rows = (0..<9000).map { "\($0)\n" }.joined()
    for digests in ["openssl", "fastest"] {
      try scratch.write("in.csv", "id\n" + rows)
      try scratch.write("p.yaml", TestPipeline(fields: ["id: {pseudonym: {key: test}}"]).text)
      let outcome = try Veil.run(
        ["run", "p.yaml", "--manifest", "m.json", "--digests", digests, "--threads", "1"],
        environment: TestKey.environment.merging(["LD_DEBUG": "files"]) { $1 }, directory: scratch.root)
      #expect(outcome.status == 0)
      let manifest = try scratch.text("m.json")
      let isNamed = manifest.contains("libipsec-mb")
      #expect(manifest.contains("\"digests\": \"OpenSSL 3"), "\(manifest)")
      // The library is named where it took part, and not even loaded elsewhere.
      #expect(outcome.stderr.contains("libIPSec_MB") == isNamed)
      if digests == "openssl" { #expect(!isNamed) }
    }
  }

  @Test func aPolicyMayAskForOpenSSL() throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", "digests: openssl\n")
    let outcome = try run(scratch, "{pseudonym: {key: test}}", nil, ["--manifest", "m.json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try !scratch.text("m.json").contains("libipsec"))
    try scratch.write("policy.yaml", "digests: opensll\n")
    let refused = try run(scratch, "{pseudonym: {key: test}}", nil)
    #expect(refused.status == 2 && refused.stderr.contains("'digests' must be"), "\(refused.stderr)")
  }

  @Test(arguments: ["openssl", "fastest", "quick"]) func theOptionTakesTwoWords(_ word: String) throws {
    let scratch = try Scratch()
    let outcome = try run(scratch, "{hash: {salt: test}}", nil, ["--digests", word])
    #expect(outcome.status == (word == "quick" ? 2 : 0), "\(outcome.stderr)")
  }
}
