import Testing
import VeilConfig

@Suite struct QuantityTests {
  @Test(arguments: [
    ("5%", 5, 100), ("0%", 0, 100), ("100%", 100, 100), ("0.05", 5, 100), ("1", 1, 1), ("0", 0, 1), ("2.5 %", 25, 1000),
    (".5", 5, 10),
  ])
  func shares(text: String, parts: Int, whole: Int) {
    #expect(Share(text)?.parts == parts)
    #expect(Share(text)?.whole == whole)
  }

  @Test(arguments: [
    ("0.7%", "0.7"), ("5%", "5"), ("0.05", "5"), ("1", "100"), ("0", "0"), ("2.50 %", "2.5"), ("0.04%", "0.04"),
    ("33.333%", "33.333"), ("0.000000001", "0.0000001"),
  ])
  func percent(text: String, percent: String) { #expect(Share(text)?.percent == percent) }

  @Test(arguments: ["", "%", "5", "101%", "-1%", "1e-2", "0.0000000001", "5%%", "x", "1.000000001", ".", "1.2.3%"])
  func noShares(text: String) {
    #expect(Share(text) == nil)
  }

  @Test func sharesAreExact() throws {
    let share = try #require(Share("29%"))
    #expect(share.limit(of: 100) == 29)
    #expect(share.limit(of: 99) == 28)
    #expect(share.limit(of: .max) == Int.max / 100 * 29 + (Int.max % 100) * 29 / 100)
    #expect(Share("100%")?.limit(of: .max) == .max)
    #expect(Share.zero.limit(of: 1000) == 0)
    #expect(share.limit(of: -1) == 0)
    #expect(share.fraction == 0.29)
  }

  @Test(arguments: [
    ("24 months", 24, CalendarPeriod.Unit.months), ("90 days", 90, .days), ("1 year", 1, .years),
    ("6 weeks", 6, .weeks),
    ("2  years", 2, .years), ("10000 days", 10_000, .days),
  ])
  func periods(text: String, count: Int, unit: CalendarPeriod.Unit) {
    #expect(CalendarPeriod(text)?.count == count)
    #expect(CalendarPeriod(text)?.unit == unit)
  }

  @Test(arguments: [
    "", "24", "months", "0 days", "-1 days", "1.5 years", "24months", "10001 days", "3 hours", "1 y", "1 day 2 days",
    "99999999999999999999 days",
  ])
  func noPeriods(text: String) {
    #expect(CalendarPeriod(text) == nil)
  }

  @Test(arguments: [
    ("1", 1), ("500000", 500_000), ("500MB", 500_000_000), ("10GiB", 10 << 30), ("1.5 KiB", 1536),
    ("2tb", 2_000_000_000_000),
    ("7B", 7),
  ])
  func byteCounts(text: String, bytes: Int) {
    #expect(ByteCount.parse(text) == bytes)
  }

  @Test(arguments: [
    "", "GB", "10G", "-1", "0", "0.1", "1.5", "9999999999GiB", "9999999999999999999999", "1e3MB", "1.2.3MB", "1 000 MB",
    "9223372036854775808", "8388608.0TiB",
  ])
  func noByteCounts(text: String) {
    #expect(ByteCount.parse(text) == nil)
  }

  @Test(arguments: [
    ("a.csv", DataFormat.csv), ("A.CSV.GZ", .csv), ("x.tsv.zst", .tsv), ("x.jsonl", .ndjson), ("d.x/e.json", .json),
  ])
  func formatsByName(name: String, format: DataFormat) {
    #expect(DataFormat(fileName: name) == format)
  }

  @Test(arguments: ["a", "a.gz", "-", "csv", "a.csv.bz2", ""])
  func noFormats(name: String) {
    #expect(DataFormat(fileName: name) == nil)
  }
}
