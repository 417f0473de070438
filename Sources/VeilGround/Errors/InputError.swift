/// An error for input that is missing, unreadable or malformed. Its text has places, never contents.
package struct InputError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
