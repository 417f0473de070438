import VeilConfig

/// What `veil init` proposes for one field: its rule, and why.
///
/// Safe by default: what names a person is dropped or becomes a token, what is not understood is dropped, and what is
/// coarse enough to be kept counts as a quasi-identifier unless its meaning is known to be another.
struct StarterRule {
  let rule: String
  let comment: String
  var usesKey = false
  var isQuasi = false
  var isSensitive = false

  init(_ column: ColumnFinding, key: String, records: Int, hasParts: Bool) {
    let what = "\(column.role.title): \(column.evidence)"
    let pseudonym = "{pseudonym: {key: \(key)}}"
    if hasParts || column.isRepeated {
      rule = "drop"
      comment = "\(what); \(hasParts ? "a value and an object by the same name" : "several in one record"): decide"
      return
    }
    switch column.role {
    case .email:
      rule = "{class: direct, stages: [trim, lowercase, \(pseudonym)]}"
      comment = "\(what); a token joins people without naming them; drop it if nobody joins by it"
      usesKey = true
    case .identifier, .username, .medicalRecord, .token:
      rule = "{class: direct, stages: [\(pseudonym)]}"
      comment = "\(what); a token joins people without naming them; drop it if nobody joins by it"
      usesKey = true
    case .constant where records >= 20:
      rule = "keep"
      comment = what
    case .constant, .empty:
      rule = "drop"
      comment = what
    case let role where role.fieldClass == .direct:
      rule = "{class: direct, stages: [drop]}"
      comment = role == .text ? "\(what): not understood, so it does not leave; decide" : what
    case let role where role.fieldClass == .sensitive:
      rule = "{class: sensitive, stages: [keep]}"
      comment = "\(what); leaves as it is: nobody is to learn whose it is"
      isSensitive = true
    default:
      if column.missing > column.survey.nulls {
        // A quasi-identifier of a JSON record is there or null.
        rule = "drop"
        comment = "\(what); some records lack it, and a quasi-identifier is in each: decide"
        return
      }
      isQuasi = true
      if let hierarchy = HierarchyProposal.yaml(column) {
        rule = "{class: quasi, hierarchy: \(hierarchy)}"
        comment = what
      } else {
        rule = "{class: quasi}"
        let isCoarse = column.role == .flag || column.distinct <= 2
        comment =
          "\(what); stays or becomes '*'" + (isCoarse ? "" : ": write a tree or order of its values to keep more of it")
      }
    }
  }
}
