/// The letters (large) and digits of a short value, without what people put between them.
struct CompactText {
  static let longest = 40
  private(set) var bytes = InlineArray<40, UInt8>(repeating: 0)
  private(set) var count = 0
  private(set) var digits = 0

  /// Nil where anything but letters, digits, spaces and `-./` is in the value, or too much of it.
  init?(_ text: Span<UInt8>) {
    guard text.count <= 64 else { return nil }
    for index in text.indices {
      let byte = text[index]
      if byte &- 0x30 <= 9 {
        digits += 1
      } else if byte & 0xDF &- 0x41 < 26 {
      } else if byte == 0x20 || byte == 0x2D || byte == 0x2E || byte == 0x2F {
        continue
      } else {
        return nil
      }
      guard count < Self.longest else { return nil }
      bytes[count] = byte > 0x39 ? byte & 0xDF : byte
      count += 1
    }
  }

  var isAllDigits: Bool { digits == count }

  @inline(__always)
  subscript(index: Int) -> UInt8 { bytes[index] }

  /// A digit's value; 0 to 9 only where a digit stands.
  @inline(__always)
  func digit(_ index: Int) -> Int { Int(bytes[index]) - 0x30 }

  func isDigit(_ index: Int) -> Bool { bytes[index] &- 0x30 <= 9 }
  func isLetter(_ index: Int) -> Bool { bytes[index] &- 0x41 < 26 }

  func areDigits(_ range: Range<Int>) -> Bool { range.allSatisfy { isDigit($0) } }
  func areLetters(_ range: Range<Int>) -> Bool { range.allSatisfy { isLetter($0) } }

  /// The sum of digits times weights.
  func weighted(_ weights: [Int], from start: Int = 0) -> Int {
    weights.indices.reduce(0) { $0 + weights[$1] * digit(start + $1) }
  }

  /// A run of digits as a number; at most 18.
  func number(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + digit($1) } }
}
