import VeilConfig

/// What the name of a field says about its content. Every command asks here: `profile`, `init`, `check`, `explain`,
/// `record`, `run` and `verify` know the same words (`FieldWords`).
enum FieldNameGuess {
  /// What a name says.
  struct Finding: Equatable {
    let role: ColumnRole
    /// Whether each value is one person's, and tells by itself whose: a name, a number, an address.
    let namesPerson: Bool
  }

  /// Returns the role of the first rule that the name matches; the rules are sorted from specific to general.
  static func role(of path: String) -> ColumnRole? { finding(path)?.role }

  /// Returns whether the name says that each value tells by itself which person it belongs to.
  static func namesPerson(_ path: String) -> Bool { finding(path)?.namesPerson ?? false }

  /// Returns whether the name is that of an identifier that stands for a person, such as `customer_no` or `id`, or of another
  /// number that a person has alone, such as `email` or `iban`. The same person has the same value in every record.
  static func identifiesPerson(_ path: String) -> Bool {
    guard let found = finding(path), found.namesPerson else { return false }
    switch found.role {
    case .identifier, .username, .email, .phone, .nationalID, .medicalRecord, .healthPlan, .account, .card, .licence,
      .device:
      return true
    default: return false
    }
  }

  /// Whether the name is that of an exact time, not only of a day.
  static func isMoment(_ path: String) -> Bool {
    let name = NameWords(path)
    return FieldWords.moments.contains { matches($0, name.own) }
  }

  static func finding(_ path: String) -> Finding? {
    let name = NameWords(path).splitCompounds
    if let found = finding(name) { return found }
    return NameWords.hasUmlaut(path) ? finding(NameWords(path, plainUmlauts: true).splitCompounds) : nil
  }

  private static func finding(_ name: NameWords) -> Finding? {
    guard !name.own.isEmpty else { return nil }
    let own = name.own
    // `phones[].value` is a phone number.
    if let parent = name.parent, own.allSatisfy(FieldWords.plainParts.contains), let found = finding(parent),
      found.role.fieldClass == .direct, found.role != .identifier || parent.own.contains(where: bare.contains)
    {
      return found
    }
    let isAbout = isAbout(own)
    // A name that begins like no pattern's word is skipped at once.
    let starts = own.compactMap(\.utf8.first)
    func has(_ patterns: [String]) -> Bool {
      patterns.contains { pattern in
        let first = pattern.utf8.first ?? 0
        let start = first == UInt8(ascii: "=") ? pattern.utf8.dropFirst().first ?? 0 : first
        return (starts.contains(start) || first == UInt8(ascii: "*")) && matches(pattern, own)
      }
    }
    for rule in FieldWords.rules {
      let isDirect = rule.role.fieldClass == .direct && rule.role != .freeText && rule.role != .coordinates
      if isDirect && isAbout { continue }
      // The name that somebody was born with is no date.
      if rule.role == .birthDate, own.contains(where: FieldWords.nameNouns.contains) { continue }
      if has(rule.patterns) || rule.role == .name && isPersonsName(name) {
        return Finding(role: rule.role, namesPerson: isDirect && tellsPerson(rule.role, name))
      }
      if rule.role == .identifier, isPersonsIdentifier(name) { return Finding(role: .identifier, namesPerson: true) }
      if has(rule.hints) { return Finding(role: rule.role, namesPerson: false) }
    }
    return nil
  }

  private static func tellsPerson(_ role: ColumnRole, _ name: NameWords) -> Bool {
    switch role {
    case .identifier: isPersonsIdentifier(name)
    case .name, .email, .phone, .fax, .address, .ip, .username, .photo:
      // The telephone number of a shop is no person's.
      !name.own.contains { FieldWords.things.contains($0) } || !FieldWords.people.isDisjoint(with: name.own)
    default: true
    }
  }

  // MARK: Names and identifiers

  /// Returns whether this is the name of a person, and not that of a thing: `name`, `customer_name`, `customer.name`,
  /// `name[].family`.
  private static func isPersonsName(_ name: NameWords) -> Bool {
    let own = name.own
    if let parent = name.parent, own.count == 1, FieldWords.nameParts.contains(own[0]),
      parent.own.contains(where: FieldWords.nameNouns.contains)
    {
      return isPersonsName(parent)
    }
    guard own.contains(where: FieldWords.nameNouns.contains) else { return false }
    if own.contains(where: FieldWords.things.contains) { return false }
    if own.contains(where: { FieldWords.people.contains($0) || FieldWords.nameKinds.contains($0) }) { return true }
    return own.allSatisfy(FieldWords.nameNouns.contains) && isOfPerson(name.context)
  }

  /// Returns whether this is the number of a person, and not that of a thing: `id`, `customer_no`, `customer.id`.
  private static func isPersonsIdentifier(_ name: NameWords) -> Bool {
    let own = name.own
    if own.count == 1, FieldWords.wholePeople.contains(own[0]) { return isOfPerson(name.context) }
    let nouns = own.filter { FieldWords.identifierNouns.contains($0) }
    if ["matrikelnummer", "matricule", "legajo"].contains(where: own.contains) { return true }
    guard !nouns.isEmpty else { return false }
    if own.contains(where: FieldWords.things.contains) { return false }
    if own.contains(where: FieldWords.people.contains) { return true }
    // What `id` is the number of, its record is: a person's, as far as anybody knows.
    let isBare = own.allSatisfy { Self.bare.contains($0) || Self.neutral.contains($0) }
    return isBare && own.contains(where: Self.bare.contains) && isOfPerson(name.context)
  }

  private static let bare: Set<String> = [
    "id", "uid", "uuid", "guid", "ident", "identifier", "identifiant", "identificador", "identificativo", "kennung",
    "nummer", "nr", "no", "num", "number", "numero", "nbr", "lfdnr",
  ]

  private static let neutral: Set<String> = ["record", "row", "rec", "unique", "lfd", "laufende", "internal", "global"]

  /// Returns whether the objects around a field are a person, or say nothing.
  private static func isOfPerson(_ context: [[String]]) -> Bool {
    guard let nearest = context.last(where: { !$0.allSatisfy(FieldWords.containers.contains) }) else { return true }
    return nearest.contains { FieldWords.people.contains($0) } && !nearest.contains { FieldWords.things.contains($0) }
  }

  /// Returns whether a name of several words is about something, and is not that itself: `has_email`, `phone_type`.
  private static func isAbout(_ own: [String]) -> Bool {
    guard own.count > 1, let first = own.first, let last = own.last else { return false }
    if FieldWords.nameNouns.contains(first), FieldWords.nameKinds.contains(last) { return false }
    if FieldWords.aboutLast.contains(last) || FieldWords.aboutFirst.contains(first) { return true }
    // `number of phones`, `nombre de cartes`; but `nombre de cliente` and `numero de telefono`.
    guard own.count > 2 else { return first == "num" && isPlural(last) }
    if own[1] == "of", ["number", "no", "num"].contains(first) { return true }
    return first == "nombre" && ["de", "d"].contains(own[1]) && !FieldWords.people.contains(own[2])
      && !FieldWords.nameKinds.contains(own[2])
  }

  private static func isPlural(_ word: String) -> Bool { word.hasSuffix("s") && !word.hasSuffix("ss") }

  // MARK: Patterns

  /// Returns whether a name matches a pattern of `FieldWords`.
  private static func matches(_ pattern: String, _ words: [String]) -> Bool {
    let bytes = pattern.utf8
    switch bytes.first {
    case UInt8(ascii: "="):
      return isJoined(words[...], bytes.dropFirst()) || words.count == 1 && isWord(words[0], bytes.dropFirst())
    case UInt8(ascii: "*"):
      let end = bytes.dropFirst()
      return words.contains { $0.utf8.count >= end.count && $0.utf8.suffix(end.count).elementsEqual(end) }
    default: break
    }
    if bytes.last == UInt8(ascii: "$") { return words.last.map { isWord($0, bytes.dropLast()) } ?? false }
    let blank = UInt8(ascii: " ")
    // Nothing is allocated unless the pattern has several words.
    guard bytes.contains(blank) else {
      return words.contains { $0.utf8.elementsEqual(bytes) } || words.last.map { isWord($0, bytes[...]) } ?? false
        || words.count > 1 && isJoined(words[...], bytes[...])
    }
    let wanted = bytes.split(separator: blank)
    for start in words.indices {
      if isWritten(words[start], wanted) { return true }
      guard words.count - start >= wanted.count else { continue }
      if zip(words[start...], wanted).allSatisfy({ isWord($0, $1) }) { return true }
    }
    return isJoined(words[...], bytes[...])
  }

  /// Returns whether a word is the pattern's, also in the plural.
  private static func isWord(_ word: String, _ pattern: Substring.UTF8View) -> Bool {
    let (have, want) = (word.utf8.count, pattern.count)
    if have == want { return word.utf8.elementsEqual(pattern) }
    guard have > want, have <= want + 2, want > 3, word.utf8.starts(with: pattern) else { return false }
    let end = word.utf8.suffix(have - want)
    return end.elementsEqual("s".utf8) || end.elementsEqual("es".utf8)
  }

  /// Returns whether one word is all words of a pattern, written together.
  private static func isWritten(_ word: String, _ wanted: [Substring.UTF8View]) -> Bool {
    guard word.utf8.count == wanted.reduce(0, { $0 + $1.count }) else { return false }
    return word.utf8.elementsEqual(wanted.joined())
  }

  /// Returns whether all words of a name, written together, are a pattern's.
  private static func isJoined(_ words: ArraySlice<String>, _ pattern: Substring.UTF8View) -> Bool {
    let blank = UInt8(ascii: " ")
    return words.lazy.map(\.utf8).joined().elementsEqual(pattern.lazy.filter { $0 != blank })
  }
}
