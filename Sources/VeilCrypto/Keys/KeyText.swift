/// A key in its written form: raw bytes, or text after a `hex:` or `base64:` prefix.
enum KeyText {
  /// The smallest number of bytes in a key: the security strength of HMAC-SHA-256.
  static let leastByteCount = 32

  /// Returns the key that `text` stands for.
  ///
  /// White space around text with a prefix is ignored. Raw bytes are taken exactly as they are; only if the text comes
  /// from a variable or a command (`endsInNewline`), one newline at the end is removed, because it belongs to the
  /// output and not to the key. Text that begins almost with a prefix is refused: taken as raw bytes, it would be
  /// another key than the user meant.
  static func decode(_ text: SecretBytes, endsInNewline: Bool) throws(KeyError.Reason) -> SecretBytes {
    let key = try unsafe text.withUnsafeBytes { bytes throws(KeyError.Reason) -> SecretBytes in
      let trimmed = unsafe trim(bytes)
      if unsafe trimmed.starts(with: "hex:".utf8) {
        return try unsafe decodeHex(UnsafeRawBufferPointer(rebasing: trimmed.dropFirst(4)))
      }
      if unsafe trimmed.starts(with: "base64:".utf8) {
        return try unsafe decodeBase64(UnsafeRawBufferPointer(rebasing: trimmed.dropFirst(7)))
      }
      guard unsafe !isAlmostPrefixed(trimmed) else { throw .misspeltPrefix }
      guard unsafe !trimmed.starts(with: "veil-wrapped/".utf8) else { throw .isWrapped }
      guard unsafe endsInNewline && bytes.last == UInt8(ascii: "\n") else { return text }
      return unsafe SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes.dropLast()))
    }
    guard key.count >= leastByteCount else { throw .tooShort(byteCount: key.count, needed: leastByteCount) }
    if let weakness = KeyStrength.weakness(of: key) { throw .weak(weakness) }
    return key
  }

  private static func trim(_ bytes: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    var slice = unsafe bytes[...]
    while let first = unsafe slice.first, isSpace(first) { unsafe slice.removeFirst() }
    while let last = unsafe slice.last, isSpace(last) { unsafe slice.removeLast() }
    return unsafe slice
  }

  private static func isAlmostPrefixed(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let rest = unsafe text.starts(with: byteOrderMark) ? text.dropFirst(3) : text
    return ["hex:", "base64:"].contains { prefix in
      // The bit 0x20 distinguishes the cases of a letter; digits and the colon already have it.
      unsafe rest.prefix(prefix.utf8.count).elementsEqual(prefix.utf8) { $0 | 0x20 == $1 }
    }
  }

  private static func decodeHex(_ digits: UnsafeRawBufferPointer) throws(KeyError.Reason) -> SecretBytes {
    guard digits.count % 2 == 0 else { throw .malformedHex }
    return try unsafe SecretBytes(count: digits.count / 2) {
      (key: UnsafeMutableRawBufferPointer) throws(KeyError.Reason) in
      for index in key.indices {
        guard let high = unsafe Hex.value(digits[2 * index]), let low = unsafe Hex.value(digits[2 * index + 1])
        else { throw .malformedHex }
        unsafe key[index] = high << 4 | low
      }
    }
  }

  /// Decodes RFC 4648, section 4: the standard alphabet, padded, with zeros in the bits that no byte uses.
  private static func decodeBase64(_ text: UnsafeRawBufferPointer) throws(KeyError.Reason) -> SecretBytes {
    let padding = unsafe text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard text.count % 4 == 0 else { throw .malformedBase64 }
    return try unsafe SecretBytes(count: text.count / 4 * 3 - padding) {
      (key: UnsafeMutableRawBufferPointer) throws(KeyError.Reason) in
      var bits: UInt32 = 0
      var bitCount = 0
      var written = 0
      for index in 0..<text.count - padding {
        guard let value = unsafe base64Value(text[index]) else { throw .malformedBase64 }
        bits = bits << 6 | value
        bitCount += 6
        if bitCount >= 8 {
          bitCount -= 8
          unsafe key[written] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
          bits &= (1 << UInt32(bitCount)) - 1
          written += 1
        }
      }
      guard bits == 0 else { throw .malformedBase64 }
    }
  }

  private static func base64Value(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
