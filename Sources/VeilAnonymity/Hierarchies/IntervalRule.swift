/// Half-open intervals of numbers: `[origin + i * w, origin + (i + 1) * w)`, where w doubles from level to level.
///
/// Numbers are plain decimals (`-12.5`; no exponent, no blanks). All arithmetic uses whole multiples of a power of ten.
/// With binary floating point, 0.3 would get the label `[0.2, 0.3)`, which does not cover it.
package struct IntervalRule: Sendable {
  let levels: Int
  private let width: Int128
  private let origin: Int128
  /// The number of digits after the decimal point that width and origin need.
  private let digits: Int

  /// `width` must be above 0, and `levels` from 1 through 32. Neither width nor origin may have more than nine digits
  /// after the decimal point or be beyond 10^15.
  package init(width: Double, levels: Int, origin: Double) throws(HierarchyError) {
    guard (1...32).contains(levels) else { throw .invalidOption("the levels of an interval must be 1 to 32") }
    guard width > 0 else { throw .invalidOption("the width of an interval must be above 0") }
    guard let widthDigits = Self.decimals(width), let originDigits = Self.decimals(origin) else {
      throw .invalidOption("width and origin must be plain decimals with at most nine digits after the point")
    }
    self.levels = levels
    digits = max(widthDigits, originDigits)
    let scale = Self.powers[digits]
    self.width = Int128((width * scale).rounded())
    self.origin = Int128((origin * scale).rounded())
  }

  /// Returns the number of the finest interval that holds the value; nil if the value is not a plain decimal or has
  /// more than 18 digits.
  func cell(of value: [UInt8]) -> Int128? {
    guard let number = Self.floor(value, digits: digits) else { return nil }
    let distance = number - origin
    let quotient = distance / width
    return distance % width < 0 ? quotient - 1 : quotient
  }

  /// Returns `[low, high)` of the interval at a level from 1 that holds the finest interval `cell`.
  func label(cell: Int128, level: Int) -> [UInt8] {
    let factor = Int128(1) << Int128(level - 1)
    let low = origin + (cell >> Int128(level - 1)) * factor * width
    return Array("[\(decimal(low)), \(decimal(low + factor * width)))".utf8)
  }

  private func decimal(_ number: Int128) -> String { Self.decimal(number, digits: digits) }

  /// Returns whether a value is a plain decimal that is not too long.
  static func isNumber(_ value: [UInt8]) -> Bool { floor(value, digits: 0) != nil }

  /// Returns `number` multiples of 10^-digits as a plain decimal.
  static func decimal(_ number: Int128, digits: Int) -> String {
    var text = String(number.magnitude)
    while text.utf8.count <= digits { text = "0" + text }
    if digits > 0 {
      text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    return number < 0 ? "-" + text : text
  }

  private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

  /// Returns the number of digits after the point in the shortest decimal that equals this number.
  private static func decimals(_ number: Double) -> Int? {
    guard number.magnitude <= 1e15 else { return nil }
    return powers.firstIndex { (number * $0).rounded() / $0 == number && (number * $0).magnitude < 1e18 }
  }

  /// Returns the largest multiple of 10^-digits that is not above the value, counted in such multiples.
  static func floor(_ value: [UInt8], digits: Int) -> Int128? {
    var rest = value[...]
    var isNegative = false
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      rest.removeFirst()
    }
    let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    for part in parts {
      guard !part.isEmpty, part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    }
    guard let whole = parts.first?.drop(while: { $0 == UInt8(ascii: "0") }), whole.count <= 18 else { return nil }
    let fraction = parts.count == 2 ? parts[1] : []
    var number: Int128 = 0
    for byte in whole { number = number * 10 + Int128(byte - UInt8(ascii: "0")) }
    for place in 0..<digits {
      let index = fraction.startIndex + place
      number = number * 10 + (index < fraction.endIndex ? Int128(fraction[index] - UInt8(ascii: "0")) : 0)
    }
    guard isNegative else { return number }
    let isCut = fraction.dropFirst(digits).contains { $0 != UInt8(ascii: "0") }
    return isCut ? -number - 1 : -number
  }
}
