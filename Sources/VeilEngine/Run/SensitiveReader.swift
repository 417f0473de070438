import VeilConfig

/// The sensitive values of a batch that models look at, as they will be published. Belongs to one thread.
///
/// A value is a byte that says what kind it is and its text, so that the number 1 and the text "1" of JSON differ; one that
/// is empty, null or not there is missing, and is no byte at all. Several in one record are one value together.
struct SensitiveReader {
  private let columns: [Int]
  private(set) var values: [[[UInt8]]] = []

  init(columns: [Int]) {
    self.columns = columns
    values = columns.map { _ in [] }
  }

  var isEmpty: Bool { columns.isEmpty }

  /// Reads the values of live records. To be called when stages have rewritten them.
  mutating func read(_ batch: Batch) {
    for (place, number) in columns.enumerated() {
      let column = batch.columns[number]
      column.unescape(batch.escapes)
      var found = [[UInt8]](repeating: [], count: batch.recordCount)
      for index in 0..<column.cells.count {
        let cell = column.cells[index]
        let record = column.record(ofCell: index)
        guard batch.isLive(record), !cell.isNull, cell.count > 0 else { continue }
        if !found[record].isEmpty { found[record].append(0) }
        found[record].append(cell.has(.composite) ? 3 : cell.has(.literal) ? 2 : 1)
        unsafe found[record].append(
          contentsOf: UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count))
      }
      values[place] = found
    }
  }
}
