import VeilGround

/// The reason why a generalization hierarchy cannot be used. It names lines, never labels.
package enum HierarchyError: Error, Equatable, Sendable {
  /// The file cannot be read; `code` is the system's error number.
  case unreadable(code: Int32)
  /// The path is a folder, a device or a pipe.
  case notRegular
  /// The file is too long to be held in memory.
  case tooLarge
  /// There is no leaf in the file.
  case empty
  /// The line has a different number of fields from the first line.
  case ragged(line: Int, expected: Int, found: Int)
  /// A quote is left open, or text follows a closing quote.
  case badQuote(line: Int)
  case notUTF8
  /// An earlier line has the same leaf.
  case duplicateLeaf(line: Int, firstLine: Int)
  /// A group of `level` belongs to one group of the level above on `firstLine` and to another one on `line`.
  case twoParents(line: Int, firstLine: Int, level: Int)
  /// An option is outside the range that the hierarchy allows.
  case invalidOption(String)
}

extension HierarchyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let code): "the hierarchy file cannot be read: \(SystemError(code))"
    case .notRegular: "the hierarchy file is not a regular file"
    case .tooLarge: "the hierarchy file is larger than 256 MiB"
    case .empty: "the hierarchy has no leaf"
    case .ragged(let line, let expected, let found):
      "line \(line) has \(found) fields, the first line has \(expected)"
    case .badQuote(let line): "line \(line): a quote is left open or followed by text"
    case .notUTF8: "the hierarchy file is not UTF-8"
    case .duplicateLeaf(let line, let firstLine): "line \(line) repeats the leaf of line \(firstLine)"
    case .twoParents(let line, let firstLine, let level):
      "a group of level \(level) has one parent on line \(firstLine) and another one on line \(line)"
    case .invalidOption(let reason): reason
    }
  }
}
