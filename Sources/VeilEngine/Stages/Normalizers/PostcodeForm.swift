/// Implements postcode/v1. Frozen: spaces and hyphens are removed, and letters are in upper case. With a region, its
/// code may be at the front and is removed, and the rest must have that region's form; of nine American digits the
/// first five stay. Without a region: 3 to 10 letters and digits, at least one of them a digit.
///
/// `sw1a 1aa` becomes `SW1A1AA`. In DE `D-10115` has no form and `DE-10115` becomes `10115`. In US `94103-1234` becomes
/// `94103`. It is not checked that a postcode exists.
struct PostcodeForm: Sendable {
  /// Each pattern is a text of `A` (a letter), `9` (a digit) and `X` (either).
  private let patterns: [[UInt8]]

  static func append(
    _ value: Span<UInt8>, region: String?, form: PostcodeForm?, to out: inout ByteBuffer
  ) -> Bool {
    let core = Trim.core(of: value)
    var text = InlineArray<16, UInt8>(repeating: 0)
    var count = 0
    var hasDigit = false
    for index in core {
      switch value[index] {
      case UInt8(ascii: " "), UInt8(ascii: "-"): continue
      case let byte where byte &- UInt8(ascii: "0") <= 9:
        hasDigit = true
        guard count < 16 else { return false }
        text[count] = byte
      case let byte where byte & 0xDF &- UInt8(ascii: "A") < 26:
        guard count < 16 else { return false }
        text[count] = byte & 0xDF
      default: return false
      }
      count += 1
    }
    var range = 0..<count
    if let form, let region {
      if !form.matches(text, range) {
        let prefix = Array(region.utf8)
        guard count > 2, text[0] == prefix[0], text[1] == prefix[1], form.matches(text, 2..<count) else { return false }
        range = 2..<count
      }
      if region == "US" { range = range.lowerBound..<range.lowerBound + 5 }
    } else if !(3...10 ~= count && hasDigit) {
      return false
    }
    for index in range { out.append(text[index]) }
    return true
  }

  private func matches(_ text: InlineArray<16, UInt8>, _ range: Range<Int>) -> Bool {
    patterns.contains { pattern in
      guard pattern.count == range.count else { return false }
      for (place, index) in range.enumerated() {
        let isDigit = text[index] <= UInt8(ascii: "9")
        if pattern[place] == UInt8(ascii: isDigit ? "A" : "9") { return false }
      }
      return true
    }
  }

  static var names: [String] { table.split(separator: "\n").map { String($0.prefix(2)) } }

  init?(region: String) {
    guard let line = Self.table.split(separator: "\n").first(where: { $0.hasPrefix(region + " ") }) else { return nil }
    patterns = line.split(separator: " ").dropFirst().map { Array($0.utf8) }
  }

  private static let table = """
    AT 9999
    AU 9999
    BE 9999
    BG 9999
    CA A9A9A9
    CH 9999
    CZ 99999
    DE 99999
    DK 9999
    EE 99999
    ES 99999
    FI 99999
    FR 99999
    GB A99AA A999AA AA99AA AA999AA A9A9AA AA9A9AA
    GR 99999
    HR 99999
    HU 9999
    IE A99XXXX A9AXXXX
    IN 999999
    IT 99999
    JP 9999999
    LI 9999
    LT 99999
    LU 9999
    LV 9999
    NL 9999AA
    NO 9999
    PL 99999
    PT 9999999
    RO 999999
    SE 99999
    SI 9999
    SK 99999
    TR 99999
    US 99999 999999999
    """
}
