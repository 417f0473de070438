/// A run of input that holds whole records only, ready to be decoded by any worker.
///
/// At least 64 bytes behind `bytes.count` are readable and zero, so that scans need no special end.
final class Chunk {
  var bytes = ByteBuffer()
  /// The chunk's place in the input, from 0.
  var sequence = 0
  /// Where the chunk begins in the (unpacked) input, in bytes.
  var offset = 0
}
