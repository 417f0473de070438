import VeilGround

/// Three measured risks as JSON: names of fields, rates and counts.
extension ThreeRisks {
  var groups: [(name: String, attacks: [Attack])] {
    [("singling out", singlingOut), ("linkability", linkability), ("inference", inference)]
  }

  /// One member for each risk, with a list of its attacks.
  var members: [(String, JSONValue)] {
    groups.map { group in
      (group.name.split(separator: " ").joined(separator: "_"), JSONValue.array(group.attacks.map(Self.value)))
    }
  }

  private static func value(_ attack: Attack) -> JSONValue {
    let risk = attack.risk
    return .object([
      ("name", .text(attack.name)), ("attack", rate(risk.attack)), ("control", rate(risk.control)),
      ("baseline", rate(risk.baseline)), ("risk", rounded(risk.value)), ("low", rounded(risk.low)),
      ("high", rounded(risk.high)),
    ])
  }

  private static func rate(_ rate: SuccessRate) -> JSONValue {
    .object([
      ("attempts", .integer(rate.attempts)), ("successes", rounded(rate.successes)), ("rate", rounded(rate.value)),
      ("low", rounded(rate.low)), ("high", rounded(rate.high)),
    ])
  }

  private static func rounded(_ number: Double) -> JSONValue { .number((number * 1e6).rounded() / 1e6) }
}
