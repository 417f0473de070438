import VeilConfig

/// Finds objects whose keys are no names of fields, but values: `{"visits": {"anna": 3, "bob": 1}}`. Then the keys are
/// people, places or codes, which no report may show.
enum MapKeys {
  /// What lies under one key of an object.
  private struct Child {
    var columns: [Int] = []
    /// The paths below it, or the type of its value: keys of one map have the same.
    var form: Set<String> = []
    /// In how many records it is, at least.
    var count = 0
  }

  /// From so many keys on an object of rare keys is a map.
  private static let many = 8

  /// Marks the columns that lie under a key of a map.
  static func mark(_ columns: inout [ColumnFinding], records: Int) {
    var objects: [String: [String: Child]] = [:]
    for (index, column) in columns.enumerated() {
      let steps = column.path.steps
      var parent = ""
      for (place, step) in steps.enumerated() {
        guard case .key(let key) = step else {
          parent += "[]"
          continue
        }
        var child = objects[parent, default: [:]][key] ?? Child()
        child.columns.append(index)
        let isNumber = ["boolean", "integer", "decimal", "digits"].contains(column.type)
        child.form.insert(place < steps.count - 1 ? "\(steps[(place + 1)...])" : isNumber ? "" : column.type)
        child.count = max(child.count, column.values + column.survey.nulls)
        objects[parent, default: [:]][key] = child
        parent += ".\(key)"
      }
    }
    for children in objects.values where isMap(children, records: records) {
      for child in children.values { for index in child.columns { columns[index].isMapKey = true } }
    }
  }

  private static func isMap(_ children: [String: Child], records: Int) -> Bool {
    guard children.count >= 2 else { return false }
    // All the same below, and no key is a known name of a field.
    let forms = Set(children.values.map(\.form))
    guard forms.count == 1 || children.count >= many && forms.count * 4 <= children.count else { return false }
    guard !children.keys.contains(where: { FieldNameGuess.role(of: $0) != nil }) else { return false }
    if children.count >= many {
      let counts = children.values.map(\.count).sorted()
      if counts[counts.count / 2] * 4 <= records { return true }
    }
    // Objects of the same members under keys that are written like names of people or places.
    let hasMembers = forms.first?.contains { $0.hasPrefix("[") } ?? false
    return hasMembers
      && (children.keys.allSatisfy { $0.contains(" ") }
        || children.count >= 3 && children.keys.allSatisfy(isWrittenAsName))
  }

  /// Returns whether a key is words that begin with a capital.
  private static func isWrittenAsName(_ key: String) -> Bool {
    guard let first = key.first, first.isLetter, first.isUppercase else { return false }
    return key.contains(" ") || key.dropFirst().allSatisfy { $0.isLowercase || $0 == "-" }
  }
}
