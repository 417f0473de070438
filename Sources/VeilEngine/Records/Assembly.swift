/// How JSON records are put together again: runs of source bytes to copy, and cells to write between them.
///
/// Everything kept is copied as it stood, so number text, key order, spaces and escapes survive byte for byte.
final class Assembly {
  struct Piece: BitwiseCopyable {
    /// The column whose cell is written here, or -1 for a run of source bytes.
    var column: Int32
    /// The index of the cell, or the run's start in the chunk.
    var first: UInt32
    /// The run's length in bytes; 0 for a cell.
    var count: UInt32

    @inline(__always)
    static func run(start: Int, count: Int) -> Piece {
      Piece(column: -1, first: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: count))
    }

    @inline(__always)
    static func cell(column: Int, index: Int) -> Piece {
      Piece(column: Int32(truncatingIfNeeded: column), first: UInt32(truncatingIfNeeded: index), count: 0)
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
