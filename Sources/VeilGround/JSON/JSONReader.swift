/// Reads small JSON documents that Veil wrote itself, such as manifests and audit lines (RFC 8259). It is strict: it
/// guesses nothing, and refuses an object that has a member twice.
package struct JSONReader {
  private struct Malformed: Error {}

  private let bytes: [UInt8]
  private var at = 0

  /// Returns the document; nil if the text is no JSON, or is nested deeper than 64 levels.
  package static func read(_ bytes: [UInt8]) -> JSONValue? {
    var reader = JSONReader(bytes: bytes)
    guard let value = try? reader.value(depth: 0) else { return nil }
    reader.space()
    return reader.at == bytes.count ? value : nil
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8 { at < bytes.count ? bytes[at] : 0 }

  private mutating func space() {
    while [0x20, 0x09, 0x0A, 0x0D].contains(next) { at += 1 }
  }

  private mutating func take(_ byte: UInt8) throws {
    guard next == byte else { throw Malformed() }
    at += 1
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
    for byte in word.description.utf8 { try take(byte) }
    return value
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < 64 else { throw Malformed() }
    space()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(_ depth: Int) throws -> JSONValue {
    at += 1
    var members: [(String, JSONValue)] = []
    var seen: Set<String> = []
    space()
    if next == UInt8(ascii: "}") {
      at += 1
      return .object([])
    }
    while true {
      space()
      guard next == UInt8(ascii: "\"") else { throw Malformed() }
      let name = try string()
      guard seen.insert(name).inserted else { throw Malformed() }
      space()
      try take(UInt8(ascii: ":"))
      members.append((name, try value(depth: depth + 1)))
      space()
      if next != UInt8(ascii: ",") { break }
      at += 1
    }
    try take(UInt8(ascii: "}"))
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws -> JSONValue {
    at += 1
    var items: [JSONValue] = []
    space()
    if next == UInt8(ascii: "]") {
      at += 1
      return .array([])
    }
    while true {
      items.append(try value(depth: depth + 1))
      space()
      if next != UInt8(ascii: ",") { break }
      at += 1
    }
    try take(UInt8(ascii: "]"))
    return .array(items)
  }

  private mutating func number() throws -> JSONValue {
    let start = at
    while "+-.eE0123456789".utf8.contains(next) { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if let whole = Int(text), !text.hasPrefix("+") { return .integer(whole) }
    guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "."), let real = Double(text),
      real.isFinite
    else { throw Malformed() }
    return .number(real)
  }

  private mutating func string() throws -> String {
    try take(UInt8(ascii: "\""))
    var out: [UInt8] = []
    while next != UInt8(ascii: "\"") {
      guard at < bytes.count, next >= 0x20 else { throw Malformed() }
      if next != UInt8(ascii: "\\") {
        out.append(next)
        at += 1
        continue
      }
      at += 1
      let letter = next
      at += 1
      switch letter {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "u"): out += try escaped()
      default: throw Malformed()
      }
    }
    at += 1
    guard let text = String(validating: out, as: UTF8.self) else { throw Malformed() }
    return text
  }

  /// Returns the UTF-8 of `\uXXXX`, or of two of them that are a surrogate pair.
  private mutating func escaped() throws -> [UInt8] {
    var code = UInt32(try unit())
    if (0xD800..<0xDC00).contains(code) {
      try take(UInt8(ascii: "\\"))
      try take(UInt8(ascii: "u"))
      let low = UInt32(try unit())
      guard (0xDC00..<0xE000).contains(low) else { throw Malformed() }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw Malformed() }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func unit() throws -> UInt16 {
    guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw Malformed() }
    at += 4
    return unit
  }
}

extension JSONValue {
  /// The member of an object with this name; nil if there is none.
  package subscript(name: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.0 == name }?.1
    }
    set {
      guard case .object(var members) = self else { return }
      let place = members.firstIndex { $0.0 == name }
      if let newValue {
        if let place { members[place].1 = newValue } else { members.append((name, newValue)) }
      } else if let place {
        members.remove(at: place)
      }
      self = .object(members)
    }
  }

  package var text: String? { if case .text(let text) = self { text } else { nil } }
  package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  package var members: [(String, JSONValue)]? { if case .object(let members) = self { members } else { nil } }

  /// Returns the object's members with these names, in the order of the names.
  package func picking(_ names: [String]) -> [(String, JSONValue)] {
    names.compactMap { name in self[name].map { (name, $0) } }
  }
}
