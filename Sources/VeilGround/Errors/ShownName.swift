import VeilConfig

/// Names from the header of an input in a form that messages may show.
package enum ShownName {
  /// Returns at most 100 scalars of the name, without control characters: a header must not steer the terminal of whoever
  /// reads the message.
  ///
  /// A name that looks like somebody's value is not shown at all.
  package static func text(_ name: String) -> String {
    if isHidden(name) { return hidden }
    return plain(name)
  }

  /// What stands for a name that looks like somebody's value.
  package static let hidden = "(a name that looks like a value)"

  /// Returns whether a name, or a step of a path, looks like somebody's value.
  package static func isHidden(_ name: String) -> Bool {
    if ValueLook.isLikeValue(name) || KeyShape.isIn(name) { return true }
    guard name.contains("."), let path = try? FieldPath(name) else { return false }
    return path.steps.contains { step in
      if case .key(let key) = step { ValueLook.isLikeValue(key) } else { false }
    }
  }

  /// Does the same for what names no field: a file, a key, a recipient.
  package static func plain(_ name: String) -> String {
    let shown = name.unicodeScalars.prefix(100)
    return printable(String(shown)) + (shown.endIndex == name.unicodeScalars.endIndex ? "" : "…")
  }

  /// Returns the first of many lines, and how many more there are.
  package static func list(_ lines: [String]) -> String {
    let shown = lines.prefix(20) + (lines.count > 20 ? ["… and \(lines.count - 20) more"] : [])
    return shown.joined(separator: "\n  ")
  }
}

extension ShownName {
  /// Does the same as `text` for any length.
  package static func line(_ text: String) -> String {
    var rest = Substring(text)
    var out = ""
    while !rest.isEmpty {
      out += Self.plain(String(rest.prefix(50)))
      rest = rest.dropFirst(50)
    }
    return out
  }
}
