/// Whether a name looks like somebody's value. An object may map people to something, and then its names are personal
/// data; so may the header of a CSV file that has none.
package enum ValueLook {
  /// The most digits that a name may have next to each other, with only signs such as `-`, `/` or a blank between.
  private static let mostDigits = 6

  /// Returns whether a name is like an e-mail address, an internet address, a date, or a number as long as a phone's.
  package static func isLikeValue(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return isLikeAddress(bytes) || isLikeNumber(bytes) || isLikeDate(bytes)
      || bytes.count >= 7 && bytes.count <= 45 && IPAddress(bytes.span) != nil
  }

  private static func isLikeAddress(_ bytes: [UInt8]) -> Bool {
    guard let at = bytes.firstIndex(of: UInt8(ascii: "@")), at > 0 else { return false }
    return bytes[(at + 1)...].dropFirst().contains(UInt8(ascii: "."))
  }

  /// Returns whether more digits stand together than in the name of a field. In hexadecimal, letters count as well.
  private static func isLikeNumber(_ bytes: [UInt8]) -> Bool {
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

  /// Returns whether a name is three short numbers with one sign between, the longest of four digits.
  private static func isLikeDate(_ bytes: [UInt8]) -> Bool {
    guard let sign = bytes.first(where: { $0 &- 0x30 > 9 }), [0x2D, 0x2E, 0x2F].contains(sign) else { return false }
    let parts = bytes.split(separator: sign, omittingEmptySubsequences: false)
    return parts.count == 3 && parts.allSatisfy { 1...4 ~= $0.count && $0.allSatisfy { $0 &- 0x30 <= 9 } }
      && bytes.count >= 6
  }
}
