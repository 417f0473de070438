/// A part of the input that holds whole records only. Any worker can decode it.
///
/// At least 64 bytes after `bytes.count` are readable and zero, so that scans need no special code for the end.
final class Chunk {
  var bytes = ByteBuffer()
  /// The number of the chunk in the input, from 0.
  var sequence = 0
  /// The byte offset of the chunk in the (unpacked) input.
  var offset = 0
}
