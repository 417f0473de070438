/// Writes text in forms that YAML 1.2 reads as the same text.
package enum YAMLText {
  /// Returns a text unquoted if it is a word, otherwise in double quotes.
  package static func scalar(_ text: String) -> String {
    let bytes = text.utf8
    let isWord = bytes.allSatisfy { $0 &- 0x30 <= 9 || $0 | 0x20 &- 0x61 < 26 || $0 == 0x5F }
    if isWord, let first = bytes.first, first > 0x39, !["null", "true", "false"].contains(text.lowercased()) {
      return text
    }
    return quoted(text)
  }

  /// Returns a text in double quotes. Characters that no reader would see are escaped.
  package static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _
      where scalar.value < 0x20 || 0x7F...0xA0 ~= scalar.value || scalar.value == 0x2028 || scalar.value == 0x2029
        || scalar.value == 0xFEFF:
        out += scalar.fourDigitEscape
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
