import VeilGround

/// A source of input bytes: a file, standard input, or a source that unpacks another one. One thread at a time may use
/// it.
protocol ByteSource: AnyObject {
  /// Fills the front of `buffer` and returns how many bytes it wrote; 0 means the end. May write fewer bytes than fit.
  /// Throws `InputError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int
}

extension ByteSource {
  /// Fills a block from one of its places on, and returns how many bytes it wrote; 0 means the end.
  func read(into block: inout [UInt8], from start: Int = 0) throws(InputError) -> Int {
    try unsafe block.withUnsafeMutableBytes { block in
      Result { () throws(InputError) in
        unsafe try read(into: UnsafeMutableRawBufferPointer(rebasing: block[start...]))
      }
    }.get()
  }
}

/// Is told how many bytes of an input were read, as they are stored.
protocol ByteMeter: AnyObject, Sendable {
  func addBytes(_ count: Int)
}
