/// A field that no rule names, in a pipeline whose unlisted fields are errors.
///
/// Names of fields are the data's shape and may be told, but an object can also be a map from people to something. So a
/// name is told only where it looks like one that a programmer wrote.
struct UnexpectedField: Equatable, Sendable, CustomStringConvertible {
  /// Counted from zero within the batch.
  let record: Int
  /// Where its value begins, in bytes from the chunk's start.
  let offset: Int
  /// The pipeline's path to what holds it; empty for the record itself.
  let parent: String
  /// Its name; nil where that is not told. A value of the wrong shape at a path of the pipeline has an empty name.
  let name: String?

  /// As the pipeline would write it, or as much of it as may be told.
  var description: String {
    guard let name else {
      let hidden = "a field whose name is not shown"
      return Self.shown(parent.isEmpty ? hidden : "\(parent): \(hidden)")
    }
    if name.isEmpty { return Self.shown(parent) }
    return Self.shown(parent.isEmpty ? name : "\(parent).\(name)")
  }

  /// A name that may be told: `[A-Za-z_][A-Za-z0-9_.-]{0,63}` with at most four digits, since more make a number that
  /// belongs to somebody.
  static func name(_ bytes: some Sequence<UInt8>) -> String? {
    var name = ""
    var digits = 0
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): break
      case UInt8(ascii: "0")...UInt8(ascii: "9") where !name.isEmpty: digits += 1
      case UInt8(ascii: "."), UInt8(ascii: "-"): if name.isEmpty { return nil }
      default: return nil
      }
      name.unicodeScalars.append(Unicode.Scalar(byte))
      if name.utf8.count > 64 || digits > 4 { return nil }
    }
    return name.isEmpty ? nil : name
  }

  /// At most 200 scalars, control characters as escapes.
  private static func shown(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if result.count >= 199 {
        result.append("…")
        break
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(String.UnicodeScalarView(result.prefix(200)))
  }
}
