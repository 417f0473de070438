/// The sorts of characters in a value, without the characters themselves: `x` for lowercase letters, `X` for capitals,
/// `9` for digits; runs are counted (`X9{6}`). Common signs are shown as they are, and all other characters as `?`.
enum ValueShape {
  static let longest = 32

  /// Returns the text of a shape, at most 64 bytes; nil if the value is too long.
  static func of(_ text: Span<UInt8>) -> [UInt8]? {
    guard text.count <= longest else { return nil }
    var shape: [UInt8] = []
    var index = 0
    while index < text.count {
      let sign = symbol(text[index])
      let start = index
      repeat {
        index += 1
        // The following bytes of a UTF-8 sequence are not characters of their own.
        while index < text.count, text[index] & 0xC0 == 0x80 { index += 1 }
      } while index < text.count && symbol(text[index]) == sign
      var run = 0
      for place in start..<index where text[place] & 0xC0 != 0x80 { run += 1 }
      shape.append(sign)
      if run > 1 { shape += Array("{\(run)}".utf8) }
    }
    return shape
  }

  private static func symbol(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x30...0x39: UInt8(ascii: "9")
    case 0x41...0x5A: UInt8(ascii: "X")
    case 0x61...0x7A, 0x80...: UInt8(ascii: "x")
    case 0x20, 0x2D, 0x2E, 0x2F, 0x3A, 0x40, 0x2B, 0x5F, 0x28, 0x29, 0x2C: byte
    default: UInt8(ascii: "?")
    }
  }
}
