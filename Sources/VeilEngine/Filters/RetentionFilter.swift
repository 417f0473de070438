import VeilConfig
import VeilGround

/// `records.retention`: keeps records whose date is not older than a period before the day of the run, and not later
/// than the day after it (somewhere on earth that day may have begun). A later date is a mistake or a placeholder
/// (9999-12-31) and says nothing about a record's age.
struct RetentionFilter: BatchFilter {
  private let column: Int
  private let oldest: CalendarDate
  private let latest: CalendarDate

  init(_ retention: RetentionConfig, column: Int, asOf: CalendarDate) {
    self.column = column
    oldest = asOf.before(retention.keep)
    latest = asOf.dayAfter
  }

  func judge(_ batch: Batch) {
    unsafe batch.keepRecords(where: column, orExclude: .retention) { value in
      guard let date = unsafe ISODate(Span(_unsafeElements: value)) else { return false }
      guard let day = CalendarDate(year: date.year, month: date.month, day: date.day) else { return false }
      return day >= oldest && day <= latest
    }
  }
}
