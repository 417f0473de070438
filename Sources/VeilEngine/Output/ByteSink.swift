import VeilGround

/// Where output bytes go: a file that is not yet published, standard output, or a packer around one of them. Used by
/// one thread at a time.
protocol ByteSink: AnyObject {
  /// Takes all of `bytes`. Throws `OutputError`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError)

  /// Writes what is still held back (a packer's trailer). Nothing may be written afterwards.
  func finish() throws(OutputError)
}
