import VeilConfig

/// Decides which records of a batch may leave. Belongs to one thread.
///
/// A filter fails closed: a record is excluded and counted if its value is missing, empty, null, an object, or cannot
/// be read.
protocol BatchFilter {
  func judge(_ batch: Batch)
}

extension Batch {
  /// Asks `mayLeave` about every value of a column. A record is excluded if it has no value, an empty one, a null or an
  /// object, and if it has several values unless all of them may leave.
  func keepRecords(
    where column: Int, orExclude verdict: Verdict, _ mayLeave: (_ value: UnsafeBufferPointer<UInt8>) -> Bool
  ) {
    columns[column].unescape(escapes)
    unsafe keepRecords(in: columns[column], orExclude: verdict, mayLeave)
  }

  /// Does the same for a column that may be outside the batch. `missing` is the verdict for a record without a value.
  func keepRecords(
    in column: Column, orExclude verdict: Verdict, missing: Verdict? = nil,
    _ mayLeave: (_ value: UnsafeBufferPointer<UInt8>) -> Bool
  ) {
    let missing = missing ?? verdict
    var next = 0
    for index in 0..<column.cells.count {
      let record = column.record(ofCell: index)
      while next < record {
        exclude(next, missing)
        next += 1
      }
      next = record + 1
      let cell = column.cells[index]
      let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
      let isNothing = cell.isNull || cell.count == 0 || cell.has(.composite)
      if isNothing {
        exclude(record, missing)
      } else if unsafe !mayLeave(value) {
        exclude(record, verdict)
      }
    }
    while next < recordCount {
      exclude(next, missing)
      next += 1
    }
  }
}
