/// Tells keys from what was taken for one by mistake. A key is random bytes; a text, a table or a row of zeros is not, and
/// tokens made with it can be guessed.
enum KeyStrength {
  enum Weakness: Equatable, Sendable {
    /// There are so few different bytes that they cannot be random.
    case monotonous
    case words
    case table
    case json
  }

  /// 32 random bytes have 26 to 32 different ones; fewer than this many happen once in 10^20 keys.
  private static let leastDifferent = 12

  static func weakness(of key: SecretBytes) -> Weakness? {
    // Sound: the bytes are lent until `find` returns, which keeps nothing of them.
    unsafe key.withUnsafeBytes { unsafe find($0.assumingMemoryBound(to: UInt8.self).span) }
  }

  private static func find(_ bytes: Span<UInt8>) -> Weakness? {
    var isThere = [Bool](repeating: false, count: 256)
    for index in bytes.indices { isThere[Int(bytes[index])] = true }
    if isThere.count(where: \.self) < leastDifferent { return .monotonous }
    guard let lines = lines(bytes) else { return nil }
    if isEnclosed(bytes) { return .json }
    if lines.count > 1, isTable(lines, bytes) { return .table }
    return isWords(bytes) ? .words : nil
  }

  /// Returns the lines that hold something, or nil if the bytes are no text.
  private static func lines(_ bytes: Span<UInt8>) -> [Range<Int>]? {
    var lines: [Range<Int>] = []
    var start = 0
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x0A || byte == 0x0D {
        if index > start { lines.append(start..<index) }
        start = index + 1
      } else if byte < 0x20 && byte != 0x09 || byte == 0x7F {
        return nil
      }
    }
    if bytes.count > start { lines.append(start..<bytes.count) }
    return (try? UTF8Span(validating: bytes)) == nil ? nil : lines
  }

  /// An object or an array: no random text begins and ends so.
  private static func isEnclosed(_ bytes: Span<UInt8>) -> Bool {
    func isSpace(_ index: Int) -> Bool { bytes[index] == 0x20 || 0x09...0x0D ~= bytes[index] }
    guard let first = bytes.indices.first(where: { !isSpace($0) }),
      let last = bytes.indices.last(where: { !isSpace($0) })
    else { return false }
    return (bytes[first], bytes[last]) == (UInt8(ascii: "{"), UInt8(ascii: "}"))
      || (bytes[first], bytes[last]) == (UInt8(ascii: "["), UInt8(ascii: "]"))
  }

  /// Several lines that are not the lines of one long base64 or hexadecimal text: those are equally long but for the last.
  private static func isTable(_ lines: [Range<Int>], _ bytes: Span<UInt8>) -> Bool {
    let width = lines[0].count
    let isEncoded =
      width >= 32 && lines.dropLast().allSatisfy { $0.count == width } && lines[lines.count - 1].count <= width
    let separators: [UInt8] = [0x2C, 0x3B, 0x09, 0x7C, 0x20]
    return !isEncoded || bytes.indices.contains { separators.contains(bytes[$0]) }
  }

  /// Words with something between them, which take most of the text. Bytes beyond ASCII count as small letters.
  private static func isWords(_ bytes: Span<UInt8>) -> Bool {
    var (words, letters, length, isMixed, wasSmall) = (0, 0, 0, false, false)
    func end() {
      if length >= 2, !isMixed {
        words += 1
        letters += length
      }
      (length, isMixed) = (0, false)
    }
    for index in bytes.indices {
      let byte = bytes[index]
      let isCapital = 0x41...0x5A ~= byte
      let isSmall = 0x61...0x7A ~= byte || byte >= 0x80
      if isCapital || isSmall {
        // A capital behind a small letter stands within no word.
        if length > 0, isCapital, wasSmall { isMixed = true }
        length += 1
      } else {
        end()
      }
      wasSmall = isSmall
    }
    end()
    return words >= 3 && 10 * letters >= 7 * bytes.count
  }
}
