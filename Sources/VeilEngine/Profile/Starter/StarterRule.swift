import VeilConfig

/// The proposal of `veil init` for one field: its rule, and the reason.
///
/// It is safe by default: a field that names a person is dropped or becomes a token, a field that is not understood is
/// dropped, and a field that is coarse enough to be kept counts as a quasi-identifier unless it is known to be
/// something else.
struct StarterRule {
  let rule: String
  let comment: String
  /// Whether the export contains anything of the field.
  var leaves: Bool { rule != Self.drop && rule != Self.directDrop }
  var usesKey = false
  var isQuasi = false
  var isSensitive = false

  private static let drop = "drop"
  private static let directDrop = "{class: direct, stages: [drop]}"

  /// Returns the rule for one field if all others are dropped.
  static func placeholder(for column: ColumnFinding) -> Self {
    Self(
      rule: "{class: direct, stages: [{constant: withheld}]}",
      comment: "\(column.role.title): \(column.evidence); one word for all, because something has to leave: decide")
  }

  private init(rule: String, comment: String) {
    self.rule = rule
    self.comment = comment
  }

  init(_ column: ColumnFinding, key: String, records: Int, hasParts: Bool) {
    let what = "\(column.role.title): \(column.evidence)"
    let pseudonym = "{pseudonym: {key: \(key)}}"
    if hasParts || column.isRepeated {
      rule = Self.drop
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
      rule = Self.drop
      comment = what
    case let role where role.fieldClass == .direct:
      rule = Self.directDrop
      comment = role == .text ? "\(what): not understood, so it does not leave; decide" : what
    // One of two values says of a person that they belong to a group (GDPR, article 9), and not which of many.
    case let role where role.fieldClass == .sensitive || (role == .ethnicity && column.distinct <= 2):
      rule = "{class: sensitive, stages: [keep]}"
      comment = "\(what); leaves as it is: nobody is to learn whose it is"
      isSensitive = true
    default:
      if column.missing > column.survey.nulls {
        // In JSON a quasi-identifier must be in every record, at least as null.
        rule = Self.drop
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
