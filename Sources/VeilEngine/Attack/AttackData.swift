import VeilAnonymity
import VeilConfig
import VeilGround

/// A release, its original and the control, with the fields that all three have.
struct AttackData {
  struct Field {
    let name: String
    /// The field's hierarchy; nil where it is not known.
    let rule: LeafRule?
    /// Whether others know it of a person. If not, it is what they want to learn.
    let isKnown: Bool
    let release: AttackTable.Column
    let original: AttackTable.Column
    let control: AttackTable.Column
  }

  /// Which people are attacked: those who are in the release, or those who are not.
  enum People: UInt64 {
    case original = 1
    case control = 2
  }

  let fields: [Field]
  /// Fields that all three files have and whose labels say nothing about values of the original, such as tokens.
  let incomparable: [String]
  /// Fields that are `*` or missing in every released record.
  let silent: [String]
  let records: (release: Int, original: Int, control: Int)

  var known: [Int] { fields.indices.filter { fields[$0].isKnown } }
  var others: [Int] { fields.indices.filter { !fields[$0].isKnown } }

  func records(of people: People) -> Int { people == .original ? records.original : records.control }

  func column(_ field: Int, of people: People) -> AttackTable.Column {
    people == .original ? fields[field].original : fields[field].control
  }

  /// - Parameters:
  ///   - rules: the hierarchies of fields, by name.
  ///   - known: the fields that others know; nil where these are the fields that the release made coarser.
  init(
    release: AttackTable, original: AttackTable, control: AttackTable, rules: [String: LeafRule], known: [String]?
  ) throws(RunError) {
    records = (release.records, original.records, control.records)
    for table in [release, original, control] where table.records == 0 {
      throw RunError(.invalid, "\(table.path) has no records")
    }
    for name in known ?? [] {
      for table in [release, original, control] where !table.columns.contains(where: { $0.name == name }) {
        throw RunError(.invalid, "\(table.path) has no field '\(ShownName.text(name))'")
      }
    }
    var (fields, incomparable, silent): ([Field], [String], [String]) = ([], [], [])
    for column in release.columns {
      guard let own = original.columns.first(where: { $0.name == column.name }),
        let other = control.columns.first(where: { $0.name == column.name })
      else { continue }
      let rule = rules[column.name]
      let look = Self.compare(column, own, rule)
      guard look.isComparable else {
        // What is `*` or missing everywhere says nothing.
        if look.isSaying { incomparable.append(column.name) } else { silent.append(column.name) }
        continue
      }
      fields.append(
        Field(
          name: column.name, rule: rule, isKnown: known?.contains(column.name) ?? look.isCoarser, release: column,
          original: own, control: other))
    }
    self.fields = fields
    self.incomparable = incomparable
    self.silent = silent
  }

  /// Says whether a field's labels are about the original's values (at least half of the records with a label have one
  /// that covers some value), and whether some label is no value of the original.
  private static func compare(
    _ release: AttackTable.Column, _ original: AttackTable.Column, _ rule: LeafRule?
  ) -> (isComparable: Bool, isCoarser: Bool, isSaying: Bool) {
    let labels = (0..<release.values.count).map { release.values[$0] }
    let index = LabelIndex(labels, rule: rule)
    var covers = [Bool](repeating: false, count: labels.count)
    var isValue = covers
    var number: [[UInt8]: Int] = [:]
    for (place, label) in labels.enumerated() { number[label] = place }
    for value in 0..<original.values.count {
      let text = original.values[value]
      for label in index.covering(text) { covers[label] = true }
      if let same = number[text] { isValue[same] = true }
    }
    let star = number[[UInt8(ascii: "*")]]
    var (labelled, covered, isCoarser) = (0, 0, false)
    for code in release.codes {
      let code = Int(code)
      if !isValue[code] { isCoarser = true }
      if code == 0 || code == star { continue }
      labelled += 1
      if covers[code] { covered += 1 }
    }
    return (labelled > 0 && 2 * covered >= labelled, isCoarser, labelled > 0)
  }
}
