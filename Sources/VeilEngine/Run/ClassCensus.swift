/// Counts the equivalence classes of a published file, from its text alone: records with the same text in every
/// quasi-identifier are one class (Sweeney 2002), and it holds the people whose subjects differ.
struct ClassCensus {
  /// Nil for a quasi-identifier that the file does not have; it then tells nobody apart.
  let quasiColumns: [Int?]
  let subjectColumn: Int?
  private(set) var records = 0
  /// Records with `*` in every quasi-identifier.
  private(set) var suppressed = 0
  var leakedNames: Set<String> = []
  var oddTokens: [String: Int] = [:]
  private var recordsOfClass: [[UInt8]: Int] = [:]
  private var subjectsOfClass: [[UInt8]: Set<[UInt8]>] = [:]

  init(quasiColumns: [Int?], subjectColumn: Int?) {
    self.quasiColumns = quasiColumns
    self.subjectColumn = subjectColumn
  }

  var countsSubjects: Bool { subjectColumn != nil }
  var classCount: Int { recordsOfClass.count }

  /// People in the smallest class, or records where the file does not say who they are about; nil without records.
  var smallestClass: Int? {
    countsSubjects ? subjectsOfClass.values.map(\.count).min() : recordsOfClass.values.min()
  }

  mutating func add(_ batch: Batch) {
    records += batch.recordCount
    guard !quasiColumns.isEmpty else { return }
    var keys = [[UInt8]](repeating: [], count: batch.recordCount)
    var stars = [Int](repeating: 0, count: batch.recordCount)
    for column in quasiColumns {
      for (record, value) in Self.values(batch, column).enumerated() {
        if value == [UInt8(ascii: "*")] { stars[record] += 1 }
        // The length in front keeps neighbouring values apart.
        unsafe withUnsafeBytes(of: UInt32(value.count)) { unsafe keys[record].append(contentsOf: $0) }
        keys[record] += value
      }
    }
    let subjects = subjectColumn.map { Self.values(batch, $0) }
    for record in 0..<batch.recordCount {
      if stars[record] == quasiColumns.count {
        suppressed += 1
        continue
      }
      recordsOfClass[keys[record], default: 0] += 1
      if let subjects { subjectsOfClass[keys[record], default: []].insert(subjects[record]) }
    }
  }

  /// Each record's value in a column; a missing one is told apart from an empty text.
  private static func values(_ batch: Batch, _ column: Int?) -> [[UInt8]] {
    var values = [[UInt8]](repeating: [0], count: batch.recordCount)
    guard let column else { return values }
    let cells = batch.columns[column]
    for index in 0..<cells.cells.count where !cells.cells[index].isNull {
      let cell = cells.cells[index]
      values[cells.record(ofCell: index)] = unsafe Array(
        UnsafeBufferPointer(start: cells.base + cell.offset, count: cell.count))
    }
    return values
  }
}
