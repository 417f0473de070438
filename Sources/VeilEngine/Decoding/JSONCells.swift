/// The cells of every column while a chunk is walked. They are borrowed from the batch, so that no object is looked up
/// for each cell.
///
/// Sound because this value owns the memory, makes it and frees it, and checks each index.
@safe
struct JSONCells: ~Copyable {
  private struct Lists: ~Copyable {
    var cells = Buffer<Cell>()
    var rows = Buffer<UInt32>()
    var hasEscapes = false
  }

  private let lists: UnsafeMutablePointer<Lists>
  private let count: Int

  init(count: Int) {
    self.count = count
    unsafe lists = .allocate(capacity: count)
    for index in 0..<count { unsafe (lists + index).initialize(to: Lists()) }
  }

  deinit {
    unsafe lists.deinitialize(count: count)
    unsafe lists.deallocate()
  }

  /// Exchanges the lists with those of the batch: takes them, or gives them back.
  mutating func swap(with batch: Batch) {
    precondition(batch.columns.count >= count)
    for index in 0..<count {
      let column = batch.columns[index]
      unsafe Swift.swap(&lists[index].cells, &column.cells)
      unsafe Swift.swap(&lists[index].rows, &column.rows)
      unsafe Swift.swap(&lists[index].hasEscapes, &column.hasEscapes)
    }
  }

  /// Appends a cell of `record` and returns its index.
  @inline(__always)
  mutating func append(_ cell: Cell, to column: Int, record: Int) -> Int {
    precondition(column >= 0 && column < count)
    let list = unsafe lists + column
    let index = unsafe list.pointee.cells.count
    unsafe list.pointee.cells.append(cell)
    unsafe list.pointee.rows.append(UInt32(truncatingIfNeeded: record))
    if cell.has(.escaped) { unsafe list.pointee.hasEscapes = true }
    return index
  }

  /// Removes the cells of `record`, which must be the last record.
  mutating func take(back record: Int) {
    for column in 0..<count {
      var kept = unsafe lists[column].rows.count
      while kept > 0, unsafe lists[column].rows[kept - 1] == UInt32(truncatingIfNeeded: record) { kept -= 1 }
      unsafe lists[column].rows.truncate(to: kept)
      unsafe lists[column].cells.truncate(to: kept)
    }
  }
}
