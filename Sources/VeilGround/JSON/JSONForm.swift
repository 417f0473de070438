/// One form for all JSON values that mean the same: `1`, `1.0` and `10e-1`; `[1,2]` and `[1, 2]`; objects with their
/// members in another order; strings with other escapes (RFC 8259).
///
/// Numbers are decimals of any length, never binary fractions. Text that is no well-formed value is left unchanged.
package struct JSONForm {
  private struct Malformed: Error {}

  private var rest: ArraySlice<UInt8>
  /// The deepest nesting, the same as the decoder accepts in a record.
  private static let deepest = 512
  /// The largest number of zeros that are written in place of an exponent.
  private static let longest = 400

  /// Returns the form of a number, object or array; any other text is returned unchanged.
  package static func of(_ text: [UInt8]) -> [UInt8] {
    switch text.first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var form = JSONForm(rest: text[...])
      var out: [UInt8] = []
      guard (try? form.value(into: &out, depth: 0)) != nil, form.rest.allSatisfy(isSpace) else { return text }
      return out
    case let first? where isDigit(first) && first != UInt8(ascii: "0") && text.allSatisfy(isDigit):
      // Most numbers are whole, and already have this form.
      return text.count <= longest ? text : number(text[...]) ?? text
    default: return number(text[...]) ?? text
    }
  }

  // MARK: Numbers

  /// Returns the shortest decimal form: no exponent, no leading zeros, no zeros at the end of a fraction. Nil if the
  /// text is no number.
  package static func number(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var rest = text
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    var digits: [UInt8] = []
    var exponent = 0
    var isFraction = false
    var count = 0
    while let byte = rest.first, isDigit(byte) || byte == UInt8(ascii: ".") && !isFraction {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: ".") {
        isFraction = true
        continue
      }
      count += 1
      if isFraction { exponent -= 1 }
      if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte) }
    }
    guard count > 0 else { return nil }
    if let letter = rest.first {
      guard letter | 0x20 == UInt8(ascii: "e"), let power = power(rest.dropFirst()) else { return nil }
      exponent += power
    }
    while digits.last == UInt8(ascii: "0") {
      digits.removeLast()
      exponent += 1
    }
    guard !digits.isEmpty else { return [UInt8(ascii: "0")] }
    return (isNegative ? [UInt8(ascii: "-")] : []) + written(digits, exponent)
  }

  private static func written(_ digits: [UInt8], _ exponent: Int) -> [UInt8] {
    guard exponent.magnitude <= longest else { return digits + Array("e\(exponent)".utf8) }
    if exponent >= 0 { return digits + zeros(exponent) }
    let point = digits.count + exponent
    if point > 0 { return Array(digits[..<point]) + [UInt8(ascii: ".")] + digits[point...] }
    return Array("0.".utf8) + zeros(-point) + digits
  }

  private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "0"), count: count) }

  /// Returns the whole number after the `e`, limited to a value far beyond any use.
  private static func power(_ text: ArraySlice<UInt8>) -> Int? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
    guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
    let power = digits.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1 << 40) }
    return isNegative ? -power : power
  }

  private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

  // MARK: Objects and arrays

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  private mutating func next() throws(Malformed) -> UInt8 {
    rest = rest.drop(while: Self.isSpace)
    guard let byte = rest.first else { throw Malformed() }
    return byte
  }

  /// Takes one byte, which must be one of the two; returns whether it was the first one.
  private mutating func take(_ byte: UInt8, or other: UInt8) throws(Malformed) -> Bool {
    let found = try next()
    guard found == byte || found == other else { throw Malformed() }
    rest = rest.dropFirst()
    return found == byte
  }

  private mutating func value(into out: inout [UInt8], depth: Int) throws(Malformed) {
    guard depth < Self.deepest else { throw Malformed() }
    switch try next() {
    case UInt8(ascii: "{"): try object(into: &out, depth: depth)
    case UInt8(ascii: "["): try array(into: &out, depth: depth)
    case UInt8(ascii: "\""): try string(into: &out)
    default:
      let end = rest.firstIndex { Self.isSpace($0) || [0x2C, 0x5D, 0x7D].contains($0) } ?? rest.endIndex
      guard end > rest.startIndex else { throw Malformed() }
      out += Self.number(rest[..<end]) ?? Array(rest[..<end])
      rest = rest[end...]
    }
  }

  private mutating func array(into out: inout [UInt8], depth: Int) throws(Malformed) {
    rest = rest.dropFirst()
    out.append(UInt8(ascii: "["))
    defer { out.append(UInt8(ascii: "]")) }
    if try next() == UInt8(ascii: "]") {
      rest = rest.dropFirst()
      return
    }
    while true {
      try value(into: &out, depth: depth + 1)
      guard try take(UInt8(ascii: ","), or: UInt8(ascii: "]")) else { return }
      out.append(UInt8(ascii: ","))
    }
  }

  /// Appends the members sorted by name. Members with the same name keep their order, because a reader may take the
  /// first or the last of them.
  private mutating func object(into out: inout [UInt8], depth: Int) throws(Malformed) {
    rest = rest.dropFirst()
    var members: [(name: [UInt8], place: Int, value: [UInt8])] = []
    var goesOn = try next() != UInt8(ascii: "}")
    if !goesOn { rest = rest.dropFirst() }
    while goesOn {
      var (name, own): ([UInt8], [UInt8]) = ([], [])
      guard try next() == UInt8(ascii: "\"") else { throw Malformed() }
      try string(into: &name)
      _ = try take(UInt8(ascii: ":"), or: UInt8(ascii: ":"))
      try value(into: &own, depth: depth + 1)
      members.append((name, members.count, own))
      goesOn = try take(UInt8(ascii: ","), or: UInt8(ascii: "}"))
    }
    members.sort { $0.name == $1.name ? $0.place < $1.place : $0.name.lexicographicallyPrecedes($1.name) }
    out.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out += member.name + [UInt8(ascii: ":")] + member.value
    }
    out.append(UInt8(ascii: "}"))
  }

  // MARK: Strings

  /// Appends a string in quotes, with escapes only for quotes, backslashes, control characters and lone surrogates.
  private mutating func string(into out: inout [UInt8]) throws(Malformed) {
    rest = rest.dropFirst()
    out.append(UInt8(ascii: "\""))
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") {
        out.append(byte)
        return
      }
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "u"): try unit(into: &out)
      case UInt8(ascii: "b"): Self.append(0x08, to: &out)
      case UInt8(ascii: "f"): Self.append(0x0C, to: &out)
      case UInt8(ascii: "n"): Self.append(0x0A, to: &out)
      case UInt8(ascii: "r"): Self.append(0x0D, to: &out)
      case UInt8(ascii: "t"): Self.append(0x09, to: &out)
      case let byte?: Self.append(UInt32(byte), to: &out)
      case nil: throw Malformed()
      }
    }
    throw Malformed()
  }

  /// Appends the character of a `\u` escape, or of two that are a surrogate pair.
  private mutating func unit(into out: inout [UInt8]) throws(Malformed) {
    let first = try hex()
    guard 0xD800..<0xDC00 ~= first, rest.starts(with: Array("\\u".utf8)) else { return Self.append(first, to: &out) }
    let after = rest
    rest = rest.dropFirst(2)
    let second = try hex()
    if 0xDC00..<0xE000 ~= second {
      Self.append(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), to: &out)
    } else {
      rest = after
      Self.append(first, to: &out)
    }
  }

  private mutating func hex() throws(Malformed) -> UInt32 {
    let text = String(decoding: rest.prefix(4), as: UTF8.self)
    guard text.utf8.count == 4, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let code = UInt32(text, radix: 16)
    else { throw Malformed() }
    rest = rest.dropFirst(4)
    return code
  }

  private static func append(_ code: UInt32, to out: inout [UInt8]) {
    switch (code, Unicode.Scalar(code)) {
    case (0x22, _), (0x5C, _): out += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: code)]
    case (0x20..., let scalar?): out += Array(String(Character(scalar)).utf8)
    default:
      let digits = String(code, radix: 16)
      out += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
    }
  }
}
