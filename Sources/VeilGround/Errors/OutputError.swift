/// An error for output that could not be written. Its text has places, never contents.
package struct OutputError: Error, CustomStringConvertible {
  package let description: String
  /// Whether the reader of standard output closed it, which ends a run without a message.
  package let isBrokenPipe: Bool

  package init(_ description: String, isBrokenPipe: Bool = false) {
    self.description = description
    self.isBrokenPipe = isBrokenPipe
  }
}
