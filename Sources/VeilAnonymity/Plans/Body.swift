/// Writes numbers and byte strings one after another: the body of saved histograms and plans.
///
/// Numbers are unsigned and little-endian in groups of seven bits (LEB128). A text or list follows its count.
package struct BodyWriter {
  package private(set) var bytes: [UInt8]

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  package mutating func write(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes `count`, which must be 0 or more.
  package mutating func write(_ count: Int) { write(UInt64(count)) }

  mutating func write(_ number: UInt32) { write(UInt64(number)) }

  mutating func write(_ number: Double) {
    let bits = number.bitPattern
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
  }

  package mutating func write(_ text: [UInt8]) {
    write(text.count)
    bytes.append(contentsOf: text)
  }

  package mutating func write(_ text: String) { write(Array(text.utf8)) }
}

/// The reason why a saved file cannot be used. It says what is wrong with the file, never what is in it.
package struct MalformedFile: Error {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}

/// Reads what `BodyWriter` wrote. It compares every count with the number of bytes that are left before it allocates
/// memory. So no file, however it was changed, takes more memory than a small multiple of its length.
package struct BodyReader {
  private let bytes: [UInt8]
  private var next = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var isAtEnd: Bool { next == bytes.count }

  mutating func number() throws(MalformedFile) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard next < bytes.count else { throw MalformedFile("it ends too early") }
      let byte = bytes[next]
      next += 1
      if shift == 63, byte > 1 { throw MalformedFile("a number in it is too large") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// Reads a number from 0 to `limit`.
  mutating func integer(upTo limit: Int = 1 << 53) throws(MalformedFile) -> Int {
    let value = try number()
    guard value <= UInt64(limit) else { throw MalformedFile("a number in it is out of range") }
    return Int(value)
  }

  mutating func code(below limit: Int) throws(MalformedFile) -> UInt32 {
    guard limit > 0 else { throw MalformedFile("a number in it is out of range") }
    return UInt32(try integer(upTo: min(limit, Int(UInt32.max)) - 1))
  }

  /// Reads the count of a list whose items take at least `width` bytes each.
  mutating func count(width: Int = 1) throws(MalformedFile) -> Int {
    let value = try number()
    guard value <= UInt64((bytes.count - next) / max(1, width)), value < UInt64(Int32.max) else {
      throw MalformedFile("a list in it is longer than the file")
    }
    return Int(value)
  }

  mutating func double() throws(MalformedFile) -> Double {
    guard bytes.count - next >= 8 else { throw MalformedFile("it ends too early") }
    var bits: UInt64 = 0
    for place in 0..<8 { bits |= UInt64(bytes[next + place]) << UInt64(8 * place) }
    next += 8
    return Double(bitPattern: bits)
  }

  package mutating func text() throws(MalformedFile) -> [UInt8] {
    let count = try count()
    defer { next += count }
    return Array(bytes[next..<next + count])
  }

  package mutating func string() throws(MalformedFile) -> String {
    guard let text = String(validating: try text(), as: UTF8.self) else {
      throw MalformedFile("a text in it is not UTF-8")
    }
    return text
  }
}
