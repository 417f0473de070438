import VeilGround

/// What a value shows of identifiers of people, accounts and devices, as one bit for each sign.
///
/// Some signs are certain: a value has them by a form that hardly anything else has, and they are found within longer
/// text, too. The others are only likely: one in ten numbers of the right length passes a check digit by chance, so many
/// values of a field must have them (`IdentifierTally`).
struct IdentifierSigns: OptionSet, Sendable {
  let rawValue: UInt32

  // Certain, also within text.
  static let email = Self(rawValue: 1 << 0)
  /// A number with `+` and a country's code.
  static let dialled = Self(rawValue: 1 << 1)
  static let iban = Self(rawValue: 1 << 2)
  /// A card's number in groups of four digits.
  static let groupedCard = Self(rawValue: 1 << 3)
  static let mac = Self(rawValue: 1 << 4)
  // Found in text, too, and likely.
  /// A person's first and last name.
  static let fullName = Self(rawValue: 1 << 5)
  /// A member of an object that is called like what names a person.
  static let namedMember = Self(rawValue: 1 << 6)
  // Likely.
  static let ip = Self(rawValue: 1 << 8)
  static let vin = Self(rawValue: 1 << 9)
  static let imei = Self(rawValue: 1 << 10)
  static let card = Self(rawValue: 1 << 11)
  /// Digits as people write phone numbers.
  static let phone = Self(rawValue: 1 << 12)
  // No identifiers of people by themselves, but hardly ever shared.
  static let moment = Self(rawValue: 1 << 27)
  static let place = Self(rawValue: 1 << 28)
  static let code = Self(rawValue: 1 << 29)
  static let longText = Self(rawValue: 1 << 30)

  /// The first bit of `NationalNumber`.
  static let nationalBit = 13

  static func national(_ number: NationalNumber) -> Self {
    Self(rawValue: 1 << UInt32(nationalBit + number.rawValue))
  }

  static let certain: Self = [.email, .dialled, .iban, .groupedCard, .mac]
  /// Values that differ from record to record by their nature, whoever the record is about.
  static let seldomShared: Self = [
    .email, .dialled, .iban, .mac, .vin, .imei, .card, .moment, .place, .code, .longText,
  ]

  /// Returns the signs of a value that is not empty.
  static func of(_ text: Span<UInt8>) -> Self {
    let kinds = ValueKinds.of(text)
    var signs = Self()
    func note(_ kind: ValueKind, _ sign: Self) { if kinds & kind.bit != 0 { signs.insert(sign) } }
    note(.ip, .ip)
    note(.vin, .vin)
    note(.imei, .imei)
    note(.card, .card)
    if kinds & ValueKind.phone.bit != 0, TextIdentifiers.isWrittenAsPhone(text) { signs.insert(.phone) }
    note(.mac, .mac)
    note(.dateTime, .moment)
    note(.coordinates, .place)
    note(.uuid, .code)
    note(.url, .code)
    note(.freeText, .longText)
    let national = UInt32(truncatingIfNeeded: kinds >> UInt64(ValueKind.nationalBit))
    let all = (UInt32(1) << UInt32(NationalNumber.allCases.count)) - 1
    signs.formUnion(Self(rawValue: (national & all) << UInt32(nationalBit)))
    // The number of a book (ISBN-10) has the check digit of an NHS number, and is written in four groups.
    if signs.contains(.national(.unitedKingdom)), TextIdentifiers.hasGroupsOfBook(text) {
      signs.remove(.national(.unitedKingdom))
    }
    signs.formUnion(TextIdentifiers.signs(in: text))
    if FullNames.finds(text) { signs.insert(.fullName) }
    return signs
  }
}

/// Finds identifiers within longer text by their form.
enum TextIdentifiers {
  static func signs(in text: Span<UInt8>) -> IdentifierSigns {
    var signs = IdentifierSigns()
    var digits = 0
    var colons = 0
    var dashes = 0
    var hasAt = false
    for index in text.indices {
      let byte = text[index]
      if byte &- 0x30 < 10 { digits += 1 }
      if byte == 0x3A { colons += 1 }
      if byte == 0x2D { dashes += 1 }
      if byte == 0x40 { hasAt = true }
    }
    if hasAt, EmailScan.finds(text) { signs.insert(.email) }
    guard digits >= 9 || colons >= 5 || dashes >= 5 else { return signs }
    for index in text.indices where index == 0 || !isWord(text[index - 1]) {
      let byte = text[index]
      if byte == 0x2B {
        if isDialled(text, index) { signs.insert(.dialled) }
      } else if byte & 0xDF &- 0x41 < 26 {
        if digits >= 9, isIBAN(text, index) { signs.insert(.iban) }
      } else if byte &- 0x30 < 10, digits >= 16, isGroupedCard(text, index) {
        signs.insert(.groupedCard)
      }
      if colons >= 5 || dashes >= 5, isMAC(text, index) { signs.insert(.mac) }
    }
    return signs
  }

  /// Returns whether a row of 7 to 15 digits with separators is one that people dial: it begins with a trunk or
  /// international prefix (0, 00) or a bracket, or has the groups of North America. Numbers of orders and books often
  /// have as many digits and dashes.
  static func isWrittenAsPhone(_ text: Span<UInt8>) -> Bool {
    let groups = groups(of: text)
    let digits = groups.reduce(0, +)
    guard let last = groups.last, text[0] != 0x2B else { return !groups.isEmpty }
    if text[0] == 0x28 { return last >= 2 }
    if text[0] != 0x30 { return groups == [3, 3, 4] && text[0] > 0x31 }
    guard text.count > 2, text[1] != 0x30 || text[2] != 0x30 else { return false }
    // The group of a book's check digit (ISBN) is one digit; goods have 12 or 13 in a row.
    return groups.count > 1 ? last >= 2 : text[1] == 0x30 ? digits >= 11 : 10...11 ~= digits
  }

  static func hasGroupsOfBook(_ text: Span<UInt8>) -> Bool {
    let groups = groups(of: text)
    return groups.count == 4 && groups[3] == 1
  }

  /// Returns how many digits each group has.
  private static func groups(of text: Span<UInt8>) -> [Int] {
    var groups: [Int] = []
    var inGroup = false
    for index in text.indices {
      let isDigit = text[index] &- 0x30 < 10
      if isDigit { if inGroup { groups[groups.count - 1] += 1 } else { groups.append(1) } }
      inGroup = isDigit
    }
    return groups
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || byte & 0xDF &- 0x41 < 26 || byte >= 0x80
  }

  private static func ends(_ text: Span<UInt8>, _ end: Int) -> Bool { end >= text.count || !isWord(text[end]) }

  /// Returns whether `+`, 9 to 15 digits (ITU-T E.164) and what people write between them begin here.
  private static func isDialled(_ text: Span<UInt8>, _ start: Int) -> Bool {
    guard start + 1 < text.count, text[start + 1] &- 0x31 < 9 else { return false }
    var digits = 0
    var signs = 0
    var dots = 0
    var others = 0
    var end = start + 1
    while end < text.count {
      let byte = text[end]
      if byte &- 0x30 < 10 {
        digits += 1
        signs = 0
      } else if byte == 0x20 || byte == 0x28 || byte == 0x29 || byte == 0x2D || byte == 0x2F || byte == 0x2E {
        // `+43 (0) 1 234` has two signs in a row.
        signs += 1
        if byte != 0x2E {
          others += 1
        } else if end + 1 < text.count, text[end + 1] &- 0x30 < 10 {
          dots += 1
        }
        if signs > 2 { break }
      } else {
        break
      }
      end += 1
    }
    // `+12345678.25` is an amount.
    if dots == 1, others == 0 { return false }
    return 9...15 ~= digits && (signs > 0 || ends(text, end))
  }

  /// Returns whether an IBAN of a country of the registry (ISO 13616) begins here, with or without blanks.
  private static func isIBAN(_ text: Span<UInt8>, _ start: Int) -> Bool {
    guard start + 15 <= text.count, text[start + 1] & 0xDF &- 0x41 < 26, text[start + 2] &- 0x30 < 10,
      text[start + 3] &- 0x30 < 10,
      let length = lengths[UInt16(text[start] & 0xDF) << 8 | UInt16(text[start + 1] & 0xDF)]
    else { return false }
    var found = 0
    var end = start
    while end < text.count, found < length {
      if text[end] &- 0x30 < 10 || text[end] & 0xDF &- 0x41 < 26 {
        found += 1
      } else if text[end] != 0x20 || text[end - 1] == 0x20 {
        return false
      }
      end += 1
    }
    guard found == length, ends(text, end), let compact = CompactText(text.extracting(start..<end)) else {
      return false
    }
    return CheckDigits.iban(compact)
  }

  /// Returns whether four groups of four digits that are a card's number begin here.
  private static func isGroupedCard(_ text: Span<UInt8>, _ start: Int) -> Bool {
    guard start + 19 <= text.count, ends(text, start + 19) else { return false }
    let separator = text[start + 4]
    guard separator == 0x20 || separator == 0x2D else { return false }
    for place in 0..<19 {
      let byte = text[start + place]
      guard place % 5 == 4 ? byte == separator : byte &- 0x30 < 10 else { return false }
    }
    guard let compact = CompactText(text.extracting(start..<start + 19)) else { return false }
    return CheckDigits.card(compact)
  }

  private static func isMAC(_ text: Span<UInt8>, _ start: Int) -> Bool {
    guard start + 17 <= text.count, ends(text, start + 17) else { return false }
    let separator = text[start + 2]
    guard separator == 0x3A || separator == 0x2D else { return false }
    // A longer row of pairs is another thing.
    guard start + 17 == text.count || text[start + 17] != separator, start == 0 || text[start - 1] != separator else {
      return false
    }
    return ValueKinds.isMAC(text.extracting(start..<start + 17), separator: separator)
  }

  /// How many characters an IBAN has, by the letters of its country.
  private static let lengths: [UInt16: Int] = {
    let table =
      "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 "
      + "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 "
      + "LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 "
      + "ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    var lengths: [UInt16: Int] = [:]
    for entry in table.split(separator: " ") {
      let bytes = Array(entry.utf8)
      lengths[UInt16(bytes[0]) << 8 | UInt16(bytes[1])] = Int(entry.dropFirst(2))
    }
    return lengths
  }()
}
