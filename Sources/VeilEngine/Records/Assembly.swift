/// How JSON records are put together again: runs of source bytes to copy, each with a cell to write behind it.
///
/// Everything kept is copied as it stood, so number text, key order, spaces and escapes survive byte for byte.
final class Assembly {
  struct Piece: BitwiseCopyable {
    /// The run's start in the chunk, and its length in bytes.
    var start: UInt32
    var count: UInt32
    /// The column whose cell is written behind the run, or -1.
    var column: Int32
    /// The index of the cell.
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
  /// For each record, the index behind its last piece.
  var ends = Buffer<UInt32>()

  func removeAll() {
    pieces.removeAll()
    ends.removeAll()
  }
}
