import VeilConfig

/// `records.retention`: keeps records whose date is no older than a period before the day of the run.
struct RetentionFilter: BatchFilter {
  private let column: Int
  private let oldest: CalendarDate

  init(_ retention: RetentionConfig, column: Int, asOf: CalendarDate) {
    self.column = column
    oldest = asOf.before(retention.keep)
  }

  func judge(_ batch: Batch) {
    unsafe batch.keepRecords(where: column, orExclude: .retention) { value in
      guard let date = unsafe Self.date(value) else { return false }
      return date >= oldest
    }
  }

  /// The day of an ISO 8601 date, or of a date and time (after `T` or a space); nil for anything else.
  private static func date(_ value: UnsafeBufferPointer<UInt8>) -> CalendarDate? {
    guard value.count >= 10, value.count <= 40, unsafe value[4] == 0x2D && value[7] == 0x2D else { return nil }
    if value.count > 10 {
      guard value.count >= 16, unsafe value[10] == UInt8(ascii: "T") || value[10] == 0x20 else { return nil }
      guard unsafe value[11...].allSatisfy({ isTimeByte($0) }) else { return nil }
    }
    func number(_ range: Range<Int>) -> Int? {
      var number = 0
      for index in range {
        let digit = unsafe value[index] &- 0x30
        guard digit <= 9 else { return nil }
        number = number * 10 + Int(digit)
      }
      return number
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }

  private static func isTimeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
