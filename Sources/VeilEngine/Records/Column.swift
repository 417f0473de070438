/// The values of one field in one batch: an array of positions in one run of bytes.
///
/// After decoding, `base` is the chunk itself and no byte was copied. A stage that rewrites the column appends the new
/// values to `output`, which then becomes the base.
///
/// Sound because `base` is set either by the decoder, to a chunk that lives until the worker is done with the batch, or
/// by `publish`, to memory that the column owns and that does not change until the next stage has read it.
@safe
final class Column {
  var cells = Buffer<Cell>()
  /// The record of each cell, in ascending order, where a record may have any number of cells (JSON). Unused for CSV,
  /// where cell i belongs to record i.
  var rows = Buffer<UInt32>()
  let hasRows: Bool
  private(set) var base: UnsafePointer<UInt8>
  /// Whether a cell may still contain the source's escapes.
  var hasEscapes = false
  /// Whether `base` is the source's chunk, so that the quotes around a cell may be copied with it.
  private(set) var isSource = true

  private var current = ByteBuffer()
  private var spare = ByteBuffer()

  init(hasRows: Bool) {
    self.hasRows = hasRows
    let empty = ByteBuffer()
    unsafe base = UnsafePointer(empty.start)
  }

  /// Starts a new batch over the bytes of a chunk.
  func reset(base: UnsafePointer<UInt8>) {
    unsafe self.base = base
    cells.removeAll()
    rows.removeAll()
    hasEscapes = false
    isSource = true
  }

  /// Makes this column a view of the other column's values. A later rewrite of this column does not change the other.
  func copyPlaces(of other: Column) {
    unsafe reset(base: other.base)
    unsafe cells.append(other.cells.start, count: other.cells.count)
    unsafe rows.append(other.rows.start, count: other.rows.count)
    hasEscapes = other.hasEscapes
    isSource = other.isSource
  }

  /// Returns the record that a cell belongs to.
  @inline(__always)
  func record(ofCell index: Int) -> Int { hasRows ? Int(rows[index]) : index }

  /// Gives `body` an empty buffer for the new values, then makes that buffer the bytes of the column. `body` updates
  /// the cells in place; their starts count from the new buffer.
  func rewrite(_ body: (_ cells: inout Buffer<Cell>, _ base: UnsafePointer<UInt8>, _ out: inout ByteBuffer) -> Void) {
    var out = ByteBuffer()
    var cells = Buffer<Cell>()
    swap(&out, &spare)
    swap(&cells, &self.cells)
    out.removeAll()
    // An empty value needs an address too, because short copies read past its end.
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
