/// One message about a pipeline file.
public struct Diagnostic: Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable {
    case error, warning, note
  }

  public let severity: Severity
  /// The place; nil if the message concerns the file as a whole.
  public let mark: Mark?
  public let message: String
  /// How to correct it.
  public let help: String?
}

/// Returns text from a file in the form for messages: in single quotes, shortened, with control and format characters
/// escaped. What looks like a key is not shown.
public func quote(_ text: String) -> String {
  let limit = 60
  let text = KeyShape.hiding(text)
  let shown = text.unicodeScalars.prefix(limit)
  let ellipsis = shown.endIndex == text.unicodeScalars.endIndex ? "" : "…"
  return "'" + printable(String(shown)) + ellipsis + "'"
}

/// Returns `text` without anything that could control a terminal or end a line.
public func printable(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if isPrintable(scalar) {
      result.append(scalar)
    } else {
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }
  }
  return String(result)
}

extension Unicode.Scalar {
  /// A scalar of the basic plane as JSON and YAML escape it, such as `\u001b`.
  package var fourDigitEscape: String {
    let hex = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
  }
}

func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return false
  default: return true
  }
}
