import VeilConfig
import VeilCrypto
import VeilGround

/// Moves all dates of one person by the same number of days, which only the key determines.
///
/// A date that stands for "not known" or "no end" is not moved: everybody knows where it stood, so its place would tell
/// the shift, and with it all dates of the person. Such dates leave as they came. Now and then another date is moved onto
/// one of them, and then a reader takes it for a placeholder: that costs a date, and tells nobody's shift.
struct DateShift: Stage {
  static let documentation = StageDocumentation(
    name: "date_shift",
    summary: "moves a date by some days, the same for all dates of one person, so that intervals survive",
    options: [
      .init(
        "days", "a whole number, 1 to 36500",
        .required(help: "how far a date may move, for example  days: 30"),
        "dates move by 1 up to so many days, back or forth"),
      .init("by", "a field", .optional("source.subject"), "the field that says whose date it is"),
      .init("key", "a key's name", .key, "the key under 'keys' that decides how far each person's dates move"),
      .init(
        "domain", "text", .optional("the name of the field 'by'"),
        "dates of one domain move alike, in all fields, tables and files of a recipient"),
      .init(
        "except", "a list of dates", .optional("none"),
        "more dates that leave as they came, such as a register's own placeholder; 0000-00-00, 0001-01-01, 1900-01-01, "
          + "1970-01-01 and 9999-12-31 always do"),
    ],
    example: "birth_date: {date_shift: {days: 30, by: customer_id, key: customers}}",
    promise: """
      Hides the day, not the season: a placeholder (9999-12-31, 1900-01-01 and others) leaves as it came and tells that \
      there was one, any other date is known to within the days given, and whoever knows one true date of a \
      person has them all. The times of day, offsets and intervals that stay may single people out. Pseudonymous, not \
      anonymous.
      """)

  private let days: Int
  private let by: FieldPath
  private let key: String
  private let domain: String
  private let placeholders: Placeholders

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    let days = reader.int("days", range: 1...36500)
    let key = options.key("key")
    let by = Self.field(options)
    if let by, by.description == options.field {
      reader.error("by", "a date cannot move by itself: 'by' names the field that says whose date it is")
    }
    if let by, by.steps.contains(.elements) {
      reader.error("by", "'by' needs a field with one value a record; '\(by)' may have many")
    }
    domain = reader.has("domain") ? reader.requiredString("domain") ?? "" : by?.description ?? ""
    placeholders = Placeholders(reader.strings("except", default: [])) { odd in
      reader.error("except", "'except' takes dates as YYYY-MM-DD, and one of them is none: the one at place \(odd)")
    }
    guard let days, let key, let by, options.errorCount == before else { return nil }
    self.days = days
    self.key = key
    self.by = by
  }

  private static func field(_ options: StageOptions) -> FieldPath? {
    let reader = options.reader
    guard reader.has("by") else {
      if let subject = options.config.source.subject { return subject }
      reader.require("by", help: "name the field that says whose date it is, or set source.subject")
      return nil
    }
    guard let text = reader.requiredString("by") else { return nil }
    do throws(FieldPathError) {
      return try FieldPath(text)
    } catch {
      reader.error("by", "'\(text)' is not a field: \(error.message)", help: error.help)
      return nil
    }
  }

  var effect: StageEffect { .rewrite }
  var lookedAt: [FieldPath] { [by] }
  var keyUse: KeyUse? { KeyUse(key: key, domain: domain) }

  var fate: ValueFate { .moved }
  var makesTokens: Bool { false }
  var tellsApart: Bool { false }
  var joins: String? { nil }
  var isBoundToRecipient: Bool { true }

  /// Any date may be another one that was moved, and a placeholder leaves as it came; nothing else is written.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    StageVerdict(placeholders.has(value) || ISODate(value) != nil)
  }

  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter {
    guard let column = environment.column(by) else { throw MissingField(name: by.description) }
    let secret = try environment.domainKey(key, purpose: "date_shift", domain: domain)
    return DateShifter(
      column: column, days: days, placeholders: placeholders, context: HMACContext(algorithm: .sha256, key: secret))
  }
}

/// The dates that stand for none, as numbers of eight digits.
private struct Placeholders {
  /// Not known (MySQL's zero date, the first day of .NET, of SQL Server's `datetime` and Excel, of Unix), and without end.
  private static let usual = [0, 1_01_01, 1900_01_01, 1970_01_01, 9999_12_31]
  private let dates: [Int]

  /// - Parameter odd: gets the place, from 1 on, of each text that is no date.
  init(_ texts: [String], odd: (Int) -> Void) {
    var dates = Self.usual
    for (place, text) in texts.enumerated() {
      if let date = CalendarDate(text) {
        dates.append(Self.number(date.year, date.month, date.day))
      } else if text != "0000-00-00" {
        odd(place + 1)
      }
    }
    self.dates = dates
  }

  /// Whether a value is such a date, with or without a time of day.
  func has(_ value: Span<UInt8>) -> Bool {
    if let date = ISODate(value) { return dates.contains(Self.number(date.year, date.month, date.day)) }
    return ISODate.isZero(value)
  }

  private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int { (year * 100 + month) * 100 + day }
}

struct MissingField: Error, CustomStringConvertible {
  let name: String
  var description: String { "a stage looks at the field '\(name)', which cannot be had here" }
}

private final class DateShifter: Rewriter {
  private let column: Int
  private let days: Int
  private let placeholders: Placeholders
  private let context: HMACContext
  /// The number of days that each record's dates move; 0 if the person is not known.
  private var shifts = Buffer<Int32>()
  private var view: Column?

  init(column: Int, days: Int, placeholders: Placeholders, context: HMACContext) {
    self.column = column
    self.placeholders = placeholders
    self.days = days
    self.context = context
  }

  func prepare(_ batch: Batch) {
    let source = batch.columns[column]
    let view = self.view ?? Column(hasRows: source.hasRows)
    self.view = view
    // It reads a view, so that the field itself stays unchanged.
    view.copyPlaces(of: source)
    view.unescape(batch.escapes)
    shifts.removeAll()
    shifts.append(repeating: 0, count: batch.recordCount)
    let range = UInt64(2 * days)
    for index in 0..<view.cells.count {
      let cell = view.cells[index]
      if cell.isNull || cell.has(.composite) { continue }
      // Sound: a cell lies within its column's bytes, and a tag has 32 bytes.
      let number = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { tag -> UInt64 in
        guard let start = tag.baseAddress else { return 0 }
        unsafe context.authenticate(view.base + cell.offset, count: cell.count, into: start)
        return unsafe UInt64(bigEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
      }
      // A number from 0 to 2 * days - 1; its probabilities are equal to within one part in 2^47. The last step makes
      // sure that no shift is 0.
      let place = Int(number.multipliedFullWidth(by: range).high) - days
      shifts[view.record(ofCell: index)] = Int32(place < 0 ? place : place + 1)
    }
  }

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    var shifts = Buffer<Int32>()
    swap(&shifts, &self.shifts)
    column.rewriteRecordValues(of: field, in: batch) { record, value, out in
      if placeholders.has(value) {
        for place in 0..<value.count { out.append(value[place]) }
        return .text
      }
      let shift = shifts[record]
      guard shift != 0 else {
        return .invalid(FailureReason("cannot be moved: the field that says whose date it is has no value", .missing))
      }
      guard let date = ISODate(value) else { return .invalid(FailureReason("is not an ISO 8601 date")) }
      guard let moved = date.moved(by: Int(shift)) else {
        return .invalid(FailureReason("would leave the years 0001 to 9999"))
      }
      out.append(moved.year, width: 4)
      out.append("-")
      out.append(moved.month, width: 2)
      out.append("-")
      out.append(moved.day, width: 2)
      // The time of day and its offset are copied unchanged.
      for place in 10..<value.count { out.append(value[place]) }
      return .text
    }
    swap(&shifts, &self.shifts)
  }
}

extension Buffer where Element == UInt8 {
  /// Appends a whole number of 0 or more with leading zeros.
  fileprivate mutating func append(_ number: Int, width: Int) {
    var unit = 1
    for _ in 1..<width { unit *= 10 }
    while unit > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / unit % 10))
      unit /= 10
    }
  }
}
