import Foundation
import Testing

/// Every form in which a person can leave is found by `veil find`, and taken out by `veil erase`.
@Suite struct FoundFormTests {
  /// A folder with one published export of `input`.
  private func published(
    _ email: String, sink: String = "out/x.csv", named name: String = "in.csv", subject: String = "email",
    _ input: String, more: String = ""
  ) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: forms
      manifest: out/x.manifest.json
      source: {path: \(name), subject: "\(subject)"}
      keys: {k: {env: VEIL_TEST_KEY}}
      fields:
        "\(subject)": \(email)
      unlisted: keep
      order: input
      sink: {path: \(sink)}
      \(more)
      """)
    try scratch.write(name, input)
    try scratch.write("out/.keep", "")
    let outcome = try scratch.veil("run p.yaml")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return scratch
  }

  private func find(_ scratch: Scratch, _ person: String, _ more: String..., status: Int32 = 0) throws -> String {
    let outcome = try Veil.run(
      ["find", "--subject", "-", "out", "--pipeline", "p.yaml"] + more, stdin: Data((person + "\n").utf8),
      environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == status, "\(outcome.text)\(outcome.stderr)")
    return outcome.text
  }

  /// Finds exactly the records that `person` has, takes them out, and looks for them again.
  private func check(_ scratch: Scratch, _ person: String, has records: Int, of all: Int) throws {
    let found = try find(scratch, person)
    #expect(found.contains("FOUND: ") && found.contains(": \(records) record"), "\(person): \(found)")
    try scratch.write("gone.txt", person + "\n")
    let erased = try scratch.veil("erase --list gone.txt out --pipeline p.yaml")
    #expect(erased.status == 0, "\(erased.text)\(erased.stderr)")
    #expect(erased.text.contains(", \(all - records) stay"), "\(person): \(erased.text)")
    #expect(try find(scratch, person).contains("not in: "), "\(person) is gone")
  }

  /// 640 people whose tokens begin with any of the 64 characters; some of them with `-`, which a spreadsheet takes for a
  /// formula.
  @Test func tokensBehindTheGuardsApostropheAreFound() throws {
    let people = (0..<640).map { "p\($0)@example.org" }
    let scratch = try published(
      "{pseudonym: {key: k, encoding: base64url}}", sink: "out/x.csv, csv: {formula_guard: true}",
      "email,n\n" + people.enumerated().map { "\($1),\($0)\n" }.joined())
    let lines = try scratch.text("out/x.csv").split(separator: "\n").dropFirst()
    let guarded = zip(people, lines).filter { $1.contains("'-") }.map(\.0)
    #expect(guarded.count > 3)
    try check(scratch, try #require(guarded.first), has: 1, of: 640)
    try scratch.write("all.txt", people.joined(separator: "\n") + "\n")
    let erased = try scratch.veil("erase --list all.txt out --pipeline p.yaml")
    #expect(erased.text.contains("639 records leave, 0 stay"), "\(erased.text)\(erased.stderr)")
    #expect(try scratch.text("out/x.csv") == "email,n\n")
  }

  @Test(arguments: ["=cmd@example.org", "+49 30 1234", "-x", "@handle"])
  func keptValuesBehindItToo(_ person: String) throws {
    let scratch = try published(
      "{class: direct, stages: [keep], because: \"a test\"}", sink: "out/x.csv, csv: {formula_guard: true}",
      "email,n\n\(person),1\nb@x.org,2\n")
    #expect(try scratch.text("out/x.csv").contains("'\(person)"))
    try check(scratch, person, has: 1, of: 2)
  }

  /// A record is about everybody whom it names, wherever in it and however often.
  @Test(arguments: [
    ("id[]", #"{"id":["ada","bob"],"n":1}"#, #"{"id":["cy"],"n":2}"#),
    ("items[].id", #"{"items":[{"id":"ada"},{"id":"bob"}],"n":1}"#, #"{"items":[{"id":"cy"}],"n":2}"#),
    ("id", #"{"id":"ada","n":1,"id":"bob"}"#, #"{"id":"cy","n":2}"#),
  ])
  func recordsWithSeveralPeopleAreFoundByEach(_ field: String, _ several: String, _ one: String) throws {
    for person in ["ada", "bob"] {
      for sink in ["out/x.ndjson", "out/x.json"] {
        let scratch = try published(
          "{pseudonym: {key: k}}", sink: sink, named: "in.ndjson", subject: field, "\(several)\n\(one)\n")
        try check(scratch, person, has: 1, of: 2)
      }
    }
  }

  /// Tokens that are other ones each time are opened with the key.
  @Test(arguments: ["{encrypt: {key: k, random: true}}", "[trim, lowercase, {encrypt: {key: k, random: true}}]"])
  func randomlyEncryptedPeopleAreFound(_ stages: String) throws {
    for sink in ["out/x.csv", "out/x.ndjson"] {
      let scratch = try published(stages, sink: sink, "email,n\nada@x.org,1\nbob@x.org,2\nada@x.org,3\n")
      #expect(Set(try scratch.text(sink).split(separator: "\n")).count > 2)
      #expect(try find(scratch, "nobody@x.org").contains("not in: out/x"))
      try check(scratch, "ada@x.org", has: 2, of: 3)
    }
  }

  /// A token that no key opens may be anybody's.
  @Test func aTokenThatDoesNotOpenIsSaid() throws {
    let scratch = try published("{encrypt: {key: k, random: true}}", "email,n\nada@x.org,1\nbob@x.org,2\n")
    var lines = try scratch.text("out/x.csv").split(separator: "\n").map(String.init)
    lines[2] = "g1_" + String(repeating: "A", count: 60) + ",2"
    try scratch.write("out/x.csv", lines.joined(separator: "\n") + "\n")
    #expect(try find(scratch, "bob@x.org", status: 1).contains("NOT SEARCHED: out/x.csv"))
    let found = try find(scratch, "ada@x.org", status: 1)
    #expect(found.contains("FOUND: out/x.csv") && found.contains("NOT SEARCHED: a part of out/x.csv"), "\(found)")
  }

  /// k counts people, also where each record of theirs has another token.
  @Test func classesOfRandomlyEncryptedPeopleAreCounted() throws {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: kan
      manifest: out/x.manifest.json
      source: {path: in.csv, subject: id}
      keys: {k: {env: VEIL_TEST_KEY}}
      fields:
        id: {encrypt: {key: k, random: true}}
        city: {class: quasi, stages: [keep], because: "a test"}
      anonymity: {k: 2}
      sink: {path: out/x.csv}
      """)
    try scratch.write("in.csv", "id,city\n1,Bonn\n2,Bonn\n2,Bonn\n3,Kiel\n4,Kiel\n5,Kiel\n")
    let made = try scratch.veil("run p.yaml")
    #expect(made.status == 0, "\(made.stderr)")
    try scratch.write("gone.txt", "1\n")
    let erased = try scratch.veil("erase --list gone.txt out --pipeline p.yaml")
    #expect(erased.text.contains("1 record leaves, and 2 whose classes fell below k, 3 stay"), "\(erased.text)")
  }

  /// Numbers are the same however JSON spells them, and what is no single value is not judged.
  @Test func jsonValuesAreReadAsWhatTheyMean() throws {
    let keep = "{class: direct, stages: [keep], because: \"a test\"}"
    let scratch = try published(
      keep, sink: "out/x.ndjson", named: "in.ndjson", subject: "id",
      #"{"id":4.711e3}"# + "\n" + #"{"id":"\u0061da"}"# + "\n")
    #expect(try find(scratch, "4711").contains("FOUND"))
    try check(scratch, "ada", has: 1, of: 2)
    // No rule names the subject, which leaves as it came, whatever it is.
    let nested = try published(
      "keep", sink: "out/x.ndjson", named: "in.ndjson", subject: "n",
      #"{"id":["ada"],"n":1}"# + "\n" + #"{"id":"bob","n":2}"# + "\n")
    #expect(try find(nested, "ada", "--field", "id", status: 1).contains("objects or lists"))
  }

  /// A coarser value that is one person's whole value finds that person, and nobody else.
  @Test func valuesThatAreLeftWholeAreFound() throws {
    let scratch = try published("{truncate: {keep: 3}}", "email,n\nada,1\nadam,2\nbertha,3\n")
    #expect(try find(scratch, "bertha").contains("not searchable"))
    #expect(try find(scratch, "ada").contains("FOUND"))
  }
}
