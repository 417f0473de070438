import VeilConfig

/// Judges whether a field beside the quasi-identifiers tells people apart by itself.
enum TellingApartCheck {
  /// - Parameter measured: The fields of each export.
  static func judge(_ measured: [[MeasuredField]], except: [FieldPath]) -> (passed: Bool, detail: String) {
    var found: [String] = []
    for field in measured.joined() where field.tellsApart && !field.isExcused(by: except) {
      let text = "'\(field.name)' does: \(field.singleText)"
      if !found.contains(text) { found.append(text) }
    }
    return (found.isEmpty, found.isEmpty ? "no field tells people apart" : found.joined(separator: "; "))
  }
}
