import VeilGround

/// A field that no rule names, in a pipeline whose unlisted fields are errors.
///
/// Names of fields describe the structure of the data, so they may be shown. But an object can also map people to
/// something, and then its names are personal data. So a name is shown only if it looks like one that a programmer
/// chose.
struct UnexpectedField: Equatable, Sendable, CustomStringConvertible {
  /// Why the field must not be there.
  enum Reason: Sendable {
    /// No rule names it.
    case unlisted
    /// It is an object or array, and its rule is for a single value.
    case container
    /// A policy forbids a name in it, and it would leave with all that is in it.
    case forbidden
  }

  /// The number of the record, counted from 0 within the batch.
  let record: Int
  /// The byte offset of the field's value from the start of the chunk.
  let offset: Int
  /// The pipeline's path to the object or array that holds the field; empty for the record itself.
  let parent: String
  /// The name of the field; nil if it must not be shown. A value of the wrong shape at a path of the pipeline has an
  /// empty name.
  let name: String?
  var why = Reason.unlisted

  /// The path as the pipeline would write it, or the part of it that may be shown.
  var description: String {
    guard let name else {
      let hidden = "a field whose name is not shown"
      return Self.shown(parent.isEmpty ? hidden : "\(parent): \(hidden)")
    }
    if name.isEmpty { return Self.shown(parent) }
    return Self.shown(parent.isEmpty ? name : "\(parent).\(name)")
  }

  /// Whether another record's is the same field, for the same reason.
  func isSameField(as other: UnexpectedField) -> Bool {
    parent == other.parent && name == other.name && why == other.why
  }

  /// What is wrong with the record, and what to do about it.
  var message: String {
    switch why {
    case .unlisted:
      "the record has a field '\(self)' that no rule names: give it a rule under 'fields' (drop, if it is not to leave), or "
        + "set 'unlisted: drop'"
    case .container:
      "the field '\(self)' is an object or array, and its rule is for a single value: give what is in it rules of its own "
        + "(for example '\(self).name' or '\(self)[]'), drop it, or let all of it leave with  {keep: {whole: true, "
        + "because: \"…\"}}"
    case .forbidden:
      "a policy forbids a name that is in \(parent.isEmpty ? "the record" : "'\(self)'"), which leaves with all that is in "
        + "it: name the fields that may leave under 'fields'"
    }
  }

  /// Returns a name that may be shown: `[A-Za-z_][A-Za-z0-9_.-]{0,63}` with at most four digits, since more digits may
  /// be somebody's number, and only if it looks like nobody's value or name.
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
    return name.isEmpty || ShownName.isHidden(name) ? nil : name
  }

  /// Returns at most 200 scalars of a text, with control characters as escapes.
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
