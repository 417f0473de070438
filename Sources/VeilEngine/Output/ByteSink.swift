import VeilGround

/// A destination for output bytes: a file that is not yet published, standard output, or a sink that packs bytes for
/// another one. One thread at a time may use it.
protocol ByteSink: AnyObject {
  /// Writes all of `bytes`. Throws `OutputError`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError)

  /// Writes the bytes that are still held back, such as a packer's trailer. Nothing may be written afterwards.
  func finish() throws(OutputError)
}
