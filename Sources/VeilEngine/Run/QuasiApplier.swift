import VeilConfig

/// The second of two passes: writes each record's generalized quasi-identifiers, or takes it out. One for each thread.
///
/// It fails closed: a combination that the first pass has not seen is suppressed, a value makes the record bad.
struct QuasiApplier {
  private let plan: RecodingPlan
  private let keepsSuppressed: Bool
  private var reader: QuasiReader
  private var codes: [UInt32]

  init(_ plan: RecodingPlan, layout: Layout, keepsSuppressed: Bool) {
    self.plan = plan
    self.keepsSuppressed = keepsSuppressed
    reader = QuasiReader(layout)
    codes = Array(repeating: 0, count: reader.fields.count)
  }

  /// A code that no coder gives: it stands for a value the plan has not seen.
  private static let unknown = UInt32.max
  /// The class of a record that is suppressed.
  private static let none: Int32 = -1

  mutating func apply(to batch: Batch) {
    reader.index(batch)
    var found = [[UInt32]](repeating: [], count: reader.fields.count)
    for (place, field) in reader.fields.enumerated() {
      let column = batch.columns[field.column]
      found[place] = Array(repeating: Self.unknown, count: batch.recordCount)
      for record in 0..<batch.recordCount where batch.isLive(record) {
        let cell = column.cells[reader.cell(place, of: record, column)]
        let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.isNull ? 0 : cell.count)
        if let code = unsafe plan.code(column: place, value) {
          found[place][record] = code
        } else {
          // As in the first pass, whose counts this one is held against.
          batch.fail(record, field: field.field, FailureReason("does not fit its hierarchy"))
        }
      }
    }
    var classes = [Int32](repeating: Self.none, count: batch.recordCount)
    for record in 0..<batch.recordCount where batch.isLive(record) {
      for place in found.indices { codes[place] = found[place][record] }
      let number: Int? = unsafe codes.withUnsafeBufferPointer { codes in
        guard let base = codes.baseAddress, unsafe !codes.contains(Self.unknown) else { return nil }
        return unsafe plan.classIndex(base)
      }
      if let number {
        classes[record] = Int32(number)
      } else if !keepsSuppressed {
        batch.exclude(record, .suppressed)
      }
    }
    for place in found.indices { write(found[place], classes, place, batch) }
  }

  /// Rewrites one column with the labels of its codes or classes. A missing value whose label is empty stays missing.
  private func write(_ codes: [UInt32], _ classes: [Int32], _ place: Int, _ batch: Batch) {
    let column = batch.columns[reader.fields[place].column]
    unsafe column.rewrite { cells, _, out in
      for index in 0..<cells.count {
        let record = column.record(ofCell: index)
        guard batch.isLive(record) else {
          cells[index] = .null
          continue
        }
        let label = unsafe plan.label(
          column: place, code: codes[record], class: classes[record] == Self.none ? nil : Int(classes[record]))
        let start = out.count
        if let base = label.baseAddress, label.count > 0 {
          unsafe out.append(base, count: label.count)
          cells[index] = Cell(start: start, count: label.count)
        } else {
          cells[index] = .null
        }
      }
    }
  }
}
