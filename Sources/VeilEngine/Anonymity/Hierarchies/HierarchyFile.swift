import Glibc
import VeilAnonymity
import VeilConfig

/// Reads hierarchies in ARX's format: one leaf per line, `leaf;level1;level2;…;*`, with every line as long as the
/// first.
///
/// Quotes follow RFC 4180; a byte order mark, CRLF and empty lines are accepted. Text is used unchanged and never
/// trimmed. A group of one level must lie in a single group of the level above. Otherwise recoding to the level above
/// could separate people that the level below puts together.
enum HierarchyFile {
  static func read(path: String, delimiter: UInt8 = UInt8(ascii: ";")) throws(HierarchyError) -> Hierarchy {
    try parse(contents(of: path), delimiter: delimiter)
  }

  static func parse(_ text: [UInt8], delimiter: UInt8 = UInt8(ascii: ";")) throws(HierarchyError) -> Hierarchy {
    guard String(validating: text, as: UTF8.self) != nil else { throw .notUTF8 }
    let rows = try rows(text, delimiter: delimiter)
    guard let width = rows.first?.fields.count else { throw .empty }
    guard width <= 64 else { throw .invalidOption("a hierarchy may have at most 64 levels") }
    return try make(rows, width: width)
  }

  /// Makes a hierarchy that does not come from a file. All rows have the same length, with the leaf first.
  static func make(rows: [[[UInt8]]]) throws(HierarchyError) -> Hierarchy {
    try make(rows.enumerated().map { Row(line: $0 + 1, fields: $1) }, width: rows.first?.count ?? 0)
  }

  private static func make(_ rows: [Row], width: Int) throws(HierarchyError) -> Hierarchy {
    var leaves = ByteStringTable(minimumCapacity: rows.count)
    for (number, row) in rows.enumerated() {
      guard row.fields.count == width else {
        throw .ragged(line: row.line, expected: width, found: row.fields.count)
      }
      let code = Int(leaves.insert(row.fields[0]))
      guard code == number else { throw .duplicateLeaf(line: row.line, firstLine: rows[code].line) }
    }
    for level in stride(from: 1, to: width - 1, by: 1) { try checkNesting(rows, level: level) }
    return Hierarchy(leaves: leaves, height: width - 1, addsRoot: false) { level, leaf in rows[leaf].fields[level] }
  }

  private struct Row {
    var line: Int
    var fields: [[UInt8]] = []
  }

  private static func checkNesting(_ rows: [Row], level: Int) throws(HierarchyError) {
    var groups = ByteStringTable()
    var firstRow: [Int] = []
    for (number, row) in rows.enumerated() {
      let group = Int(groups.insert(row.fields[level]))
      if group == firstRow.count { firstRow.append(number) }
      let first = rows[firstRow[group]]
      guard first.fields[level + 1] == row.fields[level + 1] else {
        throw .twoParents(line: row.line, firstLine: first.line, level: level)
      }
    }
  }

  private static func rows(_ text: [UInt8], delimiter: UInt8) throws(HierarchyError) -> [Row] {
    let quote = UInt8(ascii: "\"")
    let cr = UInt8(ascii: "\r")
    let lf = UInt8(ascii: "\n")
    var rows: [Row] = []
    var line = 1
    var next = UTF8Mark.length(in: text)
    func ends(_ at: Int) -> Bool {
      at == text.count || text[at] == lf || (text[at] == cr && (at + 1 == text.count || text[at + 1] == lf))
    }
    while next < text.count {
      var row = Row(line: line)
      let start = next
      while true {
        var field: [UInt8] = []
        if next < text.count, text[next] == quote {
          next += 1
          while true {
            guard next < text.count else { throw .badQuote(line: row.line) }
            if text[next] == quote {
              next += 1
              guard next < text.count, text[next] == quote else { break }
            } else if text[next] == lf {
              line += 1
            }
            field.append(text[next])
            next += 1
          }
          guard ends(next) || text[next] == delimiter else { throw .badQuote(line: row.line) }
        } else {
          while !ends(next), text[next] != delimiter {
            field.append(text[next])
            next += 1
          }
        }
        row.fields.append(field)
        if ends(next) { break }
        next += 1
      }
      if next > start { rows.append(row) }
      if next < text.count, text[next] == cr { next += 1 }
      if next < text.count { next += 1 }
      line += 1
    }
    return rows
  }

  /// Far above the size of any hierarchy; the hierarchy is held in memory.
  static let sizeLimit = 256 << 20

  /// Reads the file. Unsafe code here: `read` fills a buffer that owns exactly as many bytes as are asked for.
  private static func contents(of path: String) throws(HierarchyError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(code: errno) }
    defer { _ = close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw .unreadable(code: errno) }
    // A device may have no end, and a pipe can be read only once.
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(code: errno) }
      if count == 0 { return text }
      guard text.count + count <= sizeLimit else { throw .tooLarge }
      text.append(contentsOf: chunk[..<count])
    }
  }
}
