/// An error for output that could not be written. Its text names places, never contents.
package struct OutputError: Error, CustomStringConvertible {
  package let description: String
  /// Whether the reader of standard output has closed it, which ends a run quietly.
  package let isBrokenPipe: Bool

  package init(_ description: String, isBrokenPipe: Bool = false) {
    self.description = description
    self.isBrokenPipe = isBrokenPipe
  }
}
