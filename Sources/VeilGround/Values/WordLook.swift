/// What the words of a value look like: a person's name, a street, a code of letters and digits. It takes longer than
/// `ValueKinds`, and is asked of different values only.
package enum WordLook {
  /// Returns `ValueKind.personName`, `.street` and `.code`, one bit each.
  package static func of(_ text: Span<UInt8>) -> UInt64 {
    guard text.count >= 2, text.count <= 60 else { return 0 }
    var (digits, capitals, small, others) = (0, 0, 0, 0)
    for index in text.indices {
      switch text[index] {
      case 0x30...0x39: digits += 1
      case 0x41...0x5A: capitals += 1
      case 0x61...0x7A, 0x80...: small += 1
      case 0x20, 0x2D, 0x2E, 0x2C, 0x27, 0x5F, 0x2F: break
      default: others += 1
      }
    }
    guard others == 0, capitals + small > 0 else { return 0 }
    if digits == 0 { return PersonNames.isName(string(text)) ? ValueKind.personName.bit : 0 }
    if capitals > 0, small == 0, digits >= 2, text.count <= 14 { return ValueKind.code.bit }
    return small > 2 && isStreet(string(text)) ? ValueKind.street.bit : 0
  }

  private static func string(_ text: Span<UInt8>) -> String {
    String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
  }

  /// Returns whether there is a word for a street, and a number in front or behind.
  private static func isStreet(_ text: String) -> Bool {
    let words = text.lowercased().split { " ,.".contains($0) }
    guard words.count >= 2, let first = words.first, let last = words.last else { return false }
    func isNumber(_ word: Substring) -> Bool {
      word.utf8.first.map { $0 &- 0x30 <= 9 } ?? false && word.utf8.count <= 6
    }
    guard isNumber(first) || isNumber(last) || words.dropFirst().contains(where: isNumber) else { return false }
    return words.contains { word in
      streets.contains(String(word)) || ends.contains { word.utf8.count > $0.utf8.count && word.hasSuffix($0) }
    }
  }

  private static let streets: Set<String> = [
    "street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "drive", "dr", "court", "boulevard", "blvd", "terrace",
    "crescent", "str", "straße", "strasse", "weg", "platz", "gasse", "allee", "ring", "ufer", "rue", "chemin",
    "impasse",
    "quai", "place", "calle", "avenida", "plaza", "paseo", "camino", "via", "viale", "piazza", "corso", "vicolo", "rua",
  ]

  private static let ends = ["straße", "strasse", "str", "weg", "platz", "gasse", "allee", "ring", "damm", "ufer"]
}
