import VeilConfig
import VeilGround

/// What was measured on a published field, as JSON for manifests and reports: counts, no values.
enum MeasuredDocument {
  static func field(_ field: MeasuredField) -> JSONValue {
    var members: [(String, JSONValue)] = [("field", .text(field.field.config.path.description))]
    switch field.part {
    case .values: break
    case .whole: members.append(("part", .text("whole")))
    case .length: members.append(("part", .text("length")))
    }
    switch field.extent {
    case .whole, .part:
      if field.extent == .part { members.append(("of_all_records", .bool(false))) }
      members += [
        ("values", .integer(field.values)), ("different", .integer(field.distinct)),
        ("of_one_person", .integer(field.single)), ("of_fewer_than", .integer(field.few)),
        ("of_few_people", .integer(field.scarce)), ("exact", .bool(field.isExact)),
        ("tells_apart", .bool(field.tellsApart)),
      ]
    case .first(let records):
      members += [("first_records", .integer(records)), ("values", .integer(field.tally.values))]
    }
    members.append(
      (
        "identifiers",
        .array(
          field.identifiers.map {
            .object([("kind", .text($0.kind)), ("values", .integer($0.count)), ("clear", .bool($0.isClear))])
          })
      ))
    return .object(members)
  }
}
