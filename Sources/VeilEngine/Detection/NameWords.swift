/// The words of a field's name, in one spelling: `customerID`, `Customer-Id` and `CUSTOMER_ID` are the same two words,
/// and so are `Straße` and `STRASSE`.
struct NameWords {
  /// The words of the last part of a path, and below those of the parts before it, from the outermost on.
  var own: [String] = []
  var context: [[String]] = []

  /// Reads a path such as `customer.name[].family`, or the name of a column.
  /// - Parameter plainUmlauts: whether `ä` is read as `a`, as Spanish, Italian and English names do; otherwise it is
  ///   `ae`.
  init(_ path: String, plainUmlauts: Bool = false) {
    var parts = path.split(separator: ".").map { Self.words(String($0), plainUmlauts: plainUmlauts) }
      .filter { !$0.isEmpty }
    own = parts.popLast() ?? []
    context = parts
  }

  init(own: [String], context: [[String]]) { (self.own, self.context) = (own, context) }

  /// The name of the part around this one, and all around that; nil for a part that stands alone.
  var parent: NameWords? {
    context.last.map { NameWords(own: $0, context: Array(context.dropLast())) }
  }

  /// Splits a name at signs, digits, and where a small letter comes before a large one. The letters become lowercase
  /// and lose their accents, however these are encoded.
  private static func words(_ name: String, plainUmlauts: Bool) -> [String] {
    var words: [String] = []
    var word = ""
    var wasSmall = false
    for character in name {
      let isLetter = character.isLetter
      let isLarge = isLetter && character.isUppercase
      if !isLetter || (isLarge && wasSmall) {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if isLetter { word += fold(character.lowercased(), plainUmlauts) }
      wasSmall = isLetter && !isLarge
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  /// Returns a small letter without its accent. Equality of characters is canonical equivalence (Unicode, UAX #15), so a
  /// letter with a combining accent is found, too.
  private static func fold(_ letter: String, _ plainUmlauts: Bool) -> String {
    if letter.utf8.count == 1 { return letter }
    switch letter {
    case "ß": return "ss"
    case "ä": return plainUmlauts ? "a" : "ae"
    case "ö": return plainUmlauts ? "o" : "oe"
    case "ü": return plainUmlauts ? "u" : "ue"
    case "æ": return "ae"
    case "œ": return "oe"
    case "á", "à", "â", "ã", "å", "ā": return "a"
    case "ç", "ć", "č": return "c"
    case "é", "è", "ê", "ë", "ē", "ę": return "e"
    case "í", "ì", "î", "ï", "ī", "i̇": return "i"
    case "ñ", "ń": return "n"
    case "ó", "ò", "ô", "õ", "ø": return "o"
    case "ú", "ù", "û", "ū": return "u"
    case "š", "ś": return "s"
    case "ý", "ÿ": return "y"
    case "ž", "ź", "ż": return "z"
    default: return letter
    }
  }

  /// Whether the name has an umlaut, which languages fold differently.
  static func hasUmlaut(_ name: String) -> Bool {
    name.contains { ["ä", "ö", "ü", "Ä", "Ö", "Ü"].contains($0) }
  }
}

extension NameWords {
  /// The same name with compounds taken apart, such as `handynummer` and `customername`, where both halves are known words.
  var splitCompounds: NameWords {
    func split(_ words: [String]) -> [String] { words.flatMap(Self.split) }
    return NameWords(own: split(own), context: context.map(split))
  }

  private static func split(_ word: String) -> [String] {
    guard word.utf8.count > 4 else { return [word] }
    let tails = FieldWords.compoundTails.filter { word.hasSuffix($0) }
    let heads = FieldWords.compoundHeads.filter { word.hasPrefix($0) }
    // Most words have neither, and the table of known words is made only for those that do.
    guard !(tails.isEmpty && heads.isEmpty), !FieldWords.known.contains(word) else { return [word] }
    for tail in tails {
      let head = String(word.dropLast(tail.count))
      if let known = knownHead(head) { return [known, tail] }
    }
    for head in heads {
      let tail = String(word.dropFirst(head.count))
      if tail.utf8.count > 2, FieldWords.people.contains(tail) || FieldWords.known.contains(tail) {
        return [head, tail]
      }
    }
    return [word]
  }

  /// Returns the first half of a compound as a known word, without the letters that German puts between two nouns.
  private static func knownHead(_ head: String) -> String? {
    guard head.utf8.count > 1 else { return nil }
    func isKnown(_ word: String) -> Bool { FieldWords.people.contains(word) || FieldWords.known.contains(word) }
    if isKnown(head) { return head }
    for link in ["s", "n", "en", "es", "er"] where head.utf8.count > link.utf8.count + 2 && head.hasSuffix(link) {
      let bare = String(head.dropLast(link.count))
      if isKnown(bare) { return bare }
    }
    return nil
  }
}
