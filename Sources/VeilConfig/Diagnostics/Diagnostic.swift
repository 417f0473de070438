/// One thing to tell about a pipeline file.
public struct Diagnostic: Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable {
    case error, warning, note
  }

  public let severity: Severity
  /// Nil when it concerns the file as a whole.
  public let mark: Mark?
  public let message: String
  /// How to mend it.
  public let help: String?
}

/// Text from a file as a message may show it: in single quotes, shortened, control and format characters escaped.
public func quote(_ text: String) -> String {
  let limit = 60
  let shown = text.unicodeScalars.prefix(limit)
  let ellipsis = shown.endIndex == text.unicodeScalars.endIndex ? "" : "…"
  return "'" + printable(String(shown)) + ellipsis + "'"
}

/// `text` without anything that could steer a terminal or break a line.
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

func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return false
  default: return true
  }
}
