import Foundation
import Testing

/// `veil risk --attack` on made-up people, held against a brute force that shares no code with it.
@Suite struct AttackTests {
  private struct Person {
    let age: Int, postcode: String, illness: String
  }

  /// A released record as what it covers: ages and the start of a postcode.
  private struct Released {
    let low: Int, high: Int, start: String, illness: String
    var line: String { "\"[\(low), \(high))\",\(start)\(String(repeating: "*", count: 5 - start.count)),\(illness)" }
    var key: String { "\(low) \(high) \(start)" }
    func covers(_ person: Person) -> Bool { coversAge(person) && person.postcode.hasPrefix(start) }
    func coversAge(_ person: Person) -> Bool { (low..<high).contains(person.age) }
  }

  private struct Chance: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 31)
    }
  }

  private let original: [Person]
  private let control: [Person]
  private let release: [Released]

  init() {
    var chance = Chance(state: 11)
    let people = (0..<600).map { _ in
      Person(
        age: Int.random(in: 20..<60, using: &chance), postcode: "10\(Int.random(in: 100..<140, using: &chance))",
        illness: "morbus\(min(Int.random(in: 0..<20, using: &chance), Int.random(in: 0..<20, using: &chance)))")
    }
    (original, control) = (Array(people[..<300]), Array(people[300...]))
    // Classes that overlap, as those of local recoding do.
    release = original.map { person in
      let width = Bool.random(using: &chance) ? 10 : 20
      let low = person.age / width * width
      return Released(
        low: low, high: low + width, start: String(person.postcode.prefix(width == 10 ? 3 : 4)),
        illness: person.illness)
    }
  }

  private func write(_ scratch: Scratch) throws {
    func table(_ people: [Person]) -> String {
      "age,postcode,illness\n" + people.map { "\($0.age),\($0.postcode),\($0.illness)\n" }.joined()
    }
    try scratch.write("in.csv", table(original))
    try scratch.write("control.csv", table(control))
    try scratch.write("out.csv", "age,postcode,illness\n" + release.map { $0.line + "\n" }.joined())
  }

  private let arguments = ["risk", "--attack", "out.csv", "in.csv", "--control", "control.csv"]

  private func document(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func successes(_ document: [String: Any], _ kind: String, _ part: String) throws -> (Double, Int) {
    let attack = try #require((document[kind] as? [[String: Any]])?.last?[part] as? [String: Any])
    return (try #require(attack["successes"] as? Double), try #require(attack["attempts"] as? Int))
  }

  @Test("Every figure is that of a brute force")
  func figures() throws {
    let scratch = try Scratch()
    try write(scratch)
    let outcome = try Veil.run(arguments + ["--json"], directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let found = try document(outcome.text)
    #expect(found["known"] as? [String] == ["age", "postcode"])
    #expect(found["secrets"] as? [String] == ["illness"])

    // Singling out: every combination that one released record has; there are fewer than attempts.
    let guesses = Dictionary(grouping: release) { $0.key + $0.illness }.values.filter { $0.count == 1 }.map { $0[0] }
    #expect(guesses.count > 20)
    for (part, people) in [("attack", original), ("control", control)] {
      let right = guesses.count { guess in
        people.count { guess.covers($0) && guess.illness == $0.illness } == 1
      }
      #expect(try successes(found, "singling_out", part) == (Double(right), guesses.count), "\(part)")

      // Inference: where several guesses are equally good, chance decides.
      var (least, most) = (0, 0)
      for person in people {
        let fits = release.filter { $0.covers(person) }
        let counts = Dictionary(grouping: fits.isEmpty ? release : fits, by: \.illness).mapValues(\.count)
        let best = counts.filter { $0.value == counts.values.max() }.keys
        if best.contains(person.illness) {
          most += 1
          if best.count == 1 { least += 1 }
        }
      }
      let inference = try successes(found, "inference", part)
      #expect(inference.1 == 300 && (Double(least)...Double(most)).contains(inference.0), "\(part): \(least) \(most)")

      // Linkability: the chance that two picks are the same record.
      let chances = people.map { person in
        let (a, b) = (
          release.count { $0.coversAge(person) }, release.count { person.postcode.hasPrefix($0.start) }
        )
        return a * b == 0 ? 0 : Double(release.count { $0.covers(person) }) / Double(a) / Double(b)
      }
      let expected = chances.reduce(0, +)
      let linked = try successes(found, "linkability", part)
      #expect(linked.1 == 300 && abs(linked.0 - expected) < 5 * expected.squareRoot() + 1, "\(part): \(expected)")
    }
  }

  @Test("The same seed gives the same figures, and no value of anybody is printed")
  func saysNothing() throws {
    let scratch = try Scratch()
    try write(scratch)
    let first = try Veil.run(arguments + ["--attempts", "50"], directory: scratch.root)
    #expect(first.status == 0 && first.text.contains("seed 1, at most 50 attempts"))
    #expect(
      try Veil.run(arguments + ["--attempts", "50", "--threads", "7"], directory: scratch.root).text == first.text)
    for outcome in [first, try Veil.run(arguments + ["--json"], directory: scratch.root)] {
      for value in ["morbus", "[20", "101", "10*"] { #expect(!outcome.text.contains(value + "1"), "\(value)") }
      for person in original {
        #expect(!outcome.text.contains(person.illness) && !outcome.text.contains(person.postcode))
      }
    }
  }

  @Test("--max-risk ends with status 1, and mistakes with 2")
  func statuses() throws {
    let scratch = try Scratch()
    try write(scratch)
    #expect(try Veil.run(arguments + ["--max-risk", "1"], directory: scratch.root).status == 0)
    let outcome = try Veil.run(arguments + ["--max-risk", "0"], directory: scratch.root)
    #expect(outcome.status == 1 && outcome.stderr.contains("--max-risk"))
    #expect(try Veil.run(Array(arguments.prefix(4)), directory: scratch.root).status == 2)
    #expect(try Veil.run(["risk", "in.csv", "--quasi", "age", "--max-risk", "1"], directory: scratch.root).status == 2)
    #expect(try Veil.run(arguments + ["--secret", "age"], directory: scratch.root).status == 2)
    // A file that is released as it is has no field that was made coarser.
    #expect(
      try Veil.run(["risk", "--attack", "in.csv", "in.csv", "--control", "control.csv"], directory: scratch.root).status
        == 2)
  }
}
