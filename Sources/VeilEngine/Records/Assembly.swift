/// Says how each JSON record is written again: runs of source bytes to copy, each followed by at most one cell.
///
/// What is kept is copied unchanged, so number text, key order, spaces and escapes stay the same byte for byte.
final class Assembly {
  struct Piece: BitwiseCopyable {
    /// The start of the run in the chunk, and its length, in bytes.
    var start: UInt32
    var count: UInt32
    /// The column whose cell is written after the run, or -1 for none.
    var column: Int32
    /// The index of the cell in its column.
    var cell: UInt32

    @inline(__always)
    init(start: Int, end: Int, column: Int32 = -1, cell: UInt32 = 0) {
      self.start = UInt32(truncatingIfNeeded: start)
      count = UInt32(truncatingIfNeeded: end &- start)
      self.column = column
      self.cell = cell
    }
  }

  var pieces = Buffer<Piece>()
  /// For each record, the index after its last piece.
  var ends = Buffer<UInt32>()

  func removeAll() {
    pieces.removeAll()
    ends.removeAll()
  }
}
