/// An IPv4 or IPv6 address, read from and written as text.
package enum IPAddress: Equatable {
  case v4(UInt32)
  case v6(UInt128)

  /// Reads dotted decimal without leading zeros (which some programs read as octal), or the forms of RFC 4291, section
  /// 2.2. Prefix lengths, zones (`%eth0`) and ports are refused. An IPv4 address mapped into IPv6 stays IPv6.
  package init?(_ text: Span<UInt8>) {
    for index in text.indices where text[index] == UInt8(ascii: ":") {
      guard let value = Self.parse6(text) else { return nil }
      self = .v6(value)
      return
    }
    guard let value = Self.parse4(text, from: 0) else { return nil }
    self = .v4(value)
  }

  /// Returns the address with all bits except its first ones set to zero. An IPv4 address mapped into IPv6
  /// (`::ffff:192.0.2.1`) is still a person's IPv4 address, so it keeps the number of bits for IPv4.
  package func network(v4: Int, v6: Int) -> IPAddress {
    switch self {
    case .v4(let value): return .v4(v4 == 0 ? 0 : value & (UInt32.max << UInt32(32 - v4)))
    case .v6(let value):
      let kept = Self.isMapped(value) ? 96 + v4 : v6
      return .v6(kept == 0 ? 0 : value & (UInt128.max << UInt128(128 - kept)))
    }
  }

  private static func isMapped(_ value: UInt128) -> Bool { value >> 32 == 0xFFFF }

  private static func parse4(_ text: Span<UInt8>, from start: Int) -> UInt32? {
    var value: UInt32 = 0
    var index = start
    for part in 0..<4 {
      if part > 0 {
        guard index < text.count, text[index] == UInt8(ascii: ".") else { return nil }
        index += 1
      }
      let first = index
      var byte: UInt32 = 0
      while index < text.count, index - first < 3, text[index] &- UInt8(ascii: "0") <= 9 {
        byte = byte * 10 + UInt32(text[index] - UInt8(ascii: "0"))
        index += 1
      }
      let count = index - first
      guard count > 0, byte <= 255, count == 1 || text[first] != UInt8(ascii: "0") else { return nil }
      value = value << 8 | byte
    }
    return index == text.count ? value : nil
  }

  private static func parse6(_ text: Span<UInt8>) -> UInt128? {
    var groups = InlineArray<8, UInt16>(repeating: 0)
    var count = 0
    /// The number of groups before `::`.
    var gap: Int?
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: ":") {
        // A single colon is allowed only between two groups, and is read with the group before it.
        guard gap == nil, index + 1 < text.count, text[index + 1] == UInt8(ascii: ":") else { return nil }
        gap = count
        index += 2
        continue
      }
      guard count < 8 else { return nil }
      let first = index
      var group: UInt32 = 0
      while index < text.count, index - first < 4, let digit = hexValue(text[index]) {
        group = group << 4 | digit
        index += 1
      }
      guard index > first else { return nil }
      if index < text.count, text[index] == UInt8(ascii: ".") {
        guard count <= 6, let tail = parse4(text, from: first) else { return nil }
        groups[count] = UInt16(tail >> 16)
        groups[count + 1] = UInt16(tail & 0xFFFF)
        count += 2
        break
      }
      groups[count] = UInt16(group)
      count += 1
      if index == text.count { break }
      guard text[index] == UInt8(ascii: ":"), index + 1 < text.count else { return nil }
      if text[index + 1] != UInt8(ascii: ":") { index += 1 }
    }
    guard gap == nil ? count == 8 : count < 8 else { return nil }
    var value: UInt128 = 0
    for place in 0..<8 {
      let head = gap ?? 8
      let group = place < head ? place : place - (8 - count)
      value = value << 16 | (place < head || group >= head ? UInt128(groups[group]) : 0)
    }
    return value
  }

  private static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

extension IPAddress {
  /// An address as text: 39 bytes at most.
  package struct Text {
    package private(set) var bytes = InlineArray<40, UInt8>(repeating: 0)
    package private(set) var count = 0

    /// The bytes that are in use.
    package var array: [UInt8] { (0..<count).map { bytes[$0] } }

    fileprivate mutating func append(_ byte: UInt8) {
      bytes[count] = byte
      count += 1
    }
  }

  /// Dotted decimal, or RFC 5952's one form for IPv6.
  package var text: Text {
    var text = Text()
    switch self {
    case .v4(let value): Self.write4(value, into: &text)
    case .v6(let value): Self.write6(value, into: &text)
    }
    return text
  }

  private static func write4(_ value: UInt32, into out: inout Text) {
    var shift: UInt32 = 32
    while shift > 0 {
      if shift < 32 { out.append(UInt8(ascii: ".")) }
      shift -= 8
      let byte = UInt8(truncatingIfNeeded: value >> shift)
      if byte >= 100 { out.append(UInt8(ascii: "0") + byte / 100) }
      if byte >= 10 { out.append(UInt8(ascii: "0") + byte / 10 % 10) }
      out.append(UInt8(ascii: "0") + byte % 10)
    }
  }

  private static func write6(_ value: UInt128, into out: inout Text) {
    if isMapped(value) {
      for byte in "::ffff:".utf8 { out.append(byte) }
      return write4(UInt32(truncatingIfNeeded: value), into: &out)
    }
    func group(_ place: Int) -> UInt16 { UInt16(truncatingIfNeeded: value >> UInt128(112 - 16 * place)) }
    // The longest run of two or more zero groups becomes `::`; if two runs are equally long, the first one does.
    var (runStart, runEnd, place) = (8, 8, 0)
    while place < 8 {
      let start = place
      while place < 8, group(place) == 0 { place += 1 }
      if place - start > max(1, runEnd - runStart) { (runStart, runEnd) = (start, place) }
      place += 1
    }
    place = 0
    while place < 8 {
      if place == runStart {
        out.append(UInt8(ascii: ":"))
        out.append(UInt8(ascii: ":"))
        place = runEnd
        continue
      }
      if place > 0 && place != runEnd { out.append(UInt8(ascii: ":")) }
      let value = group(place)
      var shift = value > 0xFFF ? 12 : value > 0xFF ? 8 : value > 0xF ? 4 : 0
      while shift >= 0 {
        let nibble = UInt8(truncatingIfNeeded: value >> UInt16(shift) & 0xF)
        out.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        shift -= 4
      }
      place += 1
    }
  }
}
