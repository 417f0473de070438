import VeilGround

/// A moment as lists write it: an ISO 8601 date, or a date and time. Without an offset it is in UTC.
struct Moment {
  /// Microseconds since the beginning of the year 1 in UTC; smaller parts are cut off. A date without a time is the
  /// first moment of that day.
  let microseconds: Int
  let isDay: Bool

  static let day = 86_400_000_000

  /// The last microsecond that the text can mean.
  var last: Int { isDay ? microseconds + Self.day - 1 : microseconds }

  init?(_ text: UnsafeBufferPointer<UInt8>) {
    let span = unsafe Span(_unsafeElements: text)
    guard let date = ISODate(span) else { return nil }
    let start = Self.days(year: date.year, month: date.month, day: date.day) * Self.day
    isDay = !date.hasTime
    guard date.hasTime else {
      microseconds = start
      return
    }
    // Sound: ISODate has checked the form, so that digits stand where they are read.
    func pair(_ index: Int) -> Int { Int(span[index] - 0x30) * 10 + Int(span[index + 1] - 0x30) }
    var time = (pair(11) * 60 + pair(14)) * 60_000_000
    var index = 16
    if index < span.count, span[index] == UInt8(ascii: ":") {
      time += pair(index + 1) * 1_000_000
      index += 3
      if index < span.count, span[index] == UInt8(ascii: ".") || span[index] == UInt8(ascii: ",") {
        index += 1
        var unit = 100_000
        while index < span.count, 0x30...0x39 ~= span[index] {
          time += Int(span[index] - 0x30) * unit
          unit /= 10
          index += 1
        }
      }
    }
    if index < span.count, span[index] != UInt8(ascii: "Z") {
      let isBehind = span[index] == UInt8(ascii: "-")
      var offset = pair(index + 1) * 60
      index += 3
      if index < span.count, span[index] == UInt8(ascii: ":") { index += 1 }
      if index < span.count { offset += pair(index) }
      time += (isBehind ? offset : -offset) * 60_000_000
    }
    microseconds = max(0, start + time)
  }

  init(startOf date: CalendarDate) {
    microseconds = Self.days(year: date.year, month: date.month, day: date.day) * Self.day
    isDay = true
  }

  /// Returns the days since 0001-01-01 in the proleptic Gregorian calendar. The calculation begins a year in March, so
  /// that the leap day comes last.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month < 3 ? year - 1 : year
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 306
  }
}
