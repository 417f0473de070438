extension Diagnostics {
  /// Returns all messages one after another, for a terminal or a log:
  ///
  ///     customers.yaml:12:5: error: unknown key 'souce'
  ///         souce:
  ///         ^
  ///       help: did you mean 'source'?
  public func render() -> String { render(told) }

  /// Returns only the errors and warnings, which are what matters if a pipeline runs unattended.
  public func renderWithoutNotes() -> String { render(told.filter { $0.severity != .note }) }

  private func render(_ shown: [Diagnostic]) -> String {
    if shown.isEmpty { return "" }
    let lines = kind.showsLines ? SourceLines(source, concealed: concealed) : SourceLines([])
    return shown.map { render($0, lines) }.joined()
  }

  private func render(_ diagnostic: Diagnostic, _ lines: SourceLines) -> String {
    var text = printable(KeyShape.hiding(path))
    if let mark = diagnostic.mark { text += ":\(mark.line):\(mark.column)" }
    text += ": \(diagnostic.severity.rawValue): \(diagnostic.message)\n"
    if let mark = diagnostic.mark, let (line, caret) = lines.excerpt(mark) {
      text += "    \(line)\n    \(caret)\n"
    }
    if let help = diagnostic.help { text += "  help: \(help)\n" }
    return text
  }
}

/// The lines of a file, divided where libyaml divides them. What looks like a key is not among them.
struct SourceLines {
  private let lines: [[Unicode.Scalar]]

  init(_ bytes: [UInt8], concealed: [Range<Mark>] = []) {
    var lines: [[Unicode.Scalar]] = []
    var line: [Unicode.Scalar] = []
    var previous: Unicode.Scalar = " "
    let text = bytes.dropFirst(UTF8Mark.length(in: bytes))
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      if !Self.isBreak(scalar) {
        line.append(scalar)
      } else if !(scalar == "\n" && previous == "\r") {
        lines.append(line)
        line = []
      }
      previous = scalar
    }
    lines.append(line)
    for range in concealed {
      let (from, to) = (range.lowerBound, range.upperBound)
      for line in from.line...to.line where lines.indices.contains(line - 1) {
        let start = line == from.line ? from.column - 1 : 0
        let end = min(line == to.line ? to.column - 1 : .max, lines[line - 1].count)
        for index in start..<max(start, end) { lines[line - 1][index] = "*" }
      }
    }
    for index in lines.indices {
      for range in KeyShape.ranges(lines[index], bare: true) { for place in range { lines[index][place] = "*" } }
    }
    self.lines = lines
  }

  static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  /// Returns the line of `mark` and a line with a caret under it. Tabs become single spaces, and of a long line only
  /// the part around the mark is shown. Nil if the mark is after the last line or the line is empty.
  func excerpt(_ mark: Mark) -> (line: String, caret: String)? {
    guard lines.indices.contains(mark.line - 1), !lines[mark.line - 1].isEmpty else { return nil }
    let line = lines[mark.line - 1]
    let column = min(max(mark.column - 1, 0), line.count)
    let window = 120
    let start = column < window - 20 ? 0 : column - window / 2
    let end = min(line.count, start + window)

    var shown = start > 0 ? "…" : ""
    var caret = start > 0 ? " " : ""
    for index in start..<end {
      let scalar = line[index] == "\t" ? " " : isPrintable(line[index]) ? line[index] : "\u{FFFD}"
      shown.unicodeScalars.append(scalar)
      if index < column { caret += String(repeating: " ", count: columns(scalar)) }
    }
    if end < line.count { shown += "…" }
    return (shown, caret + "^")
  }

  /// Returns how many columns a terminal gives to a character; this is precise enough to place a caret.
  private func columns(_ scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
