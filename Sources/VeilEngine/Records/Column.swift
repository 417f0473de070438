/// The values of one field in one batch: an array of places into one run of bytes.
///
/// Straight from a decoder, `base` is the chunk itself and nothing was copied. A stage that rewrites the column appends
/// the new values to `output`, which then becomes the base.
///
/// Sound because `base` is set by the decoder to a chunk that outlives the batch's turn, or by `publish` to memory that
/// the column owns and that does not change until the next stage has read it.
@safe
final class Column {
  var cells = Buffer<Cell>()
  /// The record of each cell, ascending, where a record may have any number of cells (JSON); unused for CSV, where
  /// cell i belongs to record i.
  var rows = Buffer<UInt32>()
  let hasRows: Bool
  private(set) var base: UnsafePointer<UInt8>
  /// Whether a cell may still hold the source's escapes.
  var hasEscapes = false
  /// Whether `base` is the source's chunk, so that the quotes around a cell may be copied along.
  private(set) var isSource = true

  private var current = ByteBuffer()
  private var spare = ByteBuffer()

  init(hasRows: Bool) {
    self.hasRows = hasRows
    let empty = ByteBuffer()
    unsafe base = UnsafePointer(empty.start)
  }

  /// Begins a new batch over a chunk's bytes.
  func reset(base: UnsafePointer<UInt8>) {
    unsafe self.base = base
    cells.removeAll()
    rows.removeAll()
    hasEscapes = false
    isSource = true
  }

  /// Becomes a view of the same values, so that a rewrite of this column leaves the other as it is.
  func copyPlaces(of other: Column) {
    unsafe reset(base: other.base)
    unsafe cells.append(other.cells.start, count: other.cells.count)
    unsafe rows.append(other.rows.start, count: other.rows.count)
    hasEscapes = other.hasEscapes
    isSource = other.isSource
  }

  /// The record that a cell belongs to.
  @inline(__always)
  func record(ofCell index: Int) -> Int { hasRows ? Int(rows[index]) : index }

  /// Lends an empty buffer to write new values into, then makes it the column's bytes. The cells are rewritten in
  /// place by the body, with starts that count from the new buffer.
  func rewrite(_ body: (_ cells: inout Buffer<Cell>, _ base: UnsafePointer<UInt8>, _ out: inout ByteBuffer) -> Void) {
    var out = ByteBuffer()
    var cells = Buffer<Cell>()
    swap(&out, &spare)
    swap(&cells, &self.cells)
    out.removeAll()
    // An empty value must stand somewhere too: short copies read behind it.
    out.reserve(1)
    unsafe body(&cells, base, &out)
    swap(&cells, &self.cells)
    swap(&out, &current)
    swap(&out, &spare)
    unsafe base = UnsafePointer(current.start)
    hasEscapes = false
    isSource = false
  }
}
