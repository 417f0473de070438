import Foundation
import Testing

/// The pseudonyms' golden story, through the built binary: two tables, two recipients in one run, a rotation, a crosswalk
/// for each, and a rights request that is answered and written down. Who can join what is found out by joining.
@Suite struct StoryTests {
  static let people = "person,email,account\n1,ann@x.org,DE1\n2,bob@x.org,\"DE,2\"\n3,eve@x.org,DE3\n"
  static let orders = "order,customer\n10,2\n11,1\n12,2\n"

  private func pipeline(_ source: String, _ fields: String, _ run: String) -> String {
    """
    version: 1
    name: crm
    source: {path: \(source).csv}
    keys: {customers: {ring: customers.ring.yaml}}
    fields:
    \(fields)
    order: input
    sinks:
      - {path: \(source)-lab\(run).csv, recipient: lab}
      - {path: \(source)-bank\(run).csv, recipient: bank}

    """
  }

  private func folder() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("people.csv", Self.people)
    try scratch.write("orders.csv", Self.orders)
    let person = "{pseudonym: {key: customers, domain: person, prefix: true}}"
    let walked = "{pseudonym: {key: customers, domain: person, prefix: true, crosswalk: walk-{recipient}.csv}}"
      .replacingOccurrences(of: "walk-{recipient}.csv", with: "\"walk-{recipient}.csv\"")
    let rest = "  email: {pseudonym: {key: customers}}\n  account: {encrypt: {key: customers, prefix: true}}"
    try scratch.write("people.yaml", pipeline("people", "  person: \(person)\n\(rest)", ""))
    try scratch.write("orders.yaml", pipeline("orders", "  order: keep\n  customer: \(person)", ""))
    try scratch.write("people2.yaml", pipeline("people", "  person: \(walked)\n\(rest)", "-2"))
    return scratch
  }

  private func rows(_ scratch: Scratch, _ name: String) throws -> [[String]] {
    try scratch.text(name).split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func story() throws {
    let scratch = try folder()
    @discardableResult
    func veil(_ words: String..., stdin: String = "", status: Int32 = 0) throws -> Outcome {
      let outcome = try Veil.run(words, stdin: Data(stdin.utf8), directory: scratch.root)
      #expect(outcome.status == status, "\(words): \(outcome.stderr)")
      return outcome
    }
    try veil("key", "ring", "new", "customers.ring.yaml")
    try veil("run", "people.yaml")
    try veil("run", "orders.yaml")
    let (lab, bank) = (try rows(scratch, "people-lab.csv"), try rows(scratch, "people-bank.csv"))
    let (labOrders, bankOrders) = (try rows(scratch, "orders-lab.csv"), try rows(scratch, "orders-bank.csv"))

    // Each recipient's two tables join as the two that came did.
    for (people, orders) in [(lab, labOrders), (bank, bankOrders)] {
      #expect(orders.map(\.[1]) == [people[1][0], people[0][0], people[1][0]])
      #expect(Set(people.map(\.[0])).count == 3 && people.allSatisfy { $0[0].hasPrefix("k1_") })
    }
    // Between recipients nothing joins, and nor do fields of different domains.
    #expect(Set(lab.joined()).isDisjoint(with: bank.joined()))
    #expect(Set(labOrders.map(\.[1])).isDisjoint(with: bankOrders.map(\.[1])))
    for people in [lab, bank] { #expect(Set(people.joined()).count == 9) }
    // The command finds the same.
    for (a, b, joins) in [
      ("people-lab.csv", "people-bank.csv", false), ("orders-lab.csv", "people-bank.csv", false),
      ("orders-bank.csv", "people-lab.csv", false), ("orders-lab.csv", "people-lab.csv", true),
      ("orders-bank.csv", "people-bank.csv", true),
    ] {
      let outcome = try veil("link", a, b, status: joins ? 1 : 0)
      #expect(outcome.text.contains(joins ? "  2: customer = person\n" : "by tokens: nobody\n"), "\(outcome.text)")
    }

    // A new key: other tokens, and a crosswalk for each recipient that leads from its old tokens to its new ones.
    try veil("key", "ring", "rotate", "customers.ring.yaml")
    try veil("run", "people2.yaml", "--manifest", "m.json")
    for (recipient, old) in [("lab", lab), ("bank", bank)] {
      let new = try rows(scratch, "people-\(recipient)-2.csv")
      #expect(Set(new.joined()).isDisjoint(with: (lab + bank).joined()))
      #expect(new.allSatisfy { $0[0].hasPrefix("k2_") })
      let walk = Dictionary(
        uniqueKeysWithValues: try rows(scratch, "walk-\(recipient).csv").map { ($0[0], $0[1]) })
      #expect(walk == Dictionary(uniqueKeysWithValues: zip(old.map(\.[0]), new.map(\.[0]))))
      #expect(try scratch.mode("walk-\(recipient).csv") == 0o600)
    }
    #expect(!scratch.exists("walk-{recipient}.csv"))
    let manifest = try scratch.text("m.json")
    #expect(manifest.contains("\"customers/k1\": \"") && manifest.contains("\"customers/k2\": \""))

    // A rights request: the lab's tokens of both keys open for it, for the bank they do not.
    let tokens = [lab[1][2], try rows(scratch, "people-lab-2.csv")[1][2]]
    let asked = tokens.joined(separator: "\n") + "\n"
    let told = try veil(
      "reveal", "people.yaml", "--field", "account", "--recipient", "lab", "--reason", "access request 4711",
      stdin: asked)
    #expect(told.text == "token,value\n" + tokens.map { "\($0),\"DE,2\"\n" }.joined())
    try veil(
      "reveal", "people.yaml", "--field", "account", "--recipient", "bank", "--reason", "mistake", stdin: asked,
      status: 1)
    try veil("reveal", "people.yaml", "--field", "account", "--reason", "nobody named", stdin: asked, status: 2)
    let audit = try scratch.text("people.yaml.audit.jsonl").split(separator: "\n")
    #expect(audit.count == 2 && audit[0].contains("access request 4711") && audit[0].contains("\"lab\""))
    #expect(audit[1].contains("refused") && !audit.joined().contains("DE,2"))

    // A retired key opens nothing, and a crosswalk from it cannot be made.
    try veil("key", "ring", "retire", "customers.ring.yaml", "k1")
    try veil(
      "reveal", "people.yaml", "--field", "account", "--recipient", "lab", "--reason", "late", stdin: asked, status: 1)
    try veil("run", "people2.yaml", status: 2)
  }

  /// `check` says what the number of people means: the one that was counted, where there is an input.
  @Test func collisionsAmongThoseWhoAreThere() throws {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: x
      source: {path: in.csv, subject: id}
      keys: {k: {env: VEIL_KEY}}
      fields: {id: {pseudonym: {key: k, length: 32, allow_short: true}}, n: drop}
      sink: {path: out.csv}

      """)
    try scratch.write("in.csv", "id,n\n" + (0..<2000).map { "\($0 % 1000),\($0)\n" }.joined())
    let outcome = try Veil.run(["check", "p.yaml", "--input", "in.csv"], directory: scratch.root)
    // 1000^2 / 2^33.
    #expect(
      outcome.stderr.contains(
        "field 'id' (people counted in the input): among 1000 people, the chance that any two share a token of 32 bits is "
          + "at most 1 in 8.6e3"), "\(outcome.stderr)")
    let declared = try Veil.run(["check", "p.yaml"], directory: scratch.root)
    #expect(declared.stderr.contains("of 1 billion people, about 1.2e8 pairs would share a token of 32 bits"))
  }

  @Test func crosswalksAreOnesOwn() throws {
    let scratch = try folder()
    #expect(try Veil.run(["key", "ring", "new", "customers.ring.yaml"], directory: scratch.root).status == 0)
    let shared = try scratch.text("people2.yaml").replacingOccurrences(of: "{recipient}", with: "all")
    try scratch.write("p.yaml", shared)
    let outcome = try Veil.run(["check", "p.yaml"], directory: scratch.root)
    #expect(outcome.status == 2)
    #expect(outcome.stderr.contains("the crosswalk of 'person' would hold the tokens of two recipients"))
    let odd = try scratch.text("people2.yaml").replacingOccurrences(of: "recipient: bank", with: "recipient: ../bank")
    try scratch.write("p.yaml", odd)
    #expect(try Veil.run(["check", "p.yaml"], directory: scratch.root).stderr.contains("a name without '/'"))
  }

  /// `unique: true` looks at each recipient's tokens by themselves.
  @Test func uniqueTokensOfSeveralRecipients() throws {
    let scratch = try folder()
    let short = try scratch.text("people.yaml").replacingOccurrences(
      of: "  email: {pseudonym: {key: customers}}",
      with: "  email: {pseudonym: {key: k, unique: true, length: 16, allow_short: true}}"
    )
    .replacingOccurrences(of: "keys: {customers", with: "keys: {k: {env: VEIL_KEY}, customers")
    try scratch.write("p.yaml", short)
    #expect(try Veil.run(["key", "ring", "new", "customers.ring.yaml"], directory: scratch.root).status == 0)
    let few = try Veil.run(["run", "p.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(few.status == 0, "\(few.stderr)")
    let many = (0..<3000).map { "\($0),p\($0)@x.org,DE\($0)\n" }.joined()
    try scratch.write("people.csv", "person,email,account\n" + many)
    let collided = try Veil.run(["run", "p.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(collided.status == 1 && collided.stderr.contains("field 'email' for '"), "\(collided.stderr)")
  }
}
