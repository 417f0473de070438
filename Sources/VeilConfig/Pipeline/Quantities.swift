/// An exact share of a whole, 0 to 1, such as `5%` or `0.05`. It is stored as a decimal fraction, so that 29% of 100 is
/// 29.
public struct Share: Sendable, Hashable {
  /// The share is `parts / whole`; `whole` is a power of ten up to 10^11.
  public let parts: Int
  public let whole: Int

  public static let zero = Share(parts: 0, whole: 1)

  private init(parts: Int, whole: Int) {
    self.parts = parts
    self.whole = whole
  }

  /// Reads digits with at most nine decimals, with or without `%`. Returns nil for anything else and for shares outside
  /// 0 to 1.
  public init?(_ text: String) {
    var number = text.utf8[...]
    let percent = number.last == UInt8(ascii: "%")
    if percent { number.removeLast() }
    while percent, number.last == UInt8(ascii: " ") { number.removeLast() }
    var parts = 0
    var whole = percent ? 100 : 1
    var digits = 0
    var decimals: Int?
    for byte in number {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
        continue
      }
      guard (0x30...0x39).contains(byte), parts < 1 << 53 else { return nil }
      parts = parts * 10 + Int(byte - 0x30)
      digits += 1
      if let count = decimals {
        guard count < 9 else { return nil }
        decimals = count + 1
        whole *= 10
      }
    }
    guard digits > 0, parts <= whole else { return nil }
    self.init(parts: parts, whole: whole)
  }

  public var fraction: Double { Double(parts) / Double(whole) }

  /// The share in percent, with every digit that was given: `0.7`.
  public var percent: String {
    var (rest, text) = ((parts * 100) % whole, "\((parts * 100) / whole)")
    if rest > 0 { text += "." }
    while rest > 0 {
      text += "\(rest * 10 / whole)"
      rest = rest * 10 % whole
    }
    return text
  }

  /// Returns the largest whole number that is at most this share of `total` (0 or more).
  public func limit(of total: Int) -> Int {
    let product = parts.multipliedFullWidth(by: max(0, total))
    return whole.dividingFullWidth(product).quotient
  }
}

/// A period of the calendar, such as `24 months`.
public struct CalendarPeriod: Sendable, Hashable {
  public enum Unit: String, Sendable, CaseIterable {
    case days, weeks, months, years
  }
  /// The number of units, 1 to 10 000.
  public let count: Int
  public let unit: Unit

  /// Reads a whole number and a unit, singular or plural; returns nil for anything else.
  public init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count == 2, words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let count = Int(words[0]), (1...10_000).contains(count),
      let unit = Unit.allCases.first(where: { $0.rawValue == words[1] || $0.rawValue.dropLast() == words[1] })
    else { return nil }
    self.count = count
    self.unit = unit
  }
}

/// Numbers of bytes in the form in which people write them and messages show them.
public enum ByteCount {
  /// Returns for example `16 MiB`, or `1000 bytes` if no larger unit is exact.
  public static func text(_ count: Int) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where count > 0 && count & (1 << shift - 1) == 0 {
      return "\(count >> shift) \(unit)"
    }
    return count == 1 ? "1 byte" : "\(count) bytes"
  }

  /// Reads `500000`, `500MB` (decimal) or `10GiB` (binary); with a unit, a fraction is allowed. Returns nil for
  /// anything else, for zero bytes and for more than `Int` holds.
  public static func parse(_ text: String) -> Int? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text[number.endIndex...].drop { $0 == " " }.lowercased()
    let factor: Int
    switch unit {
    case "", "b": factor = 1
    case "kb": factor = 1_000
    case "mb": factor = 1_000_000
    case "gb": factor = 1_000_000_000
    case "tb": factor = 1_000_000_000_000
    case "kib": factor = 1 << 10
    case "mib": factor = 1 << 20
    case "gib": factor = 1 << 30
    case "tib": factor = 1 << 40
    default: return nil
    }
    if let whole = Int(number) {
      let (bytes, overflow) = whole.multipliedReportingOverflow(by: factor)
      return overflow || bytes < 1 ? nil : bytes
    }
    guard factor > 1, let value = ConfigNumber(String(number))?.value else { return nil }
    let bytes = (value * Double(factor)).rounded(.down)
    return bytes < 1 ? nil : Int(exactly: bytes)
  }
}

/// Days as `YYYY-MM-DD` (ISO 8601). The caller must check whether the day exists.
enum WrittenDay {
  static func isOne(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 10
      && bytes.indices.allSatisfy { $0 == 4 || $0 == 7 ? bytes[$0] == 0x2D : 0x30...0x39 ~= bytes[$0] }
  }
}
