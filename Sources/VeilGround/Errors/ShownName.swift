import VeilConfig

/// Names from the header of an input in a form that messages may show.
package enum ShownName {
  /// Returns at most 100 scalars of the name, without control characters: a header must not steer the terminal of whoever
  /// reads the message.
  package static func text(_ name: String) -> String {
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
      out += Self.text(String(rest.prefix(50)))
      rest = rest.dropFirst(50)
    }
    return out
  }
}
