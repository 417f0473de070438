/// The result of a value stage for one value.
enum Rewritten {
  /// The new value was appended.
  case text
  /// The new value was appended. It is the text of a decimal number, and stays a JSON number if the old value was one.
  case number
  /// The new value was appended and needs neither quotes nor escapes in any format (hex, digits, letters).
  case plain
  /// The new value was appended; it is a JSON literal (a number, true or false) whatever it was before.
  case literal
  /// There is no value any more, so the cell becomes null.
  case null
  /// The value cannot be handled, so the record is bad.
  case invalid(FailureReason)
}

/// A stage that reads one value at a time, and nothing else.
///
/// `rewrite` gets the value's bytes, without escapes and as valid UTF-8, and never a null; a JSON number is its text.
/// If it returns `.invalid` or `.null`, what it appended before is removed.
protocol ValueStage: Stage, Rewriter {
  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten
}

extension ValueStage {
  func rewriter(_ environment: StageEnvironment) -> any Rewriter { self }

  /// Returns whether the stage would replace `value` by the same `value`. This is true for its own output, if applying
  /// the stage twice gives the same result as once.
  func leavesAlone(_ value: Span<UInt8>) -> Bool {
    var out = ByteBuffer()
    if case .invalid = rewrite(value, into: &out) { return false }
    return out.withBytes(from: 0) { $0.isEqual(to: value) }
  }

  /// Rewrites a column with the loop that all value stages share, specialized for each of them.
  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    column.rewriteValues(of: field, in: batch) { value, out in rewrite(value, into: &out) }
  }
}

extension Column {
  /// Rewrites every value of live records with `body`. Nulls stay null, and in CSV a value that becomes empty becomes
  /// null.
  @inline(__always)
  func rewriteValues(
    of field: Int, in batch: Batch, _ body: (_ value: Span<UInt8>, _ out: inout ByteBuffer) -> Rewritten
  ) {
    rewriteRecordValues(of: field, in: batch) { _, value, out in body(value, &out) }
  }

  /// Does the same as `rewriteValues`, for a body that also needs the record of the value.
  @inline(__always)
  func rewriteRecordValues(
    of field: Int, in batch: Batch,
    _ body: (_ record: Int, _ value: Span<UInt8>, _ out: inout ByteBuffer) -> Rewritten
  ) {
    unescape(batch.escapes)
    let allLive = batch.excludedCount == 0
    // CSV writes an empty value and a null in the same way, so later stages must get them in the same way.
    let emptyIsNull = batch.escapes != .json
    unsafe rewrite { cells, base, out in
      for index in 0..<cells.count {
        let cell = cells[index]
        let record = record(ofCell: index)
        if cell.isNull || !(allLive || batch.isLive(record)) {
          cells[index] = .null
          continue
        }
        if cell.has(.composite) {
          cells[index] = .null
          batch.fail(record, field: field, reason: .composite)
          continue
        }
        let start = out.count
        let outcome: Rewritten
        do {
          let bytes = unsafe UnsafeBufferPointer(start: base + cell.offset, count: cell.count)
          let span = unsafe Span(_unsafeElements: bytes)
          outcome = body(record, span, &out)
        }
        let count = out.count - start
        if count > Cell.longest || out.count > Int(UInt32.max) {
          out.truncate(to: start)
          cells[index] = .null
          batch.fail(record, field: field, reason: .tooLong)
          continue
        }
        switch outcome {
        case .text: cells[index] = count == 0 && emptyIsNull ? .null : Cell(start: start, count: count)
        case .plain:
          cells[index] = count == 0 && emptyIsNull ? .null : Cell(start: start, count: count, flags: .plain)
        case .number:
          let flags: Cell.Flags = cell.has(.literal) ? [.plain, .literal] : .plain
          cells[index] = Cell(start: start, count: count, flags: flags)
        case .literal: cells[index] = Cell(start: start, count: count, flags: [.plain, .literal])
        case .null:
          out.truncate(to: start)
          cells[index] = .null
        case .invalid(let reason):
          out.truncate(to: start)
          cells[index] = .null
          batch.fail(record, field: field, reason: reason)
        }
      }
    }
  }
}
