/// A calendar date in ISO 8601's extended form, `YYYY-MM-DD`, with or without a time of day after it. The calendar is
/// Gregorian also before 1582, as the standard says. Years go from 0001 to 9999.
package struct ISODate {
  package let year: Int
  package let month: Int
  package let day: Int
  /// Whether a time of day follows: `T` or a space, `hh:mm`, then perhaps `:ss`, a fraction and an offset from UTC.
  package let hasTime: Bool

  package init?(_ text: Span<UInt8>) {
    guard text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      let century = text.twoDigits(at: 0), let rest = text.twoDigits(at: 2),
      let month = text.twoDigits(at: 5), let day = text.twoDigits(at: 8)
    else { return nil }
    let year = century * 100 + rest
    // Every month has at least 28 days.
    guard year >= 1, 1...12 ~= month, day >= 1, day <= 28 || day <= Self.dayCount(of: month, in: year)
    else { return nil }
    guard text.count == 10 || Self.isTime(text, from: 10) else { return nil }
    self.year = year
    self.month = month
    self.day = day
    hasTime = text.count > 10
  }

  /// Returns the date the given number of days later (or earlier); nil outside the years 0001 to 9999.
  package func moved(by days: Int) -> (year: Int, month: Int, day: Int)? {
    // Years begin in March here: the leap day comes last, and 153 days make five months.
    let marchYear = month < 3 ? year - 1 : year
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    // Days are counted from March of year 0.
    var count = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear + days
    // The limits are 0001-01-01 and 9999-12-31.
    guard 306...3_652_364 ~= count else { return nil }
    let era = count / 146_097
    count -= era * 146_097
    let yearOfEra = (count - count / 1460 + count / 36_524 - count / 146_096) / 365
    let rest = count - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * rest + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (era * 400 + yearOfEra + (month < 3 ? 1 : 0), month, rest - (153 * marchMonth + 2) / 5 + 1)
  }

  /// Whether a text is the date `0000-00-00`, which is none and which databases write for it, with or without a time of
  /// day.
  package static func isZero(_ text: Span<UInt8>) -> Bool {
    guard text.count >= 10, text.count == 10 || isTime(text, from: 10) else { return false }
    for place in 0..<10 {
      guard text[place] == (place == 4 || place == 7 ? UInt8(ascii: "-") : UInt8(ascii: "0")) else { return false }
    }
    return true
  }

  package static func dayCount(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func isTime(_ text: Span<UInt8>, from start: Int) -> Bool {
    guard text[start] == UInt8(ascii: "T") || text[start] == UInt8(ascii: " "), text.count >= start + 6,
      let hour = text.twoDigits(at: start + 1), hour < 24, text[start + 3] == UInt8(ascii: ":"),
      let minute = text.twoDigits(at: start + 4), minute < 60
    else { return false }
    var index = start + 6
    if index < text.count, text[index] == UInt8(ascii: ":") {
      // The value 60 is for a leap second.
      guard let second = text.twoDigits(at: index + 1), second <= 60 else { return false }
      index += 3
      if index < text.count, text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: ",") {
        index += 1
        let first = index
        while index < text.count, text[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
        guard index > first else { return false }
      }
    }
    return index == text.count || isOffset(text, from: index)
  }

  /// Returns whether the text from `start` to its end is an offset: `Z`, `+hh`, `+hh:mm` or `+hhmm`, or with a minus.
  private static func isOffset(_ text: Span<UInt8>, from start: Int) -> Bool {
    if text[start] == UInt8(ascii: "Z") { return text.count == start + 1 }
    guard text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-"),
      let hour = text.twoDigits(at: start + 1), hour < 24
    else { return false }
    var index = start + 3
    if index == text.count { return true }
    if text[index] == UInt8(ascii: ":") { index += 1 }
    guard let minute = text.twoDigits(at: index), minute < 60 else { return false }
    return index + 2 == text.count
  }
}

extension Span where Element == UInt8 {
  @inline(__always)
  fileprivate func twoDigits(at index: Int) -> Int? {
    guard index + 2 <= count else { return nil }
    let tens = self[index] &- UInt8(ascii: "0")
    let ones = self[index + 1] &- UInt8(ascii: "0")
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
  }
}
