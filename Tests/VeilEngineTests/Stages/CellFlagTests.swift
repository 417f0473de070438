import Testing
import VeilConfig

@testable import VeilEngine

/// What stages do to cells as readers hand them over: quoted, escaped, plain, several to a record, of dead records.
@Suite struct CellFlagTests {
  /// Runs a rule over cells of `source`, and gives each cell's text and flags.
  private func run(
    _ rule: String, over source: String, _ cells: [Cell], rows: [UInt32]? = nil, dead: [Int] = []
  ) throws -> (texts: [String?], flags: [Cell.Flags], failed: [Int]) {
    let harness = StageHarness(rule)
    try #require(harness.errors == [])
    let batch = Batch(columnCount: 1, escapes: rows == nil ? .csv(quote: UInt8(ascii: "\"")) : .json)
    var bytes = ByteBuffer()
    bytes.append(utf8: source)
    bytes.append(repeating: 0, count: 64)
    batch.reset(base: bytes.start)
    let column = batch.columns[0]
    for cell in cells { column.cells.append(cell) }
    for row in rows ?? [] { column.rows.append(row) }
    column.hasEscapes = cells.contains { $0.has(.escaped) }
    batch.finishDecoding(recordCount: rows.map { Int($0.max() ?? 0) + 1 } ?? cells.count)
    for record in dead { batch.exclude(record, .where) }
    let environment = StageEnvironment(keys: KeyStore([:]), recipient: "")
    for stage in harness.stages { try stage.rewriter(environment).rewrite(column, of: 0, in: batch) }
    var texts: [String?] = []
    var flags: [Cell.Flags] = []
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      let bytes = UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
      texts.append(cell.isNull ? nil : String(decoding: bytes, as: UTF8.self))
      flags.append(cell.flags)
    }
    withExtendedLifetime(bytes) {}
    return (texts, flags, batch.failures.map(\.record).sorted())
  }

  @Test func quotesStayOnlyAroundWholeValues() throws {
    let cells = [Cell(start: 1, count: 4, flags: .quoted), Cell(start: 7, count: 2, flags: .quoted)]
    let cut = try run("{truncate: {keep: 2}}", over: "\"abcd\"\"ef\"", cells)
    #expect(cut.texts == ["ab", "ef"])
    #expect(cut.flags == [[], .quoted])
    let trimmed = try run("trim", over: "\"ab  \"\"ef\"", cells)
    #expect(trimmed.texts == ["ab", "ef"])
    #expect(trimmed.flags == [[], .quoted])
    // Filling a null copies the column, and leaves the quotes behind.
    let filled = try run("{null: x}", over: "\"abcd\"\"ef\"", cells + [.null])
    #expect(filled.texts == ["abcd", "ef", "x"])
    #expect(filled.flags == [[], [], []])
    // Without nulls nothing is copied.
    #expect(try run("{null: x}", over: "\"abcd\"\"ef\"", cells).flags == [.quoted, .quoted])
  }

  @Test func whatIsCutInFrontIsNoLongerPlain() throws {
    let cells = [Cell(start: 0, count: 3, flags: .plain), Cell(start: 3, count: 3, flags: .plain)]
    let made = try run("trim", over: " \"aab ", cells)
    #expect(made.texts == ["\"a", "ab"])
    #expect(made.flags == [[], .plain])
  }

  @Test func escapesAreUndoneFirst() throws {
    let cells = [Cell(start: 1, count: 6, flags: [.escaped, .quoted]), Cell(start: 9, count: 2, flags: .quoted)]
    for rule in ["{truncate: {keep: 3}}", "[uppercase, {truncate: {keep: 3}}]", "{null: x}"] {
      let made = try run(rule, over: "\"\"\"a\"\"b\"\"cd\"", rule == "{null: x}" ? cells + [.null] : cells)
      #expect(made.texts[0]?.lowercased() == (rule == "{null: x}" ? "\"a\"b" : "\"a\""), "\(rule)")
      #expect(made.texts[1]?.lowercased() == "cd")
      #expect(!made.flags[0].contains(.quoted) && !made.flags[0].contains(.escaped))
    }
  }

  @Test(arguments: [
    "lowercase", "trim", "{truncate: {keep: 1}}", "{bucket: 5}", "{hash: {unkeyed: true}}", "{truncate: {date: year}}",
  ])
  func deadRecordsLeaveNothing(_ rule: String) throws {
    let cells = [Cell(start: 0, count: 2), Cell(start: 2, count: 2)]
    let made = try run(rule, over: "1122", cells, dead: [0, 1])
    #expect(made.texts == [nil, nil])
    #expect(made.failed == [])
  }

  @Test func severalValuesOfOneRecord() throws {
    let cells = [
      Cell(start: 0, count: 1), Cell(start: 1, count: 1), Cell(start: 2, count: 1), Cell(start: 3, count: 1),
    ]
    let made = try run("{bucket: 2}", over: "1x34", cells, rows: [0, 1, 1, 3])
    #expect(made.texts[0] == "0-1" && made.texts[1] == nil && made.texts[3] == "4-5")
    #expect(made.failed == [1])
    let objects = [Cell(start: 0, count: 2, flags: .composite), Cell(start: 2, count: 1), Cell(start: 3, count: 1)]
    for rule in ["trim", "{hash: {unkeyed: true}}", "digits"] {
      let failed = try run(rule, over: "[]12", objects, rows: [2, 2, 4])
      #expect(failed.failed == [2] && failed.texts[0] == nil && failed.texts[2] != nil)
    }
  }
}
