/// Whether a name looks like somebody's value. An object may map people to something, and then its names are personal
/// data; so may the header of a CSV file that has none.
///
/// This is the only place that says so: errors, reports, proposals and the look at a header ask here.
package enum ValueLook {
  /// The most digits that a name may have next to each other, with only signs such as `-`, `/` or a blank between.
  private static let mostDigits = 6

  /// Returns whether a name is like an e-mail address, a date, a number as long as a phone's, a person's name or the like.
  package static func isLikeValue(_ name: String) -> Bool {
    sure(name) != nil || isLikeNumber(Array(name.utf8)) || PersonNames.isLikeName(name)
  }

  /// Returns what a value surely is that no name of a field looks like, for a message; no part of the value.
  package static func sure(_ name: String) -> String? {
    let bytes = Array(name.utf8)
    guard !bytes.isEmpty else { return nil }
    let kinds = ValueKinds.of(bytes.span)
    let words: [(ValueKind, String)] = [
      (.email, "an e-mail address"), (.iban, "an IBAN"), (.card, "a card number"), (.ip, "an IP address"),
      (.uuid, "a UUID"), (.mac, "a device's address"), (.url, "a web address"), (.date, "a date"),
      (.dateTime, "a time"), (.otherDate, "a date"), (.phone, "a phone number"), (.vin, "a vehicle's number"),
      (.imei, "a device's number"), (.coordinates, "a place"),
    ]
    if let word = words.first(where: { kinds & $0.0.bit != 0 }), !isYears(bytes) { return word.1 }
    if kinds >> UInt64(ValueKind.nationalBit) != 0, !isYears(bytes) { return "a national number" }
    return isLikeAddress(bytes) ? "an e-mail address" : nil
  }

  private static func isLikeAddress(_ bytes: [UInt8]) -> Bool {
    guard let at = bytes.firstIndex(of: UInt8(ascii: "@")), at > 0 else { return false }
    return bytes[(at + 1)...].dropFirst().contains(UInt8(ascii: "."))
  }

  /// Returns whether more digits stand together than in the name of a field. In hexadecimal, letters count as well.
  private static func isLikeNumber(_ bytes: [UInt8]) -> Bool {
    if isYears(bytes) { return false }
    var digits = 0
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "+"), UInt8(ascii: ":"):
        continue
      default: digits = 0
      }
      if digits > mostDigits { return true }
    }
    let isHex = bytes.allSatisfy {
      $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 6 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":")
    }
    return isHex && bytes.count >= 12 && bytes.contains { $0 &- 0x30 <= 9 }
  }

  /// Returns whether this is two years, as the name of a school year is: `2019-2020`, `2019/2020`.
  private static func isYears(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == 9, bytes[4] &- 0x30 > 9 else { return false }
    let years = [bytes[..<4], bytes[5...]].compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    return years.count == 2 && years.allSatisfy { 1500...2200 ~= $0 }
  }
}
