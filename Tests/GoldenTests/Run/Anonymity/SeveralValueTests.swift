import Foundation
import Testing

/// Distinct l-diversity with people who have several values: every choice of one value a person is looked at, and no
/// bound that none of them reaches.
@Suite struct SeveralValueTests {
  private func run(_ rows: [(String, String)], l: Int, k: Int = 2, more: String = "") throws -> (Outcome, String) {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}",
      fields: [
        "id: {pseudonym: {key: test}}", "age: {class: quasi}",
        "ill: {class: sensitive, stages: [keep], because: test}",
      ], unlisted: "error", more: ["anonymity: {k: \(k), l: {ill: \(l)}\(more)}"])
    let data = "id,age,ill\n" + rows.map { "\($0.0),40,\($0.1)\n" }.joined()
    let outcome = try scratch.run(pipeline, on: Data(data.utf8))
    guard outcome.status == 0 else { return (outcome, "") }
    let verified = try Veil.run(
      ["verify", "out.csv", "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(verified.status == 0, "\(verified.text)")
    return (outcome, verified.text)
  }

  @Test(arguments: ["", ", recoding: global"])
  func whatEveryChoiceReachesIsPublished(_ recoding: String) throws {
    // Whoever is meant, b has hiv and a or c has tb; a was asked twice, and once gave no answer.
    for rows in [
      [("a", "tb"), ("c", "tb"), ("b", "hiv")],
      [("a", "tb"), ("a", ""), ("c", "tb"), ("b", "hiv")],
      [("a", "tb"), ("a", "flu"), ("c", "tb"), ("b", "hiv")],
      [("a", "tb"), ("a", "hiv"), ("c", "tb"), ("b", "hiv")],
    ] {
      let (outcome, text) = try run(rows, l: 2, more: recoding)
      #expect(outcome.status == 0, "\(rows): \(outcome.stderr)")
      #expect(text.contains("distinct l-diversity of 'ill': 2; at least 2 is promised: met"), "\(text)")
    }
  }

  @Test(arguments: ["", ", recoding: global"])
  func whatOneChoiceBreaksIsRefused(_ recoding: String) throws {
    // All of them may be the ones with tb.
    let rows = [("a", "tb"), ("a", "hiv"), ("b", "tb"), ("b", "flu"), ("c", "tb")]
    let (outcome, _) = try run(rows, l: 2, more: recoding)
    #expect(outcome.status == 1 && outcome.stderr.contains("distinct l-diversity of 'ill': 1"), "\(outcome.stderr)")
  }

  /// Random people, by trying every choice.
  @Test(arguments: 1...12)
  func randomPeople(_ seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var values: [[String]] = []
    var rows: [(String, String)] = []
    for person in 0..<5 {
      let own = (0...next(3)).map { _ in ["tb", "hiv", "flu", "", "flu2"][Int(next(5))] }
      for value in own { rows.append(("p\(person)", value)) }
      // Who lacks a value is not counted, not even where another record has one.
      if !own.contains("") { values.append(Set(own).sorted()) }
    }
    var least = values.isEmpty ? 0 : Int.max
    func choose(_ place: Int, _ chosen: Set<String>) {
      if place == values.count {
        least = min(least, chosen.count)
        return
      }
      for value in values[place] { choose(place + 1, chosen.union([value])) }
    }
    choose(0, [])
    for l in 2...4 {
      let (outcome, text) = try run(rows, l: l)
      #expect((outcome.status == 0) == (least >= l), "\(rows) \(least) \(l): \(outcome.stderr)")
      if least >= l { #expect(text.contains("distinct l-diversity of 'ill': \(least);"), "\(text)") }
    }
  }
}
