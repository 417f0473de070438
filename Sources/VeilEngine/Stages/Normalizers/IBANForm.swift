/// Implements iban/v1. Frozen: white space and a word `IBAN` at the front are removed, and letters are in upper case.
/// The rest must be two letters, two digits, and 11 to 30 letters and digits, with correct check digits (ISO 13616-1,
/// ISO/IEC 7064 MOD 97-10).
///
/// `iban: de89 3704 0044 0532 0130 00` has no form because of its colon; without it, it becomes
/// `DE89370400440532013000`.
enum IBANForm {
  static func append(_ value: Span<UInt8>, to out: inout ByteBuffer) -> Bool {
    var text = InlineArray<38, UInt8>(repeating: 0)
    var count = 0
    var index = 0
    while index < value.count {
      let byte = value[index]
      let width = value.scalarWidth(at: index)
      let isLetter = byte & 0xDF &- UInt8(ascii: "A") < 26
      if isLetter || byte &- UInt8(ascii: "0") <= 9 {
        guard count < 38 else { return false }
        text[count] = isLetter ? byte & 0xDF : byte
        count += 1
      } else if !Trim.isSpace(value.scalar(at: index, width: width)) {
        return false
      }
      index += width
    }
    let isNamed =
      count > 4 && text[0] == UInt8(ascii: "I") && text[1] == UInt8(ascii: "B") && text[2] == UInt8(ascii: "A")
      && text[3] == UInt8(ascii: "N")
    let start = isNamed ? 4 : 0
    guard 15...34 ~= count - start, text[start] > UInt8(ascii: "9"), text[start + 1] > UInt8(ascii: "9"),
      text[start + 2] <= UInt8(ascii: "9"), text[start + 3] <= UInt8(ascii: "9")
    else { return false }
    var rest = 0
    for place in 0..<count - start {
      // The first four characters are moved to the end.
      let byte = text[start + (place + 4) % (count - start)]
      rest = byte > UInt8(ascii: "9") ? (rest * 100 + Int(byte) - 55) % 97 : (rest * 10 + Int(byte) - 48) % 97
    }
    guard rest == 1 else { return false }
    for index in start..<count { out.append(text[index]) }
    return true
  }
}
