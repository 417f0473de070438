/// Where output bytes go: a file that is not yet published, standard output, or a packer around one of them. Used by
/// one thread at a time.
protocol ByteSink: AnyObject {
  /// Takes all of `bytes`. Throws `OutputError`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError)

  /// Writes what is still held back (a packer's trailer). Nothing may be written afterwards.
  func finish() throws(OutputError)
}

/// Output that could not be written. Names places, never contents.
struct OutputError: Error, CustomStringConvertible {
  let description: String
  /// Whether the reader of standard output went away, which ends a run quietly.
  let isBrokenPipe: Bool

  init(_ description: String, isBrokenPipe: Bool = false) {
    self.description = description
    self.isBrokenPipe = isBrokenPipe
  }
}
