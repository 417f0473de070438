/// Searches for e-mail addresses within longer text. It knows the common part of the form in RFC 5321: letters, digits
/// and `.!#$%&+-_` on both sides of an `@`, and a dot before the last two or more letters.
enum EmailScan {
  static func finds(_ text: Span<UInt8>) -> Bool {
    for at in text.indices where text[at] == UInt8(ascii: "@") && isAddress(text, at) { return true }
    return false
  }

  private static func isAddress(_ text: Span<UInt8>, _ at: Int) -> Bool {
    guard at > 0, isLocal(text[at - 1]) else { return false }
    var end = at + 1
    var dot = at
    while end < text.count, isDomain(text[end]) || text[end] == UInt8(ascii: ".") {
      if text[end] == UInt8(ascii: ".") {
        // A dot after an address may be a full stop.
        guard end > dot + 1, end + 1 < text.count, isDomain(text[end + 1]) else { break }
        dot = end
      }
      end += 1
    }
    guard dot > at, end - dot > 2 else { return false }
    for index in (dot + 1)..<end where text[index] & 0xDF &- 0x41 >= 26 && text[index] < 0x80 { return false }
    return true
  }

  private static func isDomain(_ byte: UInt8) -> Bool {
    byte & 0xDF &- 0x41 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-") || byte >= 0x80
  }

  private static func isLocal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
      UInt8(ascii: "&"), UInt8(ascii: "+"), UInt8(ascii: "_"):
      true
    default: isDomain(byte)
    }
  }
}
