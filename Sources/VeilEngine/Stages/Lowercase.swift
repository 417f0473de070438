/// Changes every letter to lower case.
struct Lowercase: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "lowercase",
    summary: "writes every letter small (Unicode's full mapping, no language's own rules)",
    example: "email: [trim, lowercase, {pseudonym: {key: customers}}]",
    promise: "None by itself: it makes spellings of one value equal before hashing.")

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .normalized }

  /// What it has written stays as it is when it is done again.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(leavesAlone(value)) }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    Self.append(value, to: &out)
    return .text
  }

  /// Appends a value in lower case.
  static func append(_ value: Span<UInt8>, to out: inout ByteBuffer) {
    let start = out.count
    if out.append(value, changingCaseOfLettersFrom: UInt8(ascii: "A")) { return }
    out.truncate(to: start)
    appendUnicode(value, into: &out)
  }

  /// Follows the Unicode Standard, section 3.13, rule R2 (toLowercase), with its only rule that depends on neighbouring
  /// characters: the final sigma.
  private static func appendUnicode(_ value: Span<UInt8>, into out: inout ByteBuffer) {
    var index = 0
    while index < value.count {
      let width = value.scalarWidth(at: index)
      let scalar = value.scalar(at: index, width: width)
      if scalar == "\u{03A3}" {
        let isFinal = isCasedBefore(index, in: value) && !isCasedAfter(index + width, in: value)
        out.append(scalar: isFinal ? "\u{03C2}" as Unicode.Scalar : "\u{03C3}")
      } else {
        for small in scalar.properties.lowercaseMapping.unicodeScalars { out.append(scalar: small) }
      }
      index += width
    }
  }

  /// Returns whether the nearest scalar before `end` is a cased letter, not counting scalars that case mapping ignores.
  private static func isCasedBefore(_ end: Int, in value: Span<UInt8>) -> Bool {
    var end = end
    while end > 0 {
      let start = value.scalarStart(before: end)
      let properties = value.scalar(at: start, width: end - start).properties
      if !properties.isCaseIgnorable { return properties.isCased }
      end = start
    }
    return false
  }

  private static func isCasedAfter(_ start: Int, in value: Span<UInt8>) -> Bool {
    var start = start
    while start < value.count {
      let width = value.scalarWidth(at: start)
      let properties = value.scalar(at: start, width: width).properties
      if !properties.isCaseIgnorable { return properties.isCased }
      start += width
    }
    return false
  }
}
