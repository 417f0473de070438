/// The Unicode scalars of valid UTF-8, read from bytes: no String is made of a value.
extension Span where Element == UInt8 {
  /// How many bytes the scalar that begins at `index` takes; never more than there are.
  @inline(__always)
  func scalarWidth(at index: Int) -> Int {
    let lead = self[index]
    if lead < 0x80 { return 1 }
    return Swift.min(lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, count - index)
  }

  /// The scalar that takes the `width` bytes from `index`. Bytes that are no UTF-8 read as U+FFFD.
  @inline(__always)
  func scalar(at index: Int, width: Int) -> Unicode.Scalar {
    let lead = UInt32(self[index])
    if width == 1 { return lead < 0x80 ? Unicode.Scalar(UInt8(lead)) : "\u{FFFD}" }
    var value = lead & (0x7F >> UInt32(width))
    for offset in 1..<width { value = value << 6 | UInt32(self[index + offset] & 0x3F) }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  /// Where the scalar that ends before `end` begins.
  @inline(__always)
  func scalarStart(before end: Int) -> Int {
    var start = end - 1
    while start > 0 && self[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  /// Where the bytes of the first `scalars` scalars end.
  func end(ofFirst scalars: Int) -> Int {
    // A scalar takes a byte or more: a short value need not be walked.
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

  /// How many scalars there are.
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

  /// Appends a value with the case changed of the 26 ASCII letters from `first` on; answers whether all of it was ASCII.
  @inline(__always)
  mutating func append(_ value: Span<UInt8>, changingCaseOfLettersFrom first: UInt8) -> Bool {
    reserve(value.count)
    // Sound: room for all bytes was just reserved. A loop this plain is compiled to vector instructions.
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
