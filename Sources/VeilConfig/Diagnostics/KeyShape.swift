/// What looks like a key, wherever it stands in a text: the rule by which messages never show one.
///
/// A message may quote a path, a name or a line that a user wrote. A key that was written there by mistake must not get
/// to a terminal or a log, where it would stay.
public enum KeyShape {
  /// Returns the text with everything that looks like a key replaced by as many asterisks: what follows `hex:` or
  /// `base64:`, 32 hexadecimal digits or more, and 40 characters of base64 or more in which capitals, small letters and
  /// digits are mixed as chance mixes them.
  public static func hiding(_ text: String) -> String { hide(text, bare: true) }

  /// Returns the text without what follows `hex:` or `base64:`. Digests, which look like keys, stay.
  public static func hidingPrefixed(_ text: String) -> String { hide(text, bare: false) }

  /// Returns whether a text holds something that looks like a key.
  public static func isIn(_ text: String) -> Bool { !ranges(Array(text.unicodeScalars), bare: true).isEmpty }

  private static func hide(_ text: String, bare: Bool) -> String {
    // Nothing shorter can be a key, and most texts are: this is the way of every name in a message.
    guard text.utf8.count >= 12 else { return text }
    var scalars = Array(text.unicodeScalars)
    let found = ranges(scalars, bare: bare)
    guard !found.isEmpty else { return text }
    for range in found { for index in range { scalars[index] = "*" } }
    var shown = String.UnicodeScalarView()
    shown.append(contentsOf: scalars)
    return String(shown)
  }

  static func ranges(_ text: [Unicode.Scalar], bare: Bool) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = 0
    while start < text.count {
      guard isKeyCharacter(text[start]) else {
        start += 1
        continue
      }
      let end = text[start...].firstIndex { !isKeyCharacter($0) } ?? text.count
      let run = start..<end
      if run.count >= 8, isPrefixed(text, at: start) {
        found.append(run)
      } else if bare {
        if looksRandom(text[run]) { found.append(run) } else { found += hexadecimal(text, in: run) }
      }
      start = end
    }
    return found
  }

  private static func isPrefixed(_ text: [Unicode.Scalar], at start: Int) -> Bool {
    ["hex:", "base64:"].contains { prefix in
      let prefix = prefix.unicodeScalars
      guard start >= prefix.count else { return false }
      return zip(text[(start - prefix.count)..<start], prefix).allSatisfy {
        $0.properties.lowercaseMapping == String($1)
      }
    }
  }

  private static func hexadecimal(_ text: [Unicode.Scalar], in run: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = run.lowerBound
    for index in run.lowerBound...run.upperBound {
      if index < run.upperBound, isHexDigit(text[index]) { continue }
      if index - start >= 32 { found.append(start..<index) }
      start = index + 1
    }
    return found
  }

  private static func isHexDigit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."F", "a"..."f": true
    default: false
    }
  }

  /// Base64 of 30 bytes or more. In words and paths, capitals and small letters change less often, and digits are few.
  private static func looksRandom(_ run: ArraySlice<Unicode.Scalar>) -> Bool {
    guard run.count >= 40 else { return false }
    var (capitals, small, digits, changes) = (0, 0, 0, 0)
    var wasCapital: Bool?
    for scalar in run {
      let isCapital = "A"..."Z" ~= scalar
      if isCapital || "a"..."z" ~= scalar {
        if isCapital { capitals += 1 } else { small += 1 }
        if let wasCapital, wasCapital != isCapital { changes += 1 }
        wasCapital = isCapital
      } else {
        if "0"..."9" ~= scalar { digits += 1 }
        wasCapital = nil
      }
    }
    return capitals >= 6 && small >= 6 && digits >= 2 && changes >= 6
  }

  private static func isKeyCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z", "+", "/", "=", "_", "-": true
    default: false
    }
  }
}
