import VeilGround

/// What was measured on a published field, as JSON for manifests and reports: counts, no values.
enum MeasuredDocument {
  static func field(_ field: MeasuredField) -> JSONValue {
    var members: [(String, JSONValue)] = [("field", .text(field.name))]
    switch field.extent {
    case .whole:
      members += [
        ("values", .integer(field.values)), ("different", .integer(field.distinct)),
        ("of_one_person", .integer(field.single)), ("exact", .bool(field.isExact)),
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
