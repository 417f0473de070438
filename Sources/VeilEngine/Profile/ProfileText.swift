import VeilConfig
import VeilGround

/// Profiles as text for people.
extension DataProfile {
  /// The output of `veil profile`.
  public var text: String {
    var out = "\(path): \(records) records, \(columns.count) fields, \(format.rawValue)\n\n"
    var rows = [["field", "type", "missing", "different", "occur once", "length", "what it is", "because"]]
    for column in columns {
      rows.append([
        column.shownName, column.type, share(column.missing, of: records),
        number(column.distinct, isExact: column.isDistinctExact),
        column.values > 0 ? Share.percent(column.uniqueShare) : "",
        lengths(column), column.role.title, column.evidence,
      ])
    }
    out += Self.table(rows)
    let shapes = columns.filter { !$0.survey.commonShapes.isEmpty }
    if !shapes.isEmpty {
      out += "\nshapes (9 a digit, x or X a letter) that many different values have\n"
      out += Self.table(
        shapes.map { column in
          [column.shownName]
            + [column.survey.commonShapes.map { "\($0.text) \(Share.percent($0.share))" }.joined(separator: "   ")]
        })
    }
    out += harborText
    if quasi.isEmpty {
      out += "\nno field was found that others are likely to know: name some with  veil risk --quasi\n"
    } else {
      out += riskText
    }
    return out
  }

  /// The output of `veil risk`.
  public var riskReport: String {
    let people = subject.map { ", \(risk?.count ?? 0) people by \(ShownName.text($0.description))" } ?? ""
    return "\(path): \(records) records\(people)\n" + riskText + harborText
  }

  /// The name of what is counted.
  private var unit: String { subject == nil ? "records" : "people" }

  // MARK: Risk

  private var riskText: String {
    var out = "\nquasi-identifiers: \(quasi.map { ShownName.text($0.description) }.joined(separator: ", "))\n"
    guard let risk else { return out + "no records\n" }
    let about = risk.isExact ? "" : "about "
    out += Self.table([
      ["different combinations", "\(about)\(Self.whole(risk.sizes.classes))"],
      ["\(unit) that are alone", "\(about)\(Self.whole(risk.unique)) (\(Share.percent(risk.uniqueShare)))"],
      [
        "class sizes",
        "smallest \(risk.sizes.smallest), average \(Self.short(risk.averageClass)), largest \(risk.sizes.largest)",
      ],
      [
        "\(unit) in classes below 5, 11, 20",
        [5, 11, 20].map { Share.percent(risk.shareBelow($0)) }.joined(separator: ", "),
      ],
    ])
    out += "\nrisk of re-identification\n"
    out += Self.table([
      [
        "prosecutor (knows that the person is in the data)",
        "highest \(Share.percent(risk.prosecutorHighest)), average \(Share.percent(risk.prosecutorAverage))",
      ],
      ["journalist (any person of the population)", "highest \(Share.percent(risk.journalistHighest))"],
      ["marketer (as many as possible)", "\(Share.percent(risk.marketer)) of \(unit)"],
    ])
    out += populationText(risk)
    out += subsetText
    return out
  }

  private func populationText(_ risk: RiskMeasures) -> String {
    guard let population = risk.population, let fraction = risk.fraction else {
      return "the data is taken to be the whole population; --sample-fraction or --population says otherwise\n"
    }
    func show(_ uniques: Double?) -> String {
      uniques.map { "\(Self.whole($0)) (\(Share.percent($0 / population.people)) of the population)" } ?? "no solution"
    }
    var rows = [
      ["Zayatz", show(population.zayatz)], ["Pitman", show(population.pitman)],
      ["slide negative binomial", show(population.slideNegativeBinomial)],
    ]
    if let decided = population.decided {
      rows.append(["by the rule of Dankar et al.", "\(show(decided.uniques)), \(decided.model.rawValue)'s estimate"])
    }
    if let chance = population.dataIntrusion {
      rows.append(["a unique match is right (Skinner, Elliot)", Share.percent(chance)])
    }
    return
      "\npeople who are unique in a population of \(Self.whole(population.people)), \(Share.percent(fraction)) of which are here: estimates\n"
      + Self.table(rows)
  }

  private var subsetText: String {
    guard quasi.count > 1 else { return "" }
    func name(_ set: SubsetRisk) -> String {
      set.columns.map { ShownName.text(quasi[$0].description) }.joined(separator: ", ")
    }
    func row(_ set: SubsetRisk) -> [String] { [name(set), Share.percent(set.uniqueShare), Self.whole(set.classes)] }
    var out = "\nmost identifying fields: \(unit) alone, different combinations\n"
    var rows: [[String]] = []
    for size in 1...max(1, subsetSize) where size < quasi.count {
      rows += subsets.filter { $0.columns.count == size }.sorted(by: SubsetRisk.precedes).prefix(
        size == 1 ? quasi.count : 3
      )
      .map(row)
    }
    out += Self.table(rows)
    let without = subsets.filter { $0.columns.count == quasi.count - 1 }.sorted(by: SubsetRisk.precedes).reversed()
    if quasi.count > 2, !without.isEmpty {
      out += "\n\(unit) alone when one field is left out\n"
      out += Self.table(
        without.prefix(5).map { set in
          let left = quasi.indices.first { !set.columns.contains($0) } ?? 0
          return ["without \(ShownName.text(quasi[left].description))", Share.percent(set.uniqueShare)]
        })
    }
    return out
  }

  // MARK: HIPAA

  private var harborText: String {
    let found = columns.compactMap { column in column.role.safeHarbor.map { ($0, column) } }.sorted {
      $0.0 != $1.0 ? $0.0 < $1.0 : $0.1.survey.firstSeen < $1.1.survey.firstSeen
    }
    guard !found.isEmpty else {
      return "\nHIPAA Safe Harbor: none of its identifiers was found, which does not prove that there is none\n"
    }
    return "\nHIPAA Safe Harbor, identifiers of 45 CFR 164.514(b)(2)(i) that were found\n"
      + Self.table(
        found.map { letter, column in
          ["(\(letter))", ColumnRole.safeHarborTitle(letter), column.shownName, column.evidence]
        })
  }

  // MARK: Numbers

  private func share(_ part: Int, of whole: Int) -> String {
    part == 0 ? "none" : Share.percent(Double(part) / Double(max(1, whole)))
  }

  private func number(_ count: Int, isExact: Bool) -> String { isExact ? "\(count)" : "about \(count)" }

  private func lengths(_ column: ColumnFinding) -> String {
    guard column.values > 0 else { return "" }
    let (low, high) = (column.survey.shortest, column.survey.longest)
    return low == high ? "\(low)" : "\(low) to \(high)"
  }

  static func whole(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    return Int(exactly: value.rounded()).map { "\($0)" } ?? "\(value)"
  }
  static func short(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? whole(tenths) : "\(tenths)"
  }

  /// Returns a table of columns with two spaces between them.
  static func table(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
      for (index, cell) in row.enumerated() {
        if index == widths.count { widths.append(0) }
        widths[index] = max(widths[index], cell.unicodeScalars.count)
      }
    }
    var out = ""
    for row in rows {
      var line = "  "
      for (index, cell) in row.enumerated() {
        line += cell
        if index < row.count - 1 {
          line += String(repeating: " ", count: widths[index] - cell.unicodeScalars.count + 2)
        }
      }
      while line.last == " " { line.removeLast() }
      out += line + "\n"
    }
    return out
  }
}
