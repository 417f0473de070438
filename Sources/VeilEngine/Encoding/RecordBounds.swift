/// Where each record ends in what an encoder made. One thread owns it.
///
/// An encoder that has it writes each record as a run of its own: without the text that stands between two records.
final class RecordBounds {
  private(set) var ends = Buffer<UInt32>()

  func removeAll() { ends.removeAll() }

  /// Says that a record ends at `count` bytes.
  @inline(__always)
  func end(at count: Int) { ends.append(UInt32(count)) }
}
