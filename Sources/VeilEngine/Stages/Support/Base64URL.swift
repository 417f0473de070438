/// Encodes and decodes base64url by RFC 4648, section 5, without padding: letters, digits, `-` and `_`.
enum Base64URL {
  static func characterCount(ofBytes count: Int) -> Int { (count * 8 + 5) / 6 }

  /// Appends `count` bytes as text.
  static func append(_ bytes: UnsafePointer<UInt8>, count: Int, to out: inout ByteBuffer) {
    out.reserve(characterCount(ofBytes: count))
    // Sound: reads stay below `count`, and room for all characters was just reserved.
    let target = unsafe out.end
    let letters = unsafe alphabet.utf8Start
    var written = 0
    var (held, bits): (UInt32, UInt32) = (0, 0)
    for index in 0..<count {
      held = unsafe held << 8 | UInt32(bytes[index])
      bits += 8
      while bits >= 6 {
        bits -= 6
        unsafe target[written] = letters[Int(held >> bits & 0x3F)]
        written += 1
      }
    }
    if bits > 0 {
      unsafe target[written] = letters[Int(held << (6 - bits) & 0x3F)]
      written += 1
    }
    out.advance(by: written)
  }

  /// Returns the bytes of a text; nil if it is not base64url, or not what `append` writes (bits left over at the end).
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (held, bits): (UInt32, UInt32) = (0, 0)
    for character in text {
      guard let value = value(of: character) else { return nil }
      held = held << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: held >> bits))
        held &= 1 << bits - 1
      }
    }
    return bits < 6 && held == 0 ? bytes : nil
  }

  /// Returns the six bits of a character; nil for one that is not in the alphabet.
  static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }

  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
}
