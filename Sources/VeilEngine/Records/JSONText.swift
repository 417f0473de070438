import CScan

/// Converts the text of JSON strings (RFC 8259, section 7) to and from the bytes that it means.
enum JSONText {
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  /// Returns the length of the byte order mark at the front, 0 or 3; returns -1 if more bytes are necessary to decide.
  static func markLength(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    let mark: (UInt8, UInt8, UInt8) = (0xEF, 0xBB, 0xBF)
    // Sound: each byte is read only if `count` says that it exists.
    if count > 0, unsafe bytes[0] != mark.0 { return 0 }
    if count > 1, unsafe bytes[1] != mark.1 { return 0 }
    if count > 2 { return unsafe bytes[2] == mark.2 ? 3 : 0 }
    return -1
  }

  /// Appends the meaning of a string's content, which is never longer than the source. The decoder has checked the
  /// content; anything invalid becomes U+FFFD or stays unchanged.
  static func unescape(_ bytes: UnsafePointer<UInt8>, count: Int, into out: inout ByteBuffer) {
    // Sound: reads stay below `count`, and at most `count` bytes are written, since no escape is shorter than its
    // meaning.
    out.reserve(count)
    let target = unsafe out.end
    var written = 0
    var index = 0
    while index < count {
      let byte = unsafe bytes[index]
      guard byte == UInt8(ascii: "\\"), index + 1 < count else {
        unsafe target[written] = byte
        written += 1
        index += 1
        continue
      }
      let kind = unsafe bytes[index + 1]
      guard kind == UInt8(ascii: "u") else {
        unsafe target[written] = simple(kind)
        written += 1
        index += 2
        continue
      }
      guard let unit = unsafe hex(bytes, from: index + 2, count: count) else {
        unsafe target[written] = byte
        written += 1
        index += 1
        continue
      }
      index += 6
      var scalar = unit
      if unit & 0xFC00 == 0xD800, index + 1 < count, unsafe bytes[index] == UInt8(ascii: "\\"),
        unsafe bytes[index + 1] == UInt8(ascii: "u"), let low = unsafe hex(bytes, from: index + 2, count: count),
        low & 0xFC00 == 0xDC00
      {
        scalar = 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF)
        index += 6
      }
      if scalar & 0xFFFF_F800 == 0xD800 { scalar = 0xFFFD }
      written += unsafe encode(scalar, target + written)
    }
    out.advance(by: written)
  }

  private static func simple(_ kind: UInt8) -> UInt8 {
    switch kind {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: kind
    }
  }

  private static func hex(_ bytes: UnsafePointer<UInt8>, from start: Int, count: Int) -> UInt32? {
    guard start + 4 <= count else { return nil }
    var unit: UInt32 = 0
    for index in start..<start + 4 {
      let byte = unsafe bytes[index]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// Writes a scalar as UTF-8 and returns how many bytes that took.
  private static func encode(_ scalar: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> Int {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F) }
    if scalar < 0x80 {
      unsafe target[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      unsafe target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
      unsafe target[1] = tail(0)
      return 2
    }
    if scalar < 0x10000 {
      unsafe target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
      unsafe target[1] = tail(6)
      unsafe target[2] = tail(0)
      return 3
    }
    unsafe target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    unsafe target[1] = tail(12)
    unsafe target[2] = tail(6)
    unsafe target[3] = tail(0)
    return 4
  }

  /// Appends UTF-8 text as the content of a string, without quotes around it and with as few escapes as possible.
  static func escape(_ bytes: UnsafePointer<UInt8>, count: Int, into out: inout ByteBuffer) {
    // Sound: `scan_json_ordinary` stays below the count it is given.
    var index = 0
    while index < count {
      let plain = unsafe scan_json_ordinary(bytes + index, count - index)
      if plain > 0 { unsafe out.append(bytes + index, count: plain) }
      index += plain
      guard index < count else { return }
      let byte = unsafe bytes[index]
      index += 1
      switch byte {
      case 0x22: out.append("\\\"")
      case 0x5C: out.append("\\\\")
      case 0x08: out.append("\\b")
      case 0x0C: out.append("\\f")
      case 0x0A: out.append("\\n")
      case 0x0D: out.append("\\r")
      case 0x09: out.append("\\t")
      default:
        out.append("\\u00")
        out.append(byte >> 4 + 0x30)
        out.append(byte & 15 + (byte & 15 < 10 ? 0x30 : 0x57))
      }
    }
  }
}
