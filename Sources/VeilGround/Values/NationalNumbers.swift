/// Numbers that states give to people, recognized by their check digits. A case is named after the country;
/// `title` is the scheme's own name.
package enum NationalNumber: Int, CaseIterable, Sendable {
  case spain, italy, brazil, poland, germany, france, netherlands, unitedKingdom, sweden, finland, belgium, india,
    canada,
    unitedStates

  package var title: String {
    switch self {
    case .spain: "Spanish DNI or NIE"
    case .italy: "Italian codice fiscale"
    case .brazil: "Brazilian CPF"
    case .poland: "Polish PESEL"
    case .germany: "German tax id"
    case .france: "French NIR"
    case .netherlands: "Dutch BSN"
    case .unitedKingdom: "NHS number"
    case .sweden: "Swedish personnummer"
    case .finland: "Finnish HETU"
    case .belgium: "Belgian national number"
    case .india: "Aadhaar number"
    case .canada: "Canadian SIN"
    case .unitedStates: "US social security number"
    }
  }

  /// Returns the schemes whose check digits the value passes. `raw` is the value as it is written, because some schemes
  /// are recognized by their separators.
  static func matches(_ text: CompactText, raw: Span<UInt8>) -> [NationalNumber] {
    guard 8...16 ~= text.count, text.digits >= 7 else { return [] }
    return allCases.filter { $0.isMet(by: text, raw) }
  }

  private func isMet(by text: CompactText, _ raw: Span<UInt8>) -> Bool {
    let count = text.count
    switch self {
    case .spain:
      guard count == 9, text.areDigits(1..<8), text.isLetter(8) else { return false }
      let first = text[0]
      let lead = text.isDigit(0) ? text.digit(0) : 0x58...0x5A ~= first ? Int(first) - 0x58 : -1
      return lead >= 0
        && text[8] == Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)[(lead * 10_000_000 + text.number(1..<8)) % 23]
    case .italy:
      guard count == 16, text.areLetters(0..<6), text.isLetter(8), text.isLetter(11), text.isLetter(15) else {
        return false
      }
      let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
      let sum = (0..<15).reduce(0) { sum, index in
        let value = text.isDigit(index) ? text.digit(index) : Int(text[index]) - 0x41
        return sum + (index % 2 == 0 ? odd[value] : value)
      }
      return Int(text[15]) - 0x41 == sum % 26
    case .brazil:
      guard count == 11, text.isAllDigits, !Self.isOneDigit(text) else { return false }
      func check(_ length: Int) -> Bool {
        let sum = (0..<length).reduce(0) { $0 + text.digit($1) * (length + 1 - $1) }
        return sum * 10 % 11 % 10 == text.digit(length)
      }
      return check(9) && check(10)
    case .poland:
      guard count == 11, text.isAllDigits else { return false }
      let month = text.number(2..<4) % 20
      return 1...12 ~= month && 1...31 ~= text.number(4..<6)
        && (10 - text.weighted([1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == text.digit(10)
    case .germany:
      guard count == 11, text.isAllDigits, text.digit(0) != 0 else { return false }
      var product = 10
      for index in 0..<10 {
        let sum = (text.digit(index) + product) % 10
        product = (sum == 0 ? 10 : sum) * 2 % 11
      }
      return (11 - product) % 10 == text.digit(10)
    case .france:
      guard count == 15, text.isAllDigits, 1...2 ~= text.digit(0), 1...12 ~= text.number(3..<5) else { return false }
      return 97 - text.number(0..<13) % 97 == text.number(13..<15)
    case .netherlands:
      guard count == 9, text.isAllDigits else { return false }
      let sum = text.weighted([9, 8, 7, 6, 5, 4, 3, 2]) - text.digit(8)
      return sum != 0 && sum % 11 == 0
    case .unitedKingdom:
      guard count == 10, text.isAllDigits else { return false }
      let check = 11 - text.weighted([10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11
      return (check == 11 ? 0 : check) == text.digit(9)
    case .sweden:
      guard count == 10 || count == 12, text.isAllDigits else { return false }
      let start = count - 10
      guard start == 0 || 18...20 ~= text.number(0..<2) else { return false }
      let day = text.number(start + 4..<start + 6) % 60
      return 1...12 ~= text.number(start + 2..<start + 4) && 1...31 ~= day && CheckDigits.luhn(text, start..<count)
    case .finland:
      // The compact form does not contain the `-` between date and number, but it contains a letter there.
      guard count == 10 || count == 11, text.areDigits(0..<6), 1...31 ~= text.number(0..<2),
        1...12 ~= text.number(2..<4)
      else { return false }
      let start = count == 11 ? 7 : 6
      guard count == 10 ? raw.count == 11 && (raw[6] == 0x2D || raw[6] == 0x2B) : text.isLetter(6),
        text.areDigits(start..<start + 3)
      else { return false }
      let number = text.number(0..<6) * 1000 + text.number(start..<start + 3)
      return text[start + 3] == Array("0123456789ABCDEFHJKLMNPRSTUVWXY".utf8)[number % 31]
    case .belgium:
      guard count == 11, text.isAllDigits, text.number(2..<4) <= 12, text.number(4..<6) <= 31 else { return false }
      let check = text.number(9..<11)
      return 97 - text.number(0..<9) % 97 == check || 97 - (2_000_000_000 + text.number(0..<9)) % 97 == check
    case .india: return count == 12 && text.isAllDigits && text.digit(0) > 1 && Self.verhoeff(text)
    case .canada: return count == 9 && text.isAllDigits && text.digit(0) != 0 && CheckDigits.luhn(text, 0..<9)
    case .unitedStates:
      // This number has no check digit, so only the written form `123-45-6789` identifies it.
      guard count == 9, text.isAllDigits, raw.count == 11, raw[3] == 0x2D, raw[6] == 0x2D else { return false }
      let area = text.number(0..<3)
      return area != 0 && area != 666 && area < 900 && text.number(3..<5) != 0 && text.number(5..<9) != 0
    }
  }

  private static func isOneDigit(_ text: CompactText) -> Bool { (1..<text.count).allSatisfy { text[$0] == text[0] } }

  /// Returns whether the check digit passes Verhoeff's scheme (1969): multiplication in the dihedral group of order
  /// ten.
  private static func verhoeff(_ text: CompactText) -> Bool {
    func product(_ a: Int, _ b: Int) -> Int {
      switch (a < 5, b < 5) {
      case (true, true): (a + b) % 5
      case (true, false): 5 + (a + b) % 5
      case (false, true): 5 + (a - b + 5) % 5
      case (false, false): (a - b + 5) % 5
      }
    }
    let permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    var check = 0
    for place in 0..<text.count {
      var digit = text.digit(text.count - 1 - place)
      for _ in 0..<place % 8 { digit = permutation[digit] }
      check = product(check, digit)
    }
    return check == 0
  }
}
