import Testing
import VeilConfig

@testable import VeilEngine

/// "Anonymous" is earned: by every condition, each of them measured.
@Suite("The word 'anonymous'")
struct EarnedLabelTests {
  private static let fields = "fields: {id: drop, q: {class: quasi}, s: {class: sensitive, stages: [keep]}}\n"
  private static let yaml = "source: {subject: id}\n" + fields + "anonymity: {k: 11, l: {s: 3}}\n"

  private func compiled(_ yaml: String) throws -> CompiledPipeline {
    let (pipeline, text) = try RunRig().compile("keys: {k: {env: K}}\n" + yaml)
    return try #require(pipeline, "\(text)")
  }

  private func classes(_ counts: [[String: Int]]) -> [MeasuredClass] {
    counts.map { values in
      var own = MeasuredClass(fields: 1)
      own.people = values.values.reduce(0, +)
      for (value, count) in values { own.values[0][[1] + Array(value.utf8)] = count }
      return own
    }
  }

  private func inference(_ counts: [[String: Int]]) throws -> WorstInference {
    try #require(measured(classes(counts), fields: [try FieldPath("s")]))
  }

  /// Of classes without a common person, which are the whole file.
  private func measured(_ classes: [MeasuredClass], fields: [FieldPath]) -> WorstInference? {
    let whole = fields.indices.map { number in
      classes.reduce(into: [[UInt8]: Int]()) { $0.merge($1.values[number]) { $0 + $1 } }
    }
    return WorstInference(classes, fields: fields, whole: whole, people: classes.reduce(0) { $0 + $1.people })
  }

  /// Everything is measured, and well below the floors.
  private func good() throws -> AnonymityEvidence {
    AnonymityEvidence(
      smallestClass: 12, inference: try inference([["a": 5, "b": 4, "c": 3], ["a": 4, "b": 4, "c": 4]]),
      fieldsThatTellApart: [], orderIsFree: true, layoutIsFree: true, singlingOutRisk: 0.02, linkabilityRisk: 0.01,
      inferenceRisk: 0.05)
  }

  private func text(_ evidence: AnonymityEvidence, _ yaml: String = Self.yaml) throws -> String {
    ExportLabel(try compiled(yaml), evidence: evidence, part: nil, measured: []).text
  }

  @Test("All conditions met")
  func earned() throws {
    #expect(try text(good()) == "anonymous")
    let label = ExportLabel(try compiled(Self.yaml), evidence: try good(), part: nil, measured: [])
    #expect(label.conditions.allSatisfy { $0.isMet == true }, "\(label.conditions.map(\.text))")
  }

  /// Each fact that is missing, or that falls short, takes the word away, and its condition says so.
  @Test("Any condition not met, or not measured")
  func eachOneCounts() throws {
    let changes: [(String, Bool?, (inout AnonymityEvidence) throws -> Void)] = [
      ("k", nil, { $0.smallestClass = nil }), ("k", false, { $0.smallestClass = 11 }),
      ("people", false, { $0.countsPeople = false }),
      ("largest_share", nil, { $0.inference = nil }), ("inference_gain", nil, { $0.inference = nil }),
      ("largest_share", false, { $0.inference = try self.inference([["hiv": 12, "flu": 3]]) }),
      ("inference_gain", false, { $0.inference = try self.inference([["a": 6, "b": 6], ["c": 50, "d": 50]]) }),
      ("fields_apart", nil, { $0.fieldsThatTellApart = nil }),
      ("fields_apart", false, { $0.fieldsThatTellApart = ["vin"] }),
      ("order", nil, { $0.orderIsFree = nil }), ("order", false, { $0.orderIsFree = false }),
      ("layout", nil, { $0.layoutIsFree = nil }), ("layout", false, { $0.layoutIsFree = false }),
      ("singling_out", nil, { $0.singlingOutRisk = nil }), ("singling_out", false, { $0.singlingOutRisk = 0.1 }),
      ("linkability", nil, { $0.linkabilityRisk = nil }), ("linkability", false, { $0.linkabilityRisk = 0.1 }),
      ("inference", nil, { $0.inferenceRisk = nil }), ("inference", false, { $0.inferenceRisk = 0.1 }),
    ]
    for (name, isMet, change) in changes {
      var evidence = try good()
      try change(&evidence)
      let label = ExportLabel(try compiled(Self.yaml), evidence: evidence, part: nil, measured: [])
      #expect(label.text.hasPrefix("k-anonymous (k=11)"), "\(name): \(label.text)")
      let condition = try #require(label.conditions.first { $0.name == name })
      #expect(condition.isMet == isMet, "\(condition.text)")
    }
  }

  /// What the rules themselves rule out, whatever was measured.
  @Test("Rules that no measure makes good")
  func rules() throws {
    let subject = "source: {subject: id}\n"
    for (yaml, name) in [
      (Self.fields + "anonymity: {k: 11, l: {s: 3}, count: records}\n", "people"),
      (subject + Self.fields + "anonymity: {k: 11}\n", "covered"),
      (subject + Self.fields + "anonymity: {k: 11, t: {s: 1}}\n", "covered"),
      (
        subject + Self.fields.replacing("s: {class: s", with: "x: keep, s: {class: s")
          + "anonymity: {k: 11, l: {s: 3}}\n", "covered"
      ),
      (
        subject + Self.fields.replacing("id: drop", with: "id: {pseudonym: {key: k}}")
          + "anonymity: {k: 11, l: {s: 3}}\n",
        "tokens"
      ),
      (
        subject + Self.fields.replacing("s: {class: s", with: "u: {class: sensitive, stages: [keep]}, s: {class: s")
          + "anonymity: {k: 11, l: {s: 3, u: 3}}\n", "together"
      ),
      (
        subject + Self.fields.replacing("s: {class: s", with: "u: {constant: x}, s: {class: s")
          + "anonymity: {k: 11, l: {s: 3}}\n", "together"
      ),
      (subject + Self.fields + "anonymity: {k: 11, l: {s: 3}, suppressed: keep, suppress: 5%}\n", "suppressed"),
      (
        subject + Self.fields.replacing("s: {class: s", with: "name: keep, s: {class: s")
          + "anonymity: {k: 11, l: {s: 3}}\n", "identifiers"
      ),
    ] {
      let label = ExportLabel(try compiled(yaml), evidence: try good(), part: nil, measured: [])
      #expect(
        label.name != .anonymous && label.conditions.first { $0.name == name }?.isMet == false, "\(yaml) \(label.text)")
    }
    let part = ExportLabel(try compiled(Self.yaml), evidence: try good(), part: "a part of the records", measured: [])
    #expect(part.name == .personal)
  }

  @Test("The worst class's inference")
  func worst() throws {
    let found = try inference([["hiv": 4, "flu": 1], ["flu": 3, "cold": 2]])
    #expect(found.share == .init(field: "s", value: 0.8))
    #expect(abs(found.gain.value - 0.4) < 1e-12)
    #expect(found.text == "up to 80% of a class have one value of 's'")
    // A file that is one class adds nothing, and tells all the same.
    let one = try inference([["hiv": 12, "flu": 3]])
    #expect(one.gain.value == 0 && one.share.value == 0.8)
    #expect(measured([], fields: [try FieldPath("s")]) == nil)
    #expect(measured(classes([["a": 2]]), fields: []) == nil)
  }

  @Test("The label names the models and the weakest figure")
  func details() throws {
    for (models, text) in [
      ("t: {s: 0.999}", "t-closeness (t=0.999)"), ("beta: {s: 1000000}", "beta-likeness (beta=1000000)"),
      ("alpha: {s: {alpha: 0.1, values: [nothing]}}", "(alpha, k)-anonymity (alpha=0.1)"),
      ("l: {s: [2, {entropy: 1.5}]}", "l-diversity (l=2), entropy l-diversity (l=1.5)"),
    ] {
      let yaml = "source: {subject: id}\n" + Self.fields + "anonymity: {k: 2, \(models)}\n"
      var evidence = AnonymityEvidence(smallestClass: 5)
      #expect(try self.text(evidence, yaml) == "k-anonymous (k=2), \(text)")
      evidence.inference = try inference([["hiv": 4, "flu": 1]])
      #expect(try self.text(evidence, yaml) == "k-anonymous (k=2), \(text); up to 80% of a class have one value of 's'")
    }
  }
}
