/// Where input bytes come from: a file, standard input, or an unpacker around one of them. Used by one thread at a
/// time.
protocol ByteSource: AnyObject {
  /// Fills the front of `buffer` and answers how many bytes it wrote; 0 is the end. May write fewer than fit.
  /// Throws `InputError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int
}

/// Input that is missing, unreadable or malformed. Names places, never contents.
struct InputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
