import VeilGround

/// The attack in words and as JSON: names of fields, rates and counts, and no value of anybody.
extension ReleaseAttack {
  public var text: String {
    var text = "\(request.release): \(records.release) records, made from \(records.original) of \(request.original)\n"
    text += "control: \(records.control) records of \(request.control)\n"
    if records.control < records.original {
      text +=
        "note: the control is smaller than the original, which as a rule makes the risk of singling out look higher\n"
    }
    text += "known to others: \(Self.list(known)); not known: \(secrets.isEmpty ? "none" : Self.list(secrets))\n"
    if !risks.notCompared.isEmpty { text += "not compared, such as tokens: \(Self.list(risks.notCompared))\n" }
    return text + table
  }

  /// The attacks with their rates and risks.
  var table: String {
    var text = "seed \(request.seed), at most \(request.attempts) attempts each; rates with 95 % intervals\n"
    var rows = [["", "attempts", "attack", "control", "naive guess", "risk"]]
    for (name, attacks) in risks.groups {
      if attacks.isEmpty { rows.append([name, "not measured: " + Self.reason(name)]) }
      for attack in attacks {
        let risk = attack.risk
        let start = ["\(name): \(ShownName.text(attack.name))", "\(risk.attack.attempts)"]
        rows.append(
          risk.wasTried
            ? start + [risk.attack, risk.control, risk.baseline].map(Self.interval)
              + [Self.interval(risk.value, risk.low, risk.high)]
            : start + ["no released record is alone in it", "", "", "0"])
      }
    }
    let widths = (0..<6).map { column in
      rows.filter { $0.count == 6 }.map { $0[column].count }.max() ?? 0
    }
    for row in rows {
      let cells = row.enumerated().map { place, cell in
        place == row.count - 1 ? cell : cell + String(repeating: " ", count: max(0, widths[place] - cell.count))
      }
      text += cells.joined(separator: "  ") + "\n"
    }
    return text
  }

  private static func list(_ names: [String]) -> String { names.map { ShownName.text($0) }.joined(separator: ", ") }

  private static func reason(_ name: String) -> String {
    name == "inference" ? "no field is left to guess" : "fewer than two fields are known"
  }

  private static func interval(_ rate: SuccessRate) -> String { interval(rate.value, rate.low, rate.high) }

  private static func interval(_ value: Double, _ low: Double, _ high: Double) -> String {
    "\(thousandths(value)) (\(thousandths(low))-\(thousandths(high)))"
  }

  private static func thousandths(_ number: Double) -> String {
    let whole = Int((number * 1000).rounded())
    return "\(whole / 1000)." + "\(1000 + whole % 1000)".dropFirst()
  }

  public var json: String {
    func list(_ names: [String]) -> JSONValue { .array(names.map { .text($0) }) }
    return JSONValue.object(
      [
        ("release", .text(request.release)), ("release_records", .integer(records.release)),
        ("original_records", .integer(records.original)), ("control_records", .integer(records.control)),
        ("known", list(known)), ("secrets", list(secrets)), ("not_compared", list(risks.notCompared)),
        ("seed", .integer(Int(truncatingIfNeeded: request.seed))), ("confidence", .number(0.95)),
      ] + risks.members + [("highest_risk", JSONValue.number((risks.highest * 1e6).rounded() / 1e6))]
    ).document
  }
}
