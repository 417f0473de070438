/// What a single value looks like. A value may look like several things: a card number is a whole number, too.
package enum ValueKind: Int, CaseIterable, Sendable {
  case integer, decimal, age, year, paddedNumber, boolean, date, dateTime, otherDate
  case email, phone, iban, card, ip, uuid, url, mac, vin, imei, latitude, longitude, coordinates
  case text, words, freeText
  /// A decimal number that the hierarchy `interval` can read.
  case decimalNumber
  /// One to four words, of which one is a frequent name of people.
  case personName
  /// A street's name and the number of a house.
  case street
  /// Capitals and digits side by side, as numbers of cars and members have them.
  case code

  /// The first bit of `NationalNumber`.
  package static let nationalBit = 32

  @inlinable package var bit: UInt64 { 1 << UInt64(rawValue) }
}

package enum ValueKinds {
  /// Returns the kinds of a value that is not empty, one bit each: the bits of `ValueKind`, and from bit 32 on those of
  /// `NationalNumber`.
  package static func of(_ text: Span<UInt8>) -> UInt64 {
    var scan = Scan(text)
    var kinds: UInt64 = 0
    if scan.isNumber { kinds |= number(text, &scan) }
    if scan.letters > 0 || scan.other > 0 { kinds |= ValueKind.text.bit }
    if text.count > 64 || scan.spaces >= 4 {
      if scan.letters * 2 > scan.length { kinds |= ValueKind.freeText.bit }
    } else if scan.spaces >= 1, scan.letters > 0 {
      kinds |= ValueKind.words.bit
    }
    if isBoolean(text) { kinds |= ValueKind.boolean.bit }
    if scan.ats == 1, isEmail(text) { kinds |= ValueKind.email.bit }
    if scan.dashes >= 2 || scan.dots == 2 || scan.slashes == 2 { kinds |= date(text) }
    if scan.colons >= 1 || scan.dots == 3 {
      if IPAddress(text) != nil { kinds |= ValueKind.ip.bit }
      if scan.colons == 5, isMAC(text, separator: 0x3A) { kinds |= ValueKind.mac.bit }
    }
    if scan.dashes == 5, isMAC(text, separator: 0x2D) { kinds |= ValueKind.mac.bit }
    if scan.dashes == 4, isUUID(text) { kinds |= ValueKind.uuid.bit }
    if scan.letters >= 3, scan.dots >= 1 || scan.colons >= 1, isURL(text) { kinds |= ValueKind.url.bit }
    if scan.commas == 1, isCoordinates(text) { kinds |= ValueKind.coordinates.bit }
    if scan.digits >= 7, text.count <= 48 {
      if kinds & (ValueKind.date.bit | ValueKind.dateTime.bit) == 0, isPhone(text, scan) {
        kinds |= ValueKind.phone.bit
      }
      if let compact = CompactText(text) {
        if scan.letters > 0, CheckDigits.iban(compact) { kinds |= ValueKind.iban.bit }
        if CheckDigits.card(compact) { kinds |= ValueKind.card.bit }
        if CheckDigits.imei(compact) { kinds |= ValueKind.imei.bit }
        if CheckDigits.vin(compact) { kinds |= ValueKind.vin.bit }
        for scheme in NationalNumber.matches(compact, raw: text) {
          kinds |= 1 << UInt64(ValueKind.nationalBit + scheme.rawValue)
        }
      }
    }
    return kinds
  }

  /// The number of characters of each sort in the first 256 bytes of a value.
  struct Scan {
    var length = 0
    var digits = 0
    var letters = 0
    var spaces = 0
    var dashes = 0
    var dots = 0
    var slashes = 0
    var colons = 0
    var commas = 0
    var ats = 0
    var pluses = 0
    var brackets = 0
    var other = 0

    init(_ text: Span<UInt8>) {
      length = min(text.count, 256)
      for index in 0..<length {
        let byte = text[index]
        switch byte {
        case 0x30...0x39: digits &+= 1
        case 0x41...0x5A, 0x61...0x7A, 0x80...: letters &+= 1
        case 0x20, 0x09, 0x0A, 0x0D: spaces &+= 1
        case 0x2D: dashes &+= 1
        case 0x2E: dots &+= 1
        case 0x2F: slashes &+= 1
        case 0x3A: colons &+= 1
        case 0x2C: commas &+= 1
        case 0x40: ats &+= 1
        case 0x2B: pluses &+= 1
        case 0x28, 0x29: brackets &+= 1
        default: other &+= 1
        }
      }
    }

    /// Whether the value consists of digits with at most one sign and one point.
    var isNumber: Bool { digits > 0 && dots <= 1 && dashes + pluses <= 1 && digits + dots + dashes + pluses == length }
  }

  private static func number(_ text: Span<UInt8>, _ scan: inout Scan) -> UInt64 {
    let signed = text[0] == 0x2D || text[0] == 0x2B
    if scan.dashes + scan.pluses > 0, !signed { return 0 }
    let first = signed ? 1 : 0
    var kinds: UInt64 = 0
    var whole = 0
    var place = first
    while place < text.count, text[place] != 0x2E {
      if place - first < 15 { whole = whole * 10 + Int(text[place] &- 0x30) }
      place += 1
    }
    let wholeDigits = place - first
    let fraction = max(0, text.count - place - 1)
    guard wholeDigits > 0 else { return 0 }
    if scan.dots == 0 {
      kinds |= ValueKind.integer.bit
      if wholeDigits > 1, text[first] == 0x30 {
        kinds |= ValueKind.paddedNumber.bit
      } else if !signed {
        if whole <= 120 { kinds |= ValueKind.age.bit }
        if 1900...2100 ~= whole { kinds |= ValueKind.year.bit }
      }
    } else {
      guard fraction > 0 else { return 0 }
      kinds |= ValueKind.decimal.bit
      if fraction >= 3, whole <= 180 {
        kinds |= ValueKind.longitude.bit
        if whole <= 90 { kinds |= ValueKind.latitude.bit }
      }
    }
    if wholeDigits <= 18 { kinds |= ValueKind.decimalNumber.bit }
    return kinds
  }

  private static let booleans: Set<[UInt8]> = Set(
    ["true", "false", "yes", "no", "t", "f", "y", "n", "ja", "nein", "oui", "non", "si", "0", "1"].map {
      Array($0.utf8)
    })

  private static func isBoolean(_ text: Span<UInt8>) -> Bool {
    guard text.count <= 5 else { return false }
    return booleans.contains((0..<text.count).map { text[$0] &- 0x41 < 26 ? text[$0] | 0x20 : text[$0] })
  }

  /// Returns whether the value has one `@` between a mailbox and a domain with a dot.
  static func isEmail(_ text: Span<UInt8>) -> Bool {
    var (first, last) = (0, text.count)
    while first < last, text[first] == 0x20 { first += 1 }
    while last > first, text[last - 1] == 0x20 { last -= 1 }
    guard last - first >= 6, last - first <= 254 else { return false }
    var at = -1
    var dot = -1
    for index in first..<last {
      let byte = text[index]
      if byte <= 0x20 || byte == 0x2C || byte == 0x3B || byte == 0x3C || byte == 0x3E || byte == 0x22 { return false }
      if byte == 0x40 {
        guard at < 0 else { return false }
        at = index
      } else if byte == 0x2E, at >= 0 {
        dot = index
      }
    }
    return at > first && dot > at + 1 && dot < last - 2
  }

  /// Recognizes ISO dates and times, and days in other orders of day, month and year.
  private static func date(_ text: Span<UInt8>) -> UInt64 {
    guard text.count >= 6 else { return 0 }
    if let date = ISODate(text) { return date.hasTime ? ValueKind.dateTime.bit : ValueKind.date.bit }
    var parts: [Int] = []
    var (number, digits) = (0, 0)
    let separator = [0x2D, 0x2E, 0x2F].first { sign in (0..<min(5, text.count)).contains { text[$0] == UInt8(sign) } }
    guard let separator else { return 0 }
    var end = text.count
    for index in 0...text.count {
      let byte = index < text.count ? text[index] : UInt8(separator)
      if byte &- 0x30 <= 9 {
        number = number * 10 + Int(byte - 0x30)
        digits += 1
        if digits > 4 { return 0 }
      } else if byte == UInt8(separator) || (parts.count == 2 && (byte == 0x20 || byte == 0x54)) {
        guard digits > 0 else { return 0 }
        parts.append(number)
        (number, digits) = (0, 0)
        if parts.count == 3 {
          end = index
          break
        }
      } else {
        return 0
      }
    }
    guard parts.count == 3, end == text.count || text[end] == 0x20 || text[end] == 0x54 else { return 0 }
    let isYearFirst = parts[0] > 31 && 1...12 ~= parts[1] && 1...31 ~= parts[2]
    let isYearLast = 1...31 ~= parts[0] && 1...31 ~= parts[1] && min(parts[0], parts[1]) <= 12
    return isYearFirst || isYearLast ? ValueKind.otherDate.bit : 0
  }

  package static func isMAC(_ text: Span<UInt8>, separator: UInt8) -> Bool {
    guard text.count == 17 else { return false }
    return (0..<17).allSatisfy { $0 % 3 == 2 ? text[$0] == separator : isHex(text[$0]) }
  }

  private static func isUUID(_ text: Span<UInt8>) -> Bool {
    guard text.count == 36 else { return false }
    return (0..<36).allSatisfy { [8, 13, 18, 23].contains($0) ? text[$0] == 0x2D : isHex(text[$0]) }
  }

  private static func isHex(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 6 }

  private static func isURL(_ text: Span<UInt8>) -> Bool {
    for prefix in ["http://", "https://", "www.", "ftp://"] {
      let bytes = Array(prefix.utf8)
      if text.count > bytes.count + 3,
        bytes.indices.allSatisfy({ (text[$0] &- 0x41 < 26 ? text[$0] | 0x20 : text[$0]) == bytes[$0] })
      {
        return true
      }
    }
    return false
  }

  /// Returns whether the value is a pair of coordinates like `48.2082, 16.3738`.
  private static func isCoordinates(_ text: Span<UInt8>) -> Bool {
    guard text.count <= 48, let comma = (0..<text.count).first(where: { text[$0] == 0x2C }) else { return false }
    func number(_ from: Int, _ to: Int) -> Double? {
      let bytes = (from..<to).map { text[$0] }.filter { $0 != 0x20 }
      return bytes.contains(0x2E) ? Double(String(decoding: bytes, as: UTF8.self)) : nil
    }
    guard let latitude = number(0, comma), let longitude = number(comma + 1, text.count) else { return false }
    return latitude.magnitude <= 90 && longitude.magnitude <= 180
  }

  /// Returns whether the value has 7 to 15 digits (ITU-T E.164), with the separators that people write between them,
  /// and a sign that it is dialled: `+`, a leading 0, or brackets, spaces or dashes.
  private static func isPhone(_ text: Span<UInt8>, _ scan: Scan) -> Bool {
    guard 7...15 ~= scan.digits, scan.letters == 0, scan.other == 0, scan.colons == 0, scan.commas == 0, scan.ats == 0,
      scan.pluses <= 1
    else { return false }
    if scan.pluses == 1 { return text[0] == 0x2B || text[0] == 0x28 || text[0] == 0x20 }
    if text[0] == 0x30 { return scan.digits >= 9 && scan.dots == 0 }
    return scan.brackets == 2 || (scan.spaces + scan.dashes >= 2 && scan.digits >= 9 && scan.slashes == 0)
  }
}
