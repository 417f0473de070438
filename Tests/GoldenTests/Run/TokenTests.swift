import Foundation
import Testing

/// Tokens equal those that other software computes from the same key.
@Suite struct TokenTests {
  private static let columns = [
    "customer_id", "email", "full_name", "phone", "street", "city", "postcode", "country", "birth_date", "gender",
    "age", "education", "diagnosis", "income", "last_seen", "marketing_consent", "notes",
  ]

  @Test(arguments: ["customers.csv", "customers-crlf.csv"])
  func underivedTokensEqualPythons(_ file: String) throws {
    let scratch = try Scratch()
    let fields = Self.columns.map { "\($0): {pseudonym: {key: test, derive: none}}" }
    let input = Repository.path("fixtures/customers/\(file)")
    let outcome = try scratch.run(
      TestPipeline(fields: fields, unlisted: "error"), on: try Repository.data("fixtures/customers/\(file)"))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let python = try Command.run(
      "python3", [Repository.support("tokens.py"), TestKey.hex, input] + Self.columns)
    #expect(python.status == 0, "\(python.stderr)")
    #expect(try scratch.data("out.csv") == python.stdout)
  }

  /// Strings with escapes are hashed as what they mean, numbers as their text.
  @Test func tokensOfJSONEqualPythons() throws {
    let scratch = try Scratch()
    let paths = ["customer_id", "email", "full_name", "phone", "address.street", "age", "income", "notes"]
    var pipeline = TestPipeline.ndjson(fields: paths.map { "\($0): {pseudonym: {key: test, derive: none}}" })
    pipeline.unlisted = "drop"
    let input = Repository.path("fixtures/customers/customers.ndjson")
    let outcome = try scratch.run(pipeline, on: try Data(contentsOf: URL(fileURLWithPath: input)), named: "in.ndjson")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let script = """
      import hmac, json, sys
      key = bytes.fromhex(sys.argv[1])
      source, target = (open(path, encoding="utf-8", newline="\\n") for path in sys.argv[2:4])
      token = lambda v: v and hmac.digest(key, v.encode(), "sha256").hex()
      count = 0
      for a, b in zip(source, target, strict=True):
          a, b = json.loads(a, parse_int=str, parse_float=str), json.loads(b)
          count += 1
          for path in sys.argv[4:]:
              x, y = a, b
              for step in path.split("."):
                  x, y = x[step], y[step]
              if token(x) != y: sys.exit(f"record {count}: {path}")
      print(count)
      """
    let python = try Command.run(
      "python3", ["-c", script, TestKey.hex, input, scratch.path("out.ndjson")] + paths)
    #expect(python.text == "2000\n", "\(python.stderr)")
  }

  /// HKDF and HMAC composed from `openssl kdf` and `openssl dgst` in a shell script.
  @Test func derivedTokensEqualThoseOfOpenSSL() throws {
    let scratch = try Scratch()
    let all = try column("email", of: "fixtures/customers/customers.csv").filter { !$0.isEmpty }
    try #require(all.count > 1900)
    // OpenSSL starts anew for each value, so each length is there once, and besides one value of twenty.
    var lengths: Set<Int> = []
    let values = all.enumerated().filter { lengths.insert($1.utf8.count).inserted || $0 % 20 == 0 }.map { String($1) }
    #expect(values.count > 100 && lengths.count >= 10)
    let pipeline = TestPipeline(
      source: "{path: in.csv, csv: {header: false}}", sink: "{path: out.csv, csv: {header: false}}",
      fields: ["c1: {pseudonym: {key: test, domain: email}}"])
    let outcome = try scratch.run(pipeline, on: values.joined(separator: "\n") + "\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == openSSL(values, domain: "email"))
  }

  @Test func domainsAndRecipientsOfTheirOwn() throws {
    let scratch = try Scratch()
    let values = ["Ada", "Bob", "ü\u{1F600}"]
    let fields = ["\"naïve field\": {pseudonym: {key: test}}"]
    let input = "naïve field\n" + values.joined(separator: "\n") + "\n"
    let plain = try scratch.run(TestPipeline(fields: fields), on: input)
    #expect(plain.status == 0, "\(plain.stderr)")
    #expect(try scratch.text("out.csv") == "naïve field\n" + openSSL(values, domain: "naïve field"))
    let named = try scratch.run(TestPipeline(sink: "{path: out.csv, recipient: agency}", fields: fields), on: input)
    #expect(named.status == 0, "\(named.stderr)")
    #expect(
      try scratch.text("out.csv") == "naïve field\n" + openSSL(values, domain: "naïve field", recipient: "agency"))
  }

  private func openSSL(_ values: [String], domain: String, recipient: String = "") throws -> String {
    let outcome = try Command.run(
      "bash", [Repository.path("scripts/derive-token.sh"), TestKey.hex, domain, recipient],
      stdin: Data((values.joined(separator: "\n") + "\n").utf8))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return outcome.text
  }

  /// One column's cells, read by Python; none of them holds a newline.
  private func column(_ name: String, of file: String) throws -> [String] {
    let script = """
      import csv, sys
      for row in csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")): print(row[sys.argv[2]])
      """
    let outcome = try Command.run("python3", ["-c", script, Repository.path(file), name])
    return outcome.text.split(separator: "\n").map(String.init)
  }
}
