import Glibc
public import VeilConfig

/// A day of the proleptic Gregorian calendar. Days can be compared.
public struct CalendarDate: Sendable, Comparable, CustomStringConvertible {
  public let year: Int
  public let month: Int
  public let day: Int

  /// Returns nil unless the day exists, in the years 1 to 9999.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      (1...Self.days(inMonth: month, of: year)).contains(day)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Reads `YYYY-MM-DD` (ISO 8601), and no other form.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
    var numbers = [0, 0, 0]
    for (index, byte) in bytes.enumerated() where index != 4 && index != 7 {
      guard (0x30...0x39).contains(byte) else { return nil }
      let part = index < 4 ? 0 : index < 7 ? 1 : 2
      numbers[part] = numbers[part] * 10 + Int(byte - 0x30)
    }
    self.init(year: numbers[0], month: numbers[1], day: numbers[2])
  }

  /// Returns today's date in UTC.
  public static func today() -> CalendarDate {
    var now = time(nil)
    var parts = unsafe tm()
    _ = unsafe gmtime_r(&now, &parts)
    return unsafe CalendarDate(year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
      ?? CalendarDate(year: 1970, month: 1, day: 1)!
  }

  public var description: String { "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))" }

  public static func < (a: Self, b: Self) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

  /// Returns the same day a period earlier. If the month has no such day, it is the last day of the month; a day before
  /// the year 1 becomes the first day of that year.
  public func before(_ period: CalendarPeriod) -> CalendarDate {
    switch period.unit {
    case .days: return shifted(days: -period.count)
    case .weeks: return shifted(days: -7 * period.count)
    case .months: return shifted(months: -period.count)
    case .years: return shifted(months: -12 * period.count)
    }
  }

  /// Returns the same day a period later, at most the last day of the year 9999. If the month has no such day, it is
  /// the last day of the month.
  public func after(_ period: CalendarPeriod) -> CalendarDate {
    switch period.unit {
    case .days: return (0..<period.count).reduce(self) { day, _ in day.dayAfter }
    case .weeks: return (0..<7 * period.count).reduce(self) { day, _ in day.dayAfter }
    case .months: return shifted(months: period.count)
    case .years: return shifted(months: 12 * period.count)
    }
  }

  /// The next day; for the last possible day, that day itself.
  package var dayAfter: CalendarDate {
    CalendarDate(year: year, month: month, day: day + 1) ?? CalendarDate(year: year, month: month + 1, day: 1)
      ?? CalendarDate(year: year + 1, month: 1, day: 1) ?? self
  }

  private func shifted(months: Int) -> CalendarDate {
    let total = year * 12 + month - 1 + months
    guard total >= 12 else { return Self.first }
    guard total < 120_000 else { return Self.last }
    let (year, month) = (total / 12, total % 12 + 1)
    return CalendarDate(year: year, month: month, day: min(day, Self.days(inMonth: month, of: year))) ?? Self.first
  }

  private func shifted(days: Int) -> CalendarDate {
    var (year, month, day) = (year, month, day + days)
    while day < 1 {
      month -= 1
      if month < 1 { (year, month) = (year - 1, 12) }
      guard year >= 1 else { return Self.first }
      day += Self.days(inMonth: month, of: year)
    }
    return CalendarDate(year: year, month: month, day: day) ?? Self.first
  }

  private static let first = CalendarDate(year: 1, month: 1, day: 1)!
  private static let last = CalendarDate(year: 9999, month: 12, day: 31)!

  private static func days(inMonth month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
