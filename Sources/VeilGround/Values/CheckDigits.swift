/// Check digits of numbers that identify one person, account or thing. Each function takes the letters and digits of a
/// value.
package enum CheckDigits {
  /// Returns whether the digits of a range pass the test of ISO/IEC 7812-1, annex B (Luhn).
  static func luhn(_ text: CompactText, _ range: Range<Int>) -> Bool {
    var sum = 0
    var doubles = false
    for index in range.reversed() {
      let digit = text.digit(index) * (doubles ? 2 : 1)
      sum += digit > 9 ? digit - 9 : digit
      doubles.toggle()
    }
    return sum % 10 == 0
  }

  /// Returns whether this is a payment card's number: 13 to 19 digits of a known issuer range (ISO/IEC 7812) that pass
  /// Luhn's test.
  package static func card(_ text: CompactText) -> Bool {
    guard text.isAllDigits, 13...19 ~= text.count, luhn(text, 0..<text.count) else { return false }
    let two = text.number(0..<2)
    let four = text.number(0..<4)
    switch text.count {
    case 13, 19: return text[0] == 0x34 || (text.count == 19 && (two == 62 || four == 6011 || two == 65))
    case 14: return two == 36 || two == 38 || 300...305 ~= four / 10
    case 15: return two == 34 || two == 37 || 3528...3589 ~= four
    case 16:
      return text[0] == 0x34 || 51...55 ~= two || 2221...2720 ~= four || four == 6011 || two == 65 || two == 62
        || 3528...3589 ~= four || 50...58 ~= two || two == 67
    default: return two == 62 || 50...58 ~= two || two == 63 || two == 67
    }
  }

  /// Returns whether this is an IBAN (ISO 13616-1): country, two check digits, 11 to 30 characters; ISO/IEC 7064 MOD
  /// 97-10.
  package static func iban(_ text: CompactText) -> Bool {
    guard 15...34 ~= text.count, text.areLetters(0..<2), text.areDigits(2..<4) else { return false }
    var rest = 0
    for place in 0..<text.count {
      let byte = text[(place + 4) % text.count]
      rest = byte > 0x39 ? (rest * 100 + Int(byte) - 55) % 97 : (rest * 10 + Int(byte) - 48) % 97
    }
    return rest == 1
  }

  /// Returns whether this is a vehicle identification number with North America's check digit (49 CFR 565.15).
  static func vin(_ text: CompactText) -> Bool {
    guard text.count == 17, text.digits >= 5, text.digits < 17 else { return false }
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    // The values of the letters A to Z; I, O and Q do not occur.
    let letters = [1, 2, 3, 4, 5, 6, 7, 8, -1, 1, 2, 3, 4, 5, -1, 7, -1, 9, 2, 3, 4, 5, 6, 7, 8, 9]
    var sum = 0
    for index in 0..<17 {
      let value = text.isDigit(index) ? text.digit(index) : letters[Int(text[index]) - 0x41]
      guard value >= 0 else { return false }
      sum += value * weights[index]
    }
    return sum % 11 == 10 ? text[8] == UInt8(ascii: "X") : text.isDigit(8) && text.digit(8) == sum % 11
  }

  /// Returns whether this is a mobile device's IMEI: 15 digits that pass Luhn's test.
  static func imei(_ text: CompactText) -> Bool {
    text.isAllDigits && text.count == 15 && luhn(text, 0..<15) && [1, 3, 4, 5, 8, 9, 0].contains(text.digit(0))
  }
}
