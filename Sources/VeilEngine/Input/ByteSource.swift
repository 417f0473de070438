import VeilGround

/// Where input bytes come from: a file, standard input, or an unpacker around one of them. Used by one thread at a
/// time.
protocol ByteSource: AnyObject {
  /// Fills the front of `buffer` and answers how many bytes it wrote; 0 is the end. May write fewer than fit.
  /// Throws `InputError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int
}

/// Is told how many bytes of an input were read, as they are stored.
protocol ByteMeter: AnyObject, Sendable {
  func addBytes(_ count: Int)
}
