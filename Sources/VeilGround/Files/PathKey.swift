/// A path as the file system compares it, byte by byte: two files may have names that Swift's strings call equal, one
/// with an accented letter and one with a letter and its accent.
package struct PathKey: Hashable, Comparable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (a: PathKey, b: PathKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
  package static func < (a: PathKey, b: PathKey) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
