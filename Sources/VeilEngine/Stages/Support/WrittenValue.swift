import VeilConfig

/// A value that a pipeline file gives, in the form that will be written.
///
/// A number, `true` or `false` without quotes is the same in JSON. In quotes, or if JSON has no such number (`007`), it
/// is text. Nothing (`null`, `~`) means null.
enum WrittenValue: Sendable {
  case text([UInt8])
  case literal([UInt8])
  case null

  /// Returns nil for a list or mapping.
  init?(_ node: ConfigNode) {
    guard let text = node.text else { return nil }
    let bytes = Array(text.utf8)
    if node.isNull {
      self = .null
    } else if node.bool != nil || (node.number != nil && Self.isJSONNumber(bytes)) {
      self = .literal(bytes)
    } else {
      self = .text(bytes)
    }
  }

  /// Returns whether a decimal number is also valid in JSON (RFC 8259): no plus, no leading zeros, digits on both sides
  /// of the point.
  private static func isJSONNumber(_ text: [UInt8]) -> Bool {
    let digits = text.drop { $0 == UInt8(ascii: "-") }
    guard let first = digits.first, 0x30...0x39 ~= first else { return false }
    if first == 0x30, let second = digits.dropFirst().first, 0x30...0x39 ~= second { return false }
    if let point = digits.firstIndex(of: UInt8(ascii: ".")) {
      guard let next = digits[point...].dropFirst().first, 0x30...0x39 ~= next else { return false }
    }
    return true
  }

  var bytes: [UInt8] {
    switch self {
    case .text(let bytes), .literal(let bytes): bytes
    case .null: []
    }
  }

  /// Returns whether a value is written, and reads like this.
  func isText(_ text: Span<UInt8>) -> Bool {
    if case .null = self { return false }
    return text.isEqual(to: bytes.span)
  }

  /// Appends the value once and returns a cell for it; any number of cells may refer to the same bytes.
  func cell(in out: inout ByteBuffer, emptyIsNull: Bool) -> Cell {
    let start = out.count
    out.append(bytes)
    switch self {
    case .null: return .null
    case .text(let bytes) where bytes.isEmpty && emptyIsNull: return .null
    case .text(let bytes): return Cell(start: start, count: bytes.count)
    case .literal(let bytes): return Cell(start: start, count: bytes.count, flags: [.plain, .literal])
    }
  }
}

extension StageOptions {
  /// Reads a value that the pipeline gives.
  func writtenValue(_ option: String) -> WrittenValue? {
    guard let node = reader.node(option) else { return nil }
    if let value = WrittenValue(node) { return value }
    reader.error(option, "'\(option)' must be a single value, not \(node.summary)")
    return nil
  }
}
