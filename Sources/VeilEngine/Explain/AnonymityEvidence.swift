import VeilGround

/// What was measured on a finished file. Its label is earned by these facts, and by nothing in the pipeline alone: a fact
/// that is nil was not measured, and what was not measured is not met.
struct AnonymityEvidence: Sendable {
  /// Whether people were counted, and not records; nil where the pipeline alone says so.
  var countsPeople: Bool?
  /// The number of people in the smallest class, or of records where nobody said whose they are.
  var smallestClass: Int?
  /// The worst class's inference, over all sensitive fields that models guard.
  var inference: WorstInference?
  /// The fields beside the quasi-identifiers whose values tell people apart; empty if there is none.
  var fieldsThatTellApart: [String]?
  /// Whether the order of the records, and below their layout, says nothing that the values do not say.
  var orderIsFree: Bool?
  var layoutIsFree: Bool?
  /// The three risks of Opinion 05/2014, as an attack measured them against a control group: the upper ends of their 95 %
  /// confidence intervals, from 0 through 1.
  var singlingOutRisk: Double?
  var linkabilityRisk: Double?
  var inferenceRisk: Double?

  /// Takes over what an attack measured. Where a field that leaves could not be compared, or there was nothing to attack
  /// with, a risk was not measured.
  mutating func add(_ risks: ThreeRisks) {
    guard risks.notCompared.isEmpty else { return }
    singlingOutRisk = risks.singlingOut.map(\.risk.high).max()
    linkabilityRisk = risks.linkability.map(\.risk.high).max()
    inferenceRisk = risks.inference.map(\.risk.high).max()
  }

  /// Nothing was measured, as where a pipeline is explained without data.
  static let none = AnonymityEvidence()
}

/// What 'anonymous' asks at least. docs/privacy-models.md gives the reasons and sources.
enum AnonymityFloor {
  static let k = 12
  static let largestShare = 0.5
  static let inferenceGain = 0.2
  static let risk = 0.09
}

/// One of the conditions under which an export may be called anonymous, and whether it is met.
struct LabelCondition: Sendable {
  let name: String
  /// What is asked, as the rest of a sentence: `at least 12 people share each class`.
  let demand: String
  /// What was found; nil where it was not measured.
  let found: String?
  /// Nil where it was not measured.
  let isMet: Bool?

  init(_ name: String, _ demand: String, found: String?, isMet: Bool?) {
    (self.name, self.demand, self.found, self.isMet) = (name, demand, found, isMet)
  }

  /// A condition on a number that may not have been measured.
  init(_ name: String, _ demand: String, measured: Double?, isMet: (Double) -> Bool) {
    self.init(name, demand, found: measured.map { ModelFinding.short($0) }, isMet: measured.map(isMet))
  }

  /// Whether something was measured and falls short, or was not measured.
  var isOpen: Bool { isMet != true }

  /// As a line for a person.
  var text: String {
    switch isMet {
    case true?: "\(name): \(demand): met\(found.map { " (\($0))" } ?? "")"
    case false?: "\(name): \(demand): NOT MET\(found.map { " (\($0))" } ?? "")"
    case nil: "\(name): \(demand): not measured"
    }
  }
}

extension AnonymityEvidence {
  /// The conditions that follow from what was measured; `ExportLabel` adds those that follow from the rules.
  func conditions(countsPeople: Bool) -> [LabelCondition] {
    func percent(_ value: Double) -> String { ModelFinding.short(value * 100) + " %" }
    func figure(_ figure: WorstInference.Figure?) -> String? { figure.map { "\(percent($0.value)) in '\($0.field)'" } }
    func free(_ isFree: Bool?) -> String? { isFree.map { $0 ? "free" : "as in the input" } }
    let unit = countsPeople ? "people" : "records"
    return [
      LabelCondition(
        "k", "at least \(AnonymityFloor.k) \(unit) are in each class", measured: smallestClass.map { Double($0) }
      ) { $0 >= Double(AnonymityFloor.k) },
      LabelCondition(
        "largest_share",
        "no value of a sensitive field is had by more than \(percent(AnonymityFloor.largestShare)) of a class",
        found: figure(inference?.share), isMet: inference.map { $0.share.value <= AnonymityFloor.largestShare + 1e-9 }),
      LabelCondition(
        "inference_gain",
        "no value has a share in a class that is more than \(percent(AnonymityFloor.inferenceGain)) above its share in the file",
        found: figure(inference?.gain), isMet: inference.map { $0.gain.value <= AnonymityFloor.inferenceGain + 1e-9 }),
      LabelCondition(
        "fields_apart", "no field beside the quasi-identifiers tells people apart",
        found: fieldsThatTellApart.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") },
        isMet: fieldsThatTellApart?.isEmpty),
      LabelCondition("order", "the order of the records says nothing", found: free(orderIsFree), isMet: orderIsFree),
      LabelCondition(
        "layout", "the layout of the records says nothing", found: free(layoutIsFree), isMet: layoutIsFree),
      Self.risk("singling_out", singlingOutRisk), Self.risk("linkability", linkabilityRisk),
      Self.risk("inference", inferenceRisk),
    ]
  }

  private static func risk(_ name: String, _ measured: Double?) -> LabelCondition {
    LabelCondition(
      name, "the risk, measured against a control group, is at most \(AnonymityFloor.risk)", measured: measured
    ) { $0 <= AnonymityFloor.risk }
  }
}

extension ExportLabel {
  /// The conditions for programs: `met` is null where something was not measured.
  var conditionValue: JSONValue {
    .array(
      conditions.map { condition in
        .object([
          ("condition", .text(condition.name)), ("demand", .text(condition.demand)),
          ("measured", .optional(condition.found)), ("met", condition.isMet.map { .bool($0) } ?? .null),
        ])
      })
  }
}
