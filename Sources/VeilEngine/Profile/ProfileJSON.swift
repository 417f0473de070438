import VeilConfig
import VeilGround

extension ShownName {
  /// Returns a path as programs read it, unless it looks like somebody's value.
  static func json(_ path: FieldPath) -> String { isHidden(path.description) ? hidden : path.description }
}

/// Profiles as JSON for programs. Shares are from 0 to 1.
extension DataProfile {
  public var json: String {
    JSONValue.object([
      ("data", .text(path)), ("format", .text(format.rawValue)), ("records", .integer(records)),
      ("fields", .array(columns.map(Self.field))), ("safe_harbor", safeHarbor), ("risk", riskValue),
    ]).document
  }

  public var riskJSON: String {
    JSONValue.object([
      ("data", .text(path)), ("records", .integer(records)), ("risk", riskValue), ("safe_harbor", safeHarbor),
    ]).document
  }

  private static func field(_ column: ColumnFinding) -> JSONValue {
    .object([
      ("field", .text(column.isNameHidden ? ShownName.hidden : column.path.description)), ("type", .text(column.type)),
      ("missing", .integer(column.missing)), ("values", .integer(column.values)),
      ("distinct", .integer(column.distinct)), ("distinct_is_exact", .bool(column.isDistinctExact)),
      ("unique_share", number(column.uniqueShare)),
      ("shortest", column.values > 0 ? .integer(column.survey.shortest) : .null),
      ("longest", column.values > 0 ? .integer(column.survey.longest) : .null),
      (
        "shapes",
        .array(column.survey.commonShapes.map { .object([("shape", .text($0.text)), ("share", number($0.share))]) })
      ),
      ("role", .text(column.role.rawValue)), ("class", .text(column.role.fieldClass.rawValue)),
      ("evidence", .text(column.evidence)),
      ("safe_harbor", .optional(column.role.safeHarbor.map { String($0) })),
    ])
  }

  private var safeHarbor: JSONValue {
    .array(
      columns.compactMap { column in
        column.role.safeHarbor.map {
          .object([
            ("identifier", .text(String($0))),
            ("field", .text(column.isNameHidden ? ShownName.hidden : column.path.description)),
          ])
        }
      })
  }

  private var riskValue: JSONValue {
    guard let risk else { return .null }
    return .object([
      ("quasi_identifiers", .array(quasi.map { .text(ShownName.json($0)) })),
      ("counted", .text(risk.countsPeople ? "people" : "records")), ("count", .integer(risk.count)),
      ("classes", Self.number(risk.sizes.classes)), ("is_exact", .bool(risk.isExact)),
      (risk.countsPeople ? "unique_people" : "unique_records", Self.number(risk.unique)),
      ("unique_share", Self.number(risk.uniqueShare)),
      ("smallest_class", .integer(risk.sizes.smallest)), ("largest_class", .integer(risk.sizes.largest)),
      ("average_class", Self.number(risk.averageClass)),
      (
        "share_in_classes_below",
        .object([5, 11, 20].map { ("\($0)", Self.number(risk.shareBelow($0))) })
      ),
      (
        "prosecutor",
        .object([("highest", Self.number(risk.prosecutorHighest)), ("average", Self.number(risk.prosecutorAverage))])
      ),
      ("journalist", .object([("highest", Self.number(risk.journalistHighest))])),
      ("marketer", Self.number(risk.marketer)), ("population", population(risk)),
      (
        "subsets",
        .array(
          subsets.sorted(by: SubsetRisk.precedes).map { set in
            .object([
              ("fields", .array(set.columns.map { .text(quasi[$0].description) })),
              ("unique_share", Self.number(set.uniqueShare)), ("classes", Self.number(set.classes)),
            ])
          })
      ),
    ])
  }

  private func population(_ risk: RiskMeasures) -> JSONValue {
    guard let population = risk.population else { return .null }
    func value(_ number: Double?) -> JSONValue { number.map { Self.number($0) } ?? .null }
    return .object([
      ("people", Self.number(population.people)), ("sampling_fraction", value(risk.fraction)),
      ("uniques_zayatz", value(population.zayatz)), ("uniques_pitman", value(population.pitman)),
      ("uniques_snb", value(population.slideNegativeBinomial)), ("uniques_dankar", value(population.decided?.uniques)),
      ("dankar_chose", .optional(population.decided?.model.rawValue)),
      ("unique_match_is_right", value(population.dataIntrusion)),
    ])
  }

  private static func number(_ value: Double) -> JSONValue {
    value == value.rounded() && value.magnitude < 1e15 ? .integer(Int(value)) : .number(value)
  }
}
