/// The letters (as capitals) and digits of a short value, without the spaces and signs that people write between them.
package struct CompactText {
  static let longest = 40
  private(set) var bytes = InlineArray<40, UInt8>(repeating: 0)
  private(set) var count = 0
  private(set) var digits = 0

  /// Returns nil if the value is too long or has other characters than letters, digits, spaces and `-./`.
  package init?(_ text: Span<UInt8>) {
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

  /// Returns the value of a digit; it is 0 to 9 only if the character is a digit.
  @inline(__always)
  func digit(_ index: Int) -> Int { Int(bytes[index]) - 0x30 }

  func isDigit(_ index: Int) -> Bool { bytes[index] &- 0x30 <= 9 }
  func isLetter(_ index: Int) -> Bool { bytes[index] &- 0x41 < 26 }

  func areDigits(_ range: Range<Int>) -> Bool { range.allSatisfy { isDigit($0) } }
  func areLetters(_ range: Range<Int>) -> Bool { range.allSatisfy { isLetter($0) } }

  /// Returns the sum of the products of digits and weights.
  func weighted(_ weights: [Int], from start: Int = 0) -> Int {
    weights.indices.reduce(0) { $0 + weights[$1] * digit(start + $1) }
  }

  /// Returns a range of at most 18 digits as a number.
  func number(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + digit($1) } }
}
