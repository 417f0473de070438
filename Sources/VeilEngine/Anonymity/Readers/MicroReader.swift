import VeilAnonymity
import VeilConfig
import VeilGround

/// Reads, for each record of a batch, the numbers that are grouped together. One thread owns it.
struct MicroReader {
  private let fields: [(field: Int, column: Int)]
  private let decimals: Int
  /// The numbers of each record in units of 10^-decimals; nil if one is missing, or if the record is not live.
  private(set) var points: [[Int64]?] = []
  private var cells: [[Int32]] = []

  init(_ config: MicroaggregationConfig, _ layout: Layout) throws(RunError) {
    decimals = config.decimals
    var fields: [(field: Int, column: Int)] = []
    for path in config.fields {
      guard let column = layout.column(of: path), let field = layout.fields.firstIndex(where: { $0.column == column })
      else { throw RunError(.mismatch, "the input has no field '\(path)', which 'microaggregation' looks at") }
      fields.append((field, column))
    }
    self.fields = fields
  }

  /// Reads the live records. A record is bad if its value is not a number, or not a single value.
  mutating func read(_ batch: Batch) {
    cells = fields.map { index(batch, field: $0.field, column: batch.columns[$0.column]) }
    points = (0..<batch.recordCount).map { record in
      guard batch.isLive(record) else { return nil }
      var point: [Int64] = []
      for (place, field) in fields.enumerated() {
        let column = batch.columns[field.column]
        let number = cells[place][record]
        guard number >= 0, !column.cells[Int(number)].isNull else { return nil }
        let cell = column.cells[Int(number)]
        let bytes = unsafe Array(UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count))
        guard let value = DecimalNumber(bytes.span)?.rounded(toMultipleOf: 1, places: decimals),
          abs(value) < 1 << 52
        else {
          batch.fail(record, field: field.field, reason: .notANumber)
          return nil
        }
        point.append(Int64(value))
      }
      return point
    }
  }

  /// Returns the cell of each record; -1 if it has none.
  private func index(_ batch: Batch, field: Int, column: Column) -> [Int32] {
    column.unescape(batch.escapes)
    guard column.hasRows else { return (0..<batch.recordCount).map(Int32.init) }
    var first = [Int32](repeating: -1, count: batch.recordCount)
    for cell in 0..<column.cells.count {
      let record = Int(column.rows[cell])
      if first[record] >= 0 || column.cells[cell].has(.composite) {
        batch.fail(record, field: field, reason: FailureReason("is not one value, which alone can be grouped", .shape))
      }
      first[record] = Int32(cell)
    }
    return first
  }

  /// Writes means in place of the numbers. A record without numbers, or with numbers that were not there before, is
  /// suppressed, because it would have no group.
  func write(_ plan: MicroPlan, to batch: Batch) {
    let means = points.enumerated().map { record, point -> [Int64]? in
      guard batch.isLive(record) else { return nil }
      let means = point.flatMap { plan.means(of: $0) }
      if means == nil { batch.exclude(record, .suppressed) }
      return means
    }
    for (place, field) in fields.enumerated() {
      unsafe batch.columns[field.column].rewrite { cells, _, out in
        let column = batch.columns[field.column]
        for index in 0..<cells.count {
          guard let mean = means[column.record(ofCell: index)] else {
            cells[index] = .null
            continue
          }
          let start = out.count
          out.append(Int128(mean[place]), places: decimals)
          cells[index] = Cell(start: start, count: out.count - start, flags: [.plain, .literal])
        }
      }
    }
  }
}
