import VeilConfig

/// Writes small JSON documents about a run: indented, with the keys in the given order.
package enum JSONValue {
  case text(String)
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case null
  case array([JSONValue])
  case object([(String, JSONValue)])

  package static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

  package static func optional(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }

  /// The document with a line feed at its end.
  package var document: String {
    var out = ""
    write(to: &out, indent: "")
    return out + "\n"
  }

  /// The document on one line, with a line feed at its end. No text in it contains a line feed.
  package var line: String {
    document.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ") + "\n"
  }

  private func write(to out: inout String, indent: String) {
    switch self {
    case .text(let text): out += Self.quoted(text)
    case .integer(let number): out += String(number)
    case .number(let number): out += number.isFinite ? "\(number)" : "null"
    case .bool(let value): out += value ? "true" : "false"
    case .null: out += "null"
    case .array(let items):
      Self.list(items.count, open: "[", close: "]", to: &out, indent: indent) { items[$0].write(to: &$1, indent: $2) }
    case .object(let members):
      Self.list(members.count, open: "{", close: "}", to: &out, indent: indent) { index, out, indent in
        out += Self.quoted(members[index].0) + ": "
        members[index].1.write(to: &out, indent: indent)
      }
    }
  }

  private static func list(
    _ count: Int, open: String, close: String, to out: inout String, indent: String,
    item: (Int, inout String, String) -> Void
  ) {
    out += open
    for index in 0..<count {
      out += (index > 0 ? ",\n" : "\n") + indent + "  "
      item(index, &out, indent + "  ")
    }
    out += (count > 0 ? "\n" + indent : "") + close
  }

  package static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        out += scalar.fourDigitEscape
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
