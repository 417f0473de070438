import VeilGround

/// Full names of people in texts: a first name that is known, and another word beside it that is written like a name.
///
/// What it finds is likely and not sure (`Marie Curie Hospital` is found out by its third word, others are not), so that
/// `IdentifierTally` asks for several. It misses names that `GivenNames` does not have.
enum FullNames {
  /// Words after which a name is that of a place or thing.
  private static let things: Set<[UInt8]> = Set(
    """
    street st road rd avenue ave lane drive boulevard square park hospital clinic centre center school college university
    institute airport station church cathedral foundation award prize platz strasse straße weg allee gasse klinik klinikum
    krankenhaus schule gymnasium universität kirche stiftung rue place hôpital lycée calle plaza avenida via piazza ospedale
    scuola gmbh ag inc ltd llc corp company co hotel restaurant bar beach island lake mountain river bay city county
    """.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  /// Words in front of a first name that make it a place's: `San Diego`.
  private static let saints: Set<[UInt8]> = Set(
    ["san", "santa", "santo", "saint", "sainte", "sankt", "st", "ste", "sao", "são", "port", "puerto"].map {
      Array($0.utf8)
    })

  /// Whether a full name is in the text.
  static func finds(_ text: Span<UInt8>) -> Bool {
    guard text.count >= 5, text.count <= 4096 else { return false }
    // No text without two capitals, but for one of two or three words alone.
    var capitals = 0
    var blanks = 0
    for index in text.indices {
      let byte = text[index]
      if byte &- 0x41 < 26 || byte == 0xC3 || byte == 0xC5 { capitals += 1 }
      if byte == 0x20 { blanks += 1 }
    }
    guard blanks > 0, capitals >= 2 || blanks <= 2 else { return false }
    let words = words(of: text)
    let isAlone =
      2...3 ~= words.count && words.first?.range.lowerBound == 0 && words.last?.range.upperBound == text.count
    for (place, word) in words.enumerated() where isGiven(text, word) {
      if isAlone, capitals == 0 {
        return place != 1 && words.allSatisfy { isName($0, capital: false) && !isThing(text, $0) }
      }
      guard word.isCapitalized, place == 0 || !isSaint(text, words[place - 1]) else { continue }
      // `Anna Adler`, `Anna M. Adler`; and `Adler, Anna`.
      var next = place + 1
      if next < words.count, words[next].length == 1 { next += 1 }
      if next < words.count, joins(text, word, words[next]), isName(words[next], capital: true),
        !isThing(text, words[next]), next + 1 == words.count || !isThing(text, words[next + 1])
      {
        return true
      }
      if place > 0, isName(words[place - 1], capital: true), isComma(text, words[place - 1], word), place == 1 {
        return true
      }
    }
    return false
  }

  private struct Word {
    var range: Range<Int>
    /// In characters, as far as that can be told from the first bytes.
    var length: Int
    var isCapitalized: Bool
  }

  /// The words of the first 512 bytes: rows of letters, with hyphens and apostrophes within.
  private static func words(of text: Span<UInt8>) -> [Word] {
    var words: [Word] = []
    var at = 0
    let end = min(text.count, 512)
    while at < end {
      guard isLetter(text[at]) else {
        at += 1
        continue
      }
      let start = at
      var length = 0
      while at < end, isLetter(text[at]) || isLink(text[at]) && at + 1 < end && isLetter(text[at + 1]) {
        if text[at] & 0xC0 != 0x80 { length += 1 }
        at += 1
      }
      words.append(Word(range: start..<at, length: length, isCapitalized: isCapital(text, start)))
    }
    return words
  }

  private static func isLetter(_ byte: UInt8) -> Bool { byte & 0xDF &- 0x41 < 26 || byte >= 0x80 }
  private static func isLink(_ byte: UInt8) -> Bool { byte == 0x2D || byte == 0x27 }

  /// Whether a capital begins here: of ASCII, or with an accent (U+00C0 to U+00DE, and every other letter from U+0100 on).
  private static func isCapital(_ text: Span<UInt8>, _ at: Int) -> Bool {
    if text[at] &- 0x41 < 26 { return true }
    guard at + 1 < text.count else { return false }
    return text[at] == 0xC3 && text[at + 1] < 0x9F || text[at] == 0xC4 || text[at] == 0xC5
  }

  /// Whether the word may be a family name.
  private static func isName(_ word: Word, capital: Bool) -> Bool {
    word.length >= 2 && (word.isCapitalized || !capital)
  }

  /// Whether the word, or what stands in front of its hyphen, is a first name.
  private static func isGiven(_ text: Span<UInt8>, _ word: Word) -> Bool {
    guard word.length >= 2, word.length <= 2 * GivenNames.all.longest else { return false }
    var lower = lowercased(text, word.range)
    if let hyphen = lower.firstIndex(of: 0x2D) { lower = Array(lower[..<hyphen]) }
    return lower.count >= 2 && GivenNames.all.contains(lower)
  }

  private static func isThing(_ text: Span<UInt8>, _ word: Word) -> Bool {
    things.contains(lowercased(text, word.range))
  }

  private static func isSaint(_ text: Span<UInt8>, _ word: Word) -> Bool {
    word.range.count <= 6 && saints.contains(lowercased(text, word.range))
  }

  private static func lowercased(_ text: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var lower: [UInt8] = []
    lower.reserveCapacity(range.count)
    for at in range {
      let byte = text[at]
      if byte &- 0x41 < 26 {
        lower.append(byte | 0x20)
      } else if at > range.lowerBound, text[at - 1] == 0xC3, 0x80..<0x9F ~= byte {
        lower.append(byte | 0x20)
      } else {
        lower.append(byte)
      }
    }
    return lower
  }

  /// Whether nothing stands between two words but a blank, or the initial between them.
  private static func joins(_ text: Span<UInt8>, _ word: Word, _ next: Word) -> Bool {
    for at in word.range.upperBound..<next.range.lowerBound {
      let byte = text[at]
      guard byte == 0x20 || byte == 0x2E || isLetter(byte) else { return false }
    }
    return next.range.lowerBound - word.range.upperBound <= 5 && text[word.range.upperBound] == 0x20
  }

  private static func isComma(_ text: Span<UInt8>, _ word: Word, _ next: Word) -> Bool {
    next.range.lowerBound - word.range.upperBound == 2 && text[word.range.upperBound] == 0x2C
  }
}
