/// The part that is left of a value by a stage that only shortens values.
enum Reshaped {
  /// These bytes of the value.
  case part(Range<Int>)
  /// These bytes of the value. None of them needs quotes or escapes in any format.
  case plainPart(Range<Int>)
  /// The value cannot be handled, so the record is bad.
  case invalid(FailureReason)
}

extension Column {
  /// Shortens every value of live records with `body` in place: the cells get new ends, and no byte is copied.
  ///
  /// Nulls stay null. A JSON number stays a number if `keepsLiterals` is true; otherwise it becomes a string.
  @inline(__always)
  func reshapeValues(
    of field: Int, in batch: Batch, keepsLiterals: Bool, _ body: (_ value: Span<UInt8>) -> Reshaped
  ) {
    unescape(batch.escapes)
    let allLive = batch.excludedCount == 0
    let emptyIsNull = batch.escapes != .json
    let lost: Cell.Flags = keepsLiterals ? [] : .literal
    var cells = Buffer<Cell>()
    swap(&cells, &self.cells)
    for index in 0..<cells.count {
      let cell = cells[index]
      if cell.isNull { continue }
      let record = record(ofCell: index)
      if !(allLive || batch.isLive(record)) {
        cells[index] = .null
        continue
      }
      if cell.has(.composite) {
        cells[index] = .null
        batch.fail(record, field: field, reason: .composite)
        continue
      }
      let reshaped: Reshaped
      do {
        // Sound: a cell lies within its column's bytes, and the span does not outlive this scope.
        let bytes = unsafe UnsafeBufferPointer(start: base + cell.offset, count: cell.count)
        let span = unsafe Span(_unsafeElements: bytes)
        reshaped = body(span)
      }
      switch reshaped {
      case .part(let range):
        precondition(range.lowerBound >= 0 && range.upperBound <= cell.count)
        if range.count == cell.count {
          if cell.has(lost) { cells[index] = cell.withFlags(cell.flags.subtracting(lost)) }
        } else if range.isEmpty && emptyIsNull {
          cells[index] = .null
        } else {
          // A value that needed no quotes may begin with a character that needs them when its front is cut off.
          let gone: Cell.Flags = range.lowerBound == 0 ? .quoted : [.quoted, .plain]
          cells[index] = Cell(
            start: cell.offset + range.lowerBound, count: range.count,
            flags: cell.flags.subtracting(gone).subtracting(lost))
        }
      case .plainPart(let range):
        precondition(range.lowerBound >= 0 && range.upperBound <= cell.count)
        cells[index] = Cell(start: cell.offset + range.lowerBound, count: range.count, flags: .plain)
      case .invalid(let reason):
        cells[index] = .null
        batch.fail(record, field: field, reason: reason)
      }
    }
    swap(&cells, &self.cells)
  }
}

extension Cell {
  fileprivate func withFlags(_ flags: Flags) -> Cell { Cell(start: offset, count: count, flags: flags) }
}

extension FailureReason {
  static var composite: FailureReason { FailureReason("is an object or array where a single value is needed", .shape) }
  static var tooLong: FailureReason { FailureReason("becomes longer than a value may be", .length) }
}
