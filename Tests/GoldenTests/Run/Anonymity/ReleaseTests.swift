import Foundation
import Testing

/// Release after release, and what manifests say of one: held against what Python computes from the files.
@Suite struct ReleaseTests {
  private static func python(_ scratch: Scratch, _ arguments: [String]) throws -> [String: Any] {
    let outcome = try Command.run("python3", [Repository.support("releases.py")] + arguments, directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return try #require(try JSONSerialization.jsonObject(with: outcome.stdout) as? [String: Any])
  }

  private static func anonymity(_ scratch: Scratch, _ manifest: String) throws -> [String: Any] {
    let all = try #require(try JSONSerialization.jsonObject(with: scratch.data(manifest)) as? [String: Any])
    return try #require(all["anonymity"] as? [String: Any])
  }

  /// People of two nights: some came, some left, one in ten moved to another town.
  private static func night(_ number: Int, seed: Int) -> String {
    let people = number == 0 ? 0..<200 : 12..<226
    return PartitionTests.text(
      people.map { person in
        let mixed = (person &* 2_654_435_761 &+ seed &* 40_503) % 1_000_003
        let town = (mixed / 7 + (person % 10 == 3 ? number : 0)) % 5
        return "p\(person),\(18 + mixed % 50),\(["Bonn", "Köln", "Ulm", "Trier", ""][town]),\(person)"
      })
  }

  private static func pipeline(_ model: String, id: String = "keep") -> String {
    PartitionTests.pipeline(model).text.replacing("id: drop", with: "id: \(id)")
  }

  @Test(arguments: ["k: 3", "k: 4, suppress: 6%", "k: 3, recoding: global, suppress: 20%", "k: 3, count: records"])
  func manifestsSayWhatTheFilesShow(_ model: String) throws {
    let scratch = try Scratch()
    // Records without a subject count as their own people for the test's script.
    let isCounted = !model.contains("records")
    let rows = PartitionTests.rows.enumerated().map { isCounted ? $1 : "r\($0)" + $1.drop { $0 != "," } }
    try scratch.write("p.yaml", PartitionTests.pipeline(model).text)
    try scratch.write("in.csv", PartitionTests.text(rows))
    try PartitionTests.veil(scratch, "run p.yaml --manifest m.json --save-plan release.plan")
    try PartitionTests.veil(scratch, "run p.yaml --plan release.plan --manifest planned.json")
    let k = model.contains("k: 4") ? "4" : "3"
    let expected = try Self.python(scratch, ["figures", "in.csv", "out.csv", k])
    for manifest in ["m.json", "planned.json"] {
      let found = try Self.anonymity(scratch, manifest)
      let utility = try #require(found["utility"] as? [String: Any])
      let risk = try #require(found["reidentification_risk"] as? [String: Any])
      for (name, value) in expected {
        let own = utility[name] ?? risk[name]
        if let value = value as? Double {
          #expect(abs((own as? Double ?? -1) - value) < 1e-9, "\(name): \(own ?? "-") and not \(value)")
        } else if let value = value as? [Double] {
          let own = own as? [Double] ?? []
          #expect(own.count == value.count && zip(own, value).allSatisfy { abs($0 - $1) < 1e-9 }, "\(name)")
        } else {
          #expect(own as? [[String: Int]] == value as? [[String: Int]], "\(name)")
        }
      }
    }
    let planned = try Self.anonymity(scratch, "planned.json")
    let plan = try #require(planned["plan"] as? [String: Any])
    #expect(plan["applies_to"] as? String == "the records it was made for" && plan["unseen_records"] as? Int == 0)
  }

  /// The number that is reported is what brute force finds, with and without keeping in step.
  @Test(arguments: ["k: 4", "k: 3, recoding: global, suppress: 10%"], [1, 2, 3])
  func theIntersectionIsWhatBruteForceFinds(_ model: String, seed: Int) throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline(model))
    try scratch.write("next.yaml", Self.pipeline(model + ", previous: old.plan"))
    try scratch.write("old.csv", Self.night(0, seed: seed))
    // The same people with the same quasi-identifiers, and some who came: what the attack assumes.
    let old = Self.night(0, seed: seed).split(separator: "\n").dropFirst().map { String($0) }
    let came = Self.night(1, seed: seed).split(separator: "\n").suffix(26).map { String($0) }
    try scratch.write("new.csv", PartitionTests.text(old + came))
    let k = model.contains("k: 4") ? "4" : "3"
    try PartitionTests.veil(scratch, "run p.yaml --input old.csv --output old-out.csv --save-plan old.plan")
    for pipeline in ["p", "next"] {
      try PartitionTests.veil(
        scratch,
        "run \(pipeline).yaml --input new.csv --output \(pipeline)-out.csv --save-plan \(pipeline).plan --manifest m.json"
      )
      let expected = try Self.python(scratch, ["attack", "old-out.csv", "\(pipeline)-out.csv", k])
      let both = try #require(expected["in_both"] as? Int)
      let singled = try #require(expected["singled_out"] as? Int)
      // By the pseudonyms in the two files.
      let text = "\(singled) of \(both) people in both releases share both of their classes with fewer than \(k)"
      let files = try PartitionTests.veil(
        scratch, "verify \(pipeline)-out.csv --pipeline \(pipeline).yaml --previous old-out.csv")
      #expect(files.text.contains(text), "\(files.text)")
      guard pipeline == "next" else {
        if !model.contains("global") { #expect(singled > 0, "two nights without keeping in step tell something") }
        continue
      }
      let found = try Self.anonymity(scratch, "m.json")
      let previous = try #require(found["previous_release"] as? [String: Any])
      // Who came into a combination that was there before is not taken for somebody of before.
      let report = (previous["people_in_both"] as? Int ?? -1, previous["singled_out"] as? Int ?? -1)
      #expect(report == (both, singled))
      let plans = try PartitionTests.veil(
        scratch, "verify \(pipeline)-out.csv --pipeline \(pipeline).yaml --previous old.plan --plan \(pipeline).plan")
      #expect(plans.text.contains(text), "\(plans.text)")
    }
  }

  /// With the same people the reports of plans and of files are the same number, and in step nobody is singled out.
  @Test(arguments: ["k: 4", "k: 4, recoding: global, suppress: 10%"])
  func keepingInStepTellsNothing(_ model: String) throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline(model))
    try scratch.write("next.yaml", Self.pipeline(model + ", previous: old.plan, intersection: {max: 0}"))
    try scratch.write("old.csv", Self.night(0, seed: 5))
    let rows = Self.night(0, seed: 5).split(separator: "\n").dropFirst().map { String($0) }
    let extra = (0..<40).map { "x\($0),\(20 + $0),\(["Bonn", "Ulm"][$0 % 2]),\(900 + $0)" }
    try scratch.write("new.csv", PartitionTests.text(rows + extra))
    try PartitionTests.veil(scratch, "run p.yaml --input old.csv --output old-out.csv --save-plan old.plan")
    try PartitionTests.veil(scratch, "run next.yaml --input new.csv --output new-out.csv --save-plan new.plan")
    // Everybody's record reads as it did, but for those whom the first release suppressed.
    if !model.contains("global") {
      let old = try scratch.text("old-out.csv").split(separator: "\n")
      let now = Set(try scratch.text("new-out.csv").split(separator: "\n"))
      #expect(old.allSatisfy { now.contains($0) })
    }
    let byFiles = try PartitionTests.veil(
      scratch, "verify new-out.csv --pipeline next.yaml --previous old-out.csv")
    #expect(byFiles.text.contains("with the release before: 0 of ") && byFiles.text.contains("allows 0: met"))
    let byPlans = try PartitionTests.veil(
      scratch, "verify new-out.csv --pipeline next.yaml --previous old.plan --plan new.plan")
    let line = { (text: String) in text.split(separator: "\n").first { $0.hasPrefix("with the release before") } }
    #expect(line(byFiles.text) == line(byPlans.text), "\(byFiles.text)\n\(byPlans.text)")
    // In steps, too.
    try PartitionTests.veil(scratch, "anonymize observe next.yaml --input new.csv --output new.hist")
    try PartitionTests.veil(scratch, "anonymize decide next.yaml new.hist --output decided.plan")
    #expect(try scratch.data("decided.plan") == scratch.data("new.plan"))
    try PartitionTests.veil(scratch, "run next.yaml --plan decided.plan --input new.csv --output x.csv")
    #expect(try scratch.data("x.csv").lines == scratch.data("new-out.csv").lines)
  }

  @Test func aLimitStopsTheRunAndTheVerification() throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline("k: 4"))
    // Where no class of before can stay, what is decided anew tells more together with it.
    try scratch.write("loose.yaml", Self.pipeline("k: 25, previous: old.plan"))
    try scratch.write("next.yaml", Self.pipeline("k: 25, previous: old.plan, intersection: {max: 0}"))
    try scratch.write("old.csv", Self.night(0, seed: 9))
    try PartitionTests.veil(scratch, "run p.yaml --input old.csv --output old-out.csv --save-plan old.plan")
    let stopped = try PartitionTests.veil(
      scratch, "run next.yaml --input old.csv --output new-out.csv", status: 1)
    #expect(stopped.stderr.contains("'intersection' allows 0") && !scratch.exists("new-out.csv"))
    try PartitionTests.veil(scratch, "anonymize observe next.yaml --input old.csv --output new.hist")
    try PartitionTests.veil(scratch, "anonymize decide next.yaml new.hist --output x.plan", status: 1)
    #expect(!scratch.exists("x.plan"))
    try PartitionTests.veil(scratch, "run loose.yaml --input old.csv --output new-out.csv --save-plan new.plan")
    for arguments in ["--previous old-out.csv", "--previous old.plan --plan new.plan"] {
      let outcome = try PartitionTests.veil(
        scratch, "verify new-out.csv --pipeline next.yaml \(arguments)", status: 1)
      #expect(outcome.text.contains("NOT MET"), "\(outcome.text)")
    }
    // What cannot be told is not guessed.
    try PartitionTests.veil(scratch, "verify new-out.csv --pipeline next.yaml --previous old.plan", status: 2)
    try PartitionTests.veil(
      scratch, "verify old-out.csv --pipeline next.yaml --previous old.plan --plan new.plan", status: 4)
  }

  /// The commands of the page on releases run as they stand, one block after the other.
  @Test func thePageOnReleasesIsTrue() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path("bin"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: scratch.path("bin/veil"), withDestinationPath: Veil.path)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let blocks = try Repository.text("docs/releases.md").matches(of: /(?s)```sh\n(.*?)```/)
    #expect(blocks.count == 3)
    for block in blocks {
      let outcome = try Command.run(
        "bash", ["-euo", "pipefail", "-c", String(block.output.1)],
        environment: ["PATH": "\(scratch.path("bin")):\(path)"], directory: scratch.root)
      #expect(outcome.status == 0, "\(block.output.1)\n\(outcome.stderr)")
      if block.output.1.contains("--previous") {
        #expect(outcome.text.matches(of: /with the release before: 0 of \d+ people/).count == 2, "\(outcome.text)")
      }
    }
    let parts = try ["a", "b"].flatMap { try scratch.text("night/\($0)-out.csv").split(separator: "\n").dropFirst() }
    #expect(try scratch.text("night/yesterday.csv").split(separator: "\n").dropFirst().sorted() == parts.sorted())
  }

  @Test func mistakesAreSaid() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", Self.night(0, seed: 1))
    for (model, words) in [
      ("k: 4, intersection: {max: 0}", "needs 'previous'"), ("k: 4, unseen: keep", "unseen"),
      ("k: 4, previous: old.plan, intersection: {max: -1}", "max"),
    ] {
      try scratch.write("p.yaml", Self.pipeline(model))
      let outcome = try PartitionTests.veil(scratch, "run p.yaml", status: 2)
      #expect(outcome.stderr.contains(words), "\(outcome.stderr)")
    }
    try scratch.write("p.yaml", Self.pipeline("k: 4, previous: missing.plan"))
    try PartitionTests.veil(scratch, "run p.yaml", status: 3)
    try scratch.write("missing.plan", "veil-plan/v1\nno plan")
    try PartitionTests.veil(scratch, "run p.yaml", status: 3)
    #expect(!scratch.exists("out.csv"))
  }
}
