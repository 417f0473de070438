/// Decides which cells a spreadsheet would treat as a formula (OWASP, "CSV Injection").
///
/// These are cells that begin with `=`, `+`, `-`, `@`, a tab, a carriage return or a line feed, or with the full-width
/// forms of the first four. A plain decimal number, such as `-5` or `+4.5e3`, is not one of them: as a formula it gives
/// only itself, and with an apostrophe the reader of the export would no longer get a number. A byte order mark (U+FEFF)
/// at the front is looked through: whoever opens the file may take it away.
enum FormulaGuard {
  /// The character in front of a cell that makes the cell text.
  static let mark = UInt8(ascii: "'")

  /// Returns whether the guard applies to a cell. Sound: `bytes` holds `count` bytes, and no other bytes are read.
  @inline(__always)
  static func applies(to bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard count > 0 else { return false }
    // Most cells begin with a letter or a digit.
    let first = unsafe bytes[0]
    if first >= 0x41 && first < 0x80 || first >= 0x30 && first <= 0x39 { return false }
    return unsafe isFormula(bytes, count)
  }

  static func applies(to text: [UInt8]) -> Bool {
    unsafe text.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return false }
      return unsafe applies(to: start, bytes.count)
    }
  }

  /// Returns whether the guard may have put the apostrophe at the front of this cell.
  static func wrote(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard count > 1, unsafe bytes[0] == mark else { return false }
    return unsafe applies(to: bytes + 1, count - 1)
  }

  @inline(never)
  private static func isFormula(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let first = unsafe bytes[0]
    switch first {
    case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0A, 0x0D: return true
    case UInt8(ascii: "+"), UInt8(ascii: "-"): return !(unsafe isNumber(bytes + 1, count - 1))
    // U+FF1D, U+FF0B, U+FF0D and U+FF20 in UTF-8.
    case 0xEF:
      guard count >= 3 else { return false }
      let (second, third) = unsafe (bytes[1], bytes[2])
      if second == 0xBB && third == 0xBF { return unsafe applies(to: bytes + 3, count - 3) }
      return second == 0xBC && [0x9D, 0x8B, 0x8D, 0xA0].contains(third)
    default: return false
    }
  }

  /// Returns whether the text is digits with at most one point, with or without an exponent.
  private static func isNumber(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var index = 0
    func skipDigits() -> Int {
      let start = index
      while index < count, unsafe bytes[index] >= 0x30, unsafe bytes[index] <= 0x39 { index += 1 }
      return index - start
    }
    var digits = skipDigits()
    if index < count, unsafe bytes[index] == UInt8(ascii: ".") {
      index += 1
      digits += skipDigits()
    }
    guard digits > 0 else { return false }
    if index < count, unsafe bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < count, unsafe bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") { index += 1 }
      guard skipDigits() > 0 else { return false }
    }
    return index == count
  }
}
