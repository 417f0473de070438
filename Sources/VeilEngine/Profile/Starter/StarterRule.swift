import VeilConfig
import VeilGround

/// The proposal of `veil init` for one field: its rule, and the reason.
///
/// It is safe by default: whatever leaves is a quasi-identifier, so that k counts it, or a token of an identifier that occurs
/// once. A field that names a person, a sensitive one, and one that is not understood are dropped. A sensitive value beside
/// the classes would be in no class's count: in a class of five, four with one diagnosis and one with another, it finds the one.
struct StarterRule {
  private(set) var rule: String
  private(set) var comment: String
  /// Whether the export contains anything of the field.
  var leaves: Bool { rule != Self.drop && rule != Self.directDrop && rule != Self.sensitiveDrop }
  var usesKey = false
  var isQuasi = false
  var isSensitive = false
  /// Whether the tokens of one person's records are equal.
  private var joinsRecords = false

  private static let drop = "drop"
  private static let sensitiveDrop = "{class: sensitive, stages: [drop]}"
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

  init(_ column: ColumnFinding, key: String, hasParts: Bool) {
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
      joinsRecords = column.uniqueShare < 1
    case .identifier, .username, .medicalRecord, .token:
      rule = "{class: direct, stages: [\(pseudonym)]}"
      comment = "\(what); a token joins people without naming them; drop it if nobody joins by it"
      usesKey = true
      joinsRecords = column.uniqueShare < 1
    case .constant:
      rule = Self.drop
      comment = "\(what): it may be about a person whom all records are about, and tells none from another"
    case .empty:
      rule = Self.drop
      comment = what
    case let role where role.fieldClass == .direct:
      rule = Self.directDrop
      comment = role == .text ? "\(what): not understood, so it does not leave; decide" : what
    // One of two values says of a person that they belong to a group (GDPR, article 9), and not which of many.
    case let role where role.fieldClass == .sensitive || (role == .ethnicity && column.distinct <= 2):
      rule = Self.sensitiveDrop
      comment =
        "\(what); k does not count it, so one value among others would single people out: decide. Keep it only with a model such as l below"
      isSensitive = true
    default:
      if column.missing > column.survey.nulls {
        // In JSON a quasi-identifier must be in every record, at least as null.
        rule = Self.drop
        comment = "\(what); some records lack it, and a quasi-identifier is in each: decide"
        return
      }
      let hasDates = column.survey.count(.otherDate) * 20 >= column.values
      if HierarchyProposal.yaml(column) == nil, hasDates || column.role == .birthDate || column.role == .date {
        rule = Self.drop
        comment = "\(what); no hierarchy reads days that are not written as 2024-03-17: decide"
        return
      }
      if HierarchyProposal.yaml(column) == nil, column.role == .number || column.role == .age {
        rule = Self.drop
        comment = "\(what); some are no numbers that a hierarchy reads: decide"
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

  /// Drops a token that would join the records of one person: their combinations together tell who it is, however many
  /// others have each of them.
  mutating func dropJoining() {
    guard joinsRecords else { return }
    rule = Self.directDrop
    usesKey = false
    comment =
      comment.split(separator: ";")[0]
      + "; a token would join the records of one person, and these together tell who it is"
  }
}
