import VeilConfig

/// A decimal number exactly as written; it is never converted to a binary fraction.
///
/// The accepted forms have an optional sign, digits, a fraction and an exponent (`-12.50`, `.5`, `3e6`). `NaN`,
/// infinities, digit groups and spaces are refused. It keeps 36 significant digits, and for the digits after them only
/// whether any is not zero. So the roundings below are correct for any number of digits.
struct DecimalNumber: Sendable {
  private(set) var isNegative = false
  /// The first 36 significant digits at most.
  private var magnitude: UInt128 = 0
  /// The value is the magnitude times ten to this power.
  private var exponent = 0
  /// Whether digits other than zero were left out.
  private var isCut = false

  private static let digits = 36
  /// All scaled values are below this limit, so that their sums and doubles fit 128 bits.
  private static let limit: UInt128 = 1_000_000_000_000_000_000_000_000_000_000_000_000

  init?(_ text: Span<UInt8>) {
    var index = 0
    let end = text.count
    if index < end, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      isNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    var seen = 0
    var significant = 0
    var isFraction = false
    while index < end {
      let digit = text[index] &- UInt8(ascii: "0")
      if digit > 9 {
        guard text[index] == UInt8(ascii: "."), !isFraction else { break }
        isFraction = true
      } else {
        seen += 1
        if significant < Self.digits {
          magnitude = magnitude &* 10 &+ UInt128(truncatingIfNeeded: digit)
          if magnitude != 0 { significant += 1 }
          if isFraction { exponent -= 1 }
        } else {
          if digit != 0 { isCut = true }
          if !isFraction { exponent += 1 }
        }
      }
      index += 1
    }
    guard seen > 0 else { return nil }
    if index == end { return }
    guard text[index] | 0x20 == UInt8(ascii: "e") else { return nil }
    index += 1
    guard let power = Self.power(text, from: index) else { return nil }
    exponent += power
  }

  /// Returns the greatest whole number that is not above a number such as `-1234.50`, with at most 15 digits before the
  /// point. Returns nil for any other text, which `init` may still read.
  static func smallFloor(_ text: Span<UInt8>) -> Int? {
    let end = text.count
    var index = end > 0 && text[0] == UInt8(ascii: "-") ? 1 : 0
    let first = index
    var whole = 0
    while index < end {
      let digit = text[index] &- UInt8(ascii: "0")
      if digit > 9 { break }
      whole = whole &* 10 &+ Int(digit)
      index &+= 1
    }
    guard index > first, index - first <= 15 else { return nil }
    var rest = false
    if index < end {
      guard text[index] == UInt8(ascii: "."), index + 1 < end else { return nil }
      index &+= 1
      while index < end {
        let digit = text[index] &- UInt8(ascii: "0")
        if digit > 9 { return nil }
        if digit != 0 { rest = true }
        index &+= 1
      }
    }
    return first == 0 ? whole : -whole - (rest ? 1 : 0)
  }

  static let zero = DecimalNumber()

  private init() {}

  init?(_ number: ConfigNumber) { self.init(Array(number.text.utf8).span) }

  /// Returns the whole number after the `e`, limited to a value far beyond any use.
  private static func power(_ text: Span<UInt8>, from start: Int) -> Int? {
    var index = start
    var isNegative = false
    if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      isNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    guard index < text.count else { return nil }
    var power = 0
    while index < text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      power = min(power * 10 + Int(digit), 1 << 40)
      index += 1
    }
    return isNegative ? -power : power
  }

  /// The number of decimals that are necessary to write the number exactly.
  var places: Int {
    var (magnitude, exponent) = (magnitude, exponent)
    while exponent < 0, magnitude % 10 == 0 {
      if magnitude == 0 { return 0 }
      magnitude /= 10
      exponent += 1
    }
    return max(0, -exponent)
  }

  var isZero: Bool { magnitude == 0 }

  /// Returns the greatest whole number of `10^-places` that is not above the value; nil if it has a magnitude of 10^36
  /// or more.
  func floor(places: Int) -> Int128? {
    guard let (whole, rest) = scaled(places) else { return nil }
    let value = Int128(truncatingIfNeeded: whole)
    return isNegative ? -value - (rest ? 1 : 0) : value
  }

  /// Returns the least whole number of `10^-places` that is not below the value; nil if it has a magnitude of 10^36 or
  /// more.
  func ceiling(places: Int) -> Int128? {
    guard let (whole, rest) = scaled(places) else { return nil }
    let value = Int128(truncatingIfNeeded: whole)
    return isNegative ? -value : value + (rest ? 1 : 0)
  }

  /// Returns the nearest multiple of `step` times `10^-places`, counted in `10^-places`. If two are equally near, it is
  /// the one that is further from zero.
  func rounded(toMultipleOf step: Int128, places: Int) -> Int128? {
    var double = self
    double.magnitude *= 2
    // The floor of the doubled value is enough: the fraction it leaves out cannot reach the next half step.
    guard step > 0, let (twice, _) = double.scaled(places) else { return nil }
    let multiple = (Int128(truncatingIfNeeded: twice) + step) / (2 * step) * step
    return isNegative ? -multiple : multiple
  }

  /// The number 1 in units of `10^-places`.
  static func one(places: Int) -> Int128 { Int128(powerOfTen(places)) }

  /// Returns the magnitude in whole `10^-places`, and whether a fraction of one is left over.
  private func scaled(_ places: Int) -> (whole: UInt128, rest: Bool)? {
    if magnitude == 0 { return (0, false) }
    let shift = exponent + places
    if shift >= 0 {
      if shift > 36 || (isCut && shift > 0) { return nil }
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: Self.powerOfTen(shift))
      return overflow || product >= Self.limit ? nil : (product, isCut)
    }
    if shift < -37 { return (0, true) }
    let divisor = Self.powerOfTen(-shift)
    let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: divisor)
    return whole >= Self.limit ? nil : (whole, rest != 0 || isCut)
  }

  private static func powerOfTen(_ exponent: Int) -> UInt128 {
    var power: UInt128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}

extension FailureReason {
  static var notANumber: FailureReason { FailureReason("is not a decimal number") }
  static var tooLarge: FailureReason { FailureReason("is a number too large to handle") }
}

extension Int128 {
  /// Returns the quotient rounded down, not towards zero.
  func floorDivided(by divisor: Int128) -> Int128 {
    if let value = Int64(exactly: self), let divisor = Int64(exactly: divisor), divisor > 0 {
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
      return Int128(remainder < 0 ? quotient - 1 : quotient)
    }
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
  }
}

extension Buffer where Element == UInt8 {
  /// Appends `value` times `10^-places` as decimal text, with exactly that many decimals. If `trimmed` is true, it
  /// leaves out zeros at the end of the decimals. Zero has no sign.
  mutating func append(_ value: Int128, places: Int, trimmed: Bool = false) {
    var digits = InlineArray<40, UInt8>(repeating: 0)
    var count = 0
    var rest = value.magnitude
    while rest > UInt128(UInt64.max) {
      digits[count] = UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
      count += 1
    }
    var small = UInt64(truncatingIfNeeded: rest)
    while small > 0 {
      digits[count] = UInt8(truncatingIfNeeded: small % 10)
      small /= 10
      count += 1
    }
    count = Swift.max(count, Swift.min(places, 38) + 1)
    var last = 0
    if trimmed {
      while last < places && digits[last] == 0 { last += 1 }
    }
    if value < 0 { append(UInt8(ascii: "-")) }
    var index = count - 1
    while index >= last {
      append(UInt8(ascii: "0") + digits[index])
      if index == places && index > last { append(UInt8(ascii: ".")) }
      index -= 1
    }
  }

  /// Appends a whole number as decimal text.
  mutating func append(decimal value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    if value.magnitude < 100_000_000 { return append(eightDigits: UInt64(value.magnitude)) }
    // The last digit is made first. So digits are written from the back to the front, and then moved to their place. No
    // 64-bit number has more digits than this.
    let most = 20
    reserve(2 * most)
    // Sound: there is room for the digits where they are made, and where they are moved.
    let digits = unsafe end
    var rest = value.magnitude
    var first = 2 * most
    repeat {
      let next = rest / 10
      first &-= 1
      unsafe digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- next &* 10)
      rest = next
    } while rest > 0
    unsafe copyBytes(to: digits, from: digits + first, count: 2 * most - first)
    advance(by: 2 * most - first)
  }

  /// Appends a number of at most eight digits and makes all digits at once. The number is split into two numbers of
  /// four digits, each of these into two of two, and each of these into two of one, side by side in one word, with the
  /// first digit lowest.
  private mutating func append(eightDigits value: UInt64) {
    var digits = value / 10_000 | (value % 10_000) << 32
    // A multiplication and a shift divide by 100 and by 10; this is exact up to 9,999 and 99.
    let hundreds = (digits &* 10_486) >> 20 & 0x0000_007F_0000_007F
    digits = hundreds | (digits &- hundreds &* 100) << 16
    let tens = (digits &* 103) >> 10 & 0x000F_000F_000F_000F
    digits = tens | (digits &- tens &* 10) << 8
    let zeros = Swift.min(digits.trailingZeroBitCount / 8, 7)
    let text = (digits | 0x3030_3030_3030_3030) >> UInt64(8 * zeros)
    reserve(8)
    // Sound: there is room for eight bytes; the last ones may be unused.
    unsafe UnsafeMutableRawPointer(end).storeBytes(of: text.littleEndian, as: UInt64.self)
    advance(by: 8 - zeros)
  }
}
