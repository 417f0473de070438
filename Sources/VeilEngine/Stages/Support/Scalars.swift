/// Reads the Unicode scalars of valid UTF-8 directly from bytes, without making a String of a value.
extension Span where Element == UInt8 {
  /// Returns the number of bytes of the scalar that begins at `index`, limited to the bytes that exist.
  @inline(__always)
  func scalarWidth(at index: Int) -> Int {
    let lead = self[index]
    if lead < 0x80 { return 1 }
    return Swift.min(lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, count - index)
  }

  /// Returns the scalar in the `width` bytes from `index` on. Bytes that are not UTF-8 give U+FFFD.
  @inline(__always)
  func scalar(at index: Int, width: Int) -> Unicode.Scalar {
    let lead = UInt32(self[index])
    if width == 1 { return lead < 0x80 ? Unicode.Scalar(UInt8(lead)) : "\u{FFFD}" }
    var value = lead & (0x7F >> UInt32(width))
    for offset in 1..<width { value = value << 6 | UInt32(self[index + offset] & 0x3F) }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  /// Returns the start of the scalar that ends before `end`.
  @inline(__always)
  func scalarStart(before end: Int) -> Int {
    var start = end - 1
    while start > 0 && self[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  /// Returns the end of the first `scalars` scalars.
  func end(ofFirst scalars: Int) -> Int {
    // A scalar has one byte or more, so a short value need not be scanned.
    if count <= scalars { return count }
    var index = 0
    var left = scalars
    while left > 0 && index < count {
      index += scalarWidth(at: index)
      left -= 1
    }
    return index
  }

  func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// The number of scalars.
  var scalarCount: Int {
    var scalars = 0
    for index in indices where self[index] & 0xC0 != 0x80 { scalars += 1 }
    return scalars
  }
}

extension Buffer where Element == UInt8 {
  /// Appends the UTF-8 of one scalar.
  @inline(__always)
  mutating func append(scalar: Unicode.Scalar) {
    guard let encoded = UTF8.encode(scalar) else { return }
    for byte in encoded { append(byte) }
  }

  mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

  /// Appends a value and changes the case of the 26 ASCII letters from `first` on. Returns whether all of it was ASCII.
  @inline(__always)
  mutating func append(_ value: Span<UInt8>, changingCaseOfLettersFrom first: UInt8) -> Bool {
    reserve(value.count)
    // Sound: room for all bytes was just reserved. The compiler turns such a simple loop into vector instructions.
    let target = unsafe end
    var seen: UInt8 = 0
    for index in value.indices {
      let byte = value[index]
      seen |= byte
      unsafe target[index] = byte &- first < 26 ? byte ^ 0x20 : byte
    }
    advance(by: value.count)
    return seen < 0x80
  }
}
