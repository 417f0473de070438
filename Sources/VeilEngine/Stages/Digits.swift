/// Keeps the digits and removes everything else.
struct Digits: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "digits",
    summary: "keeps the decimal digits, of any script, as 0 to 9, and leaves out everything else",
    example: "phone: [digits, {pseudonym: {key: customers}}]",
    promise: "None by itself: it makes spellings of one number equal before hashing.")

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .normalized }

  /// What it has written stays as it is when it is done again.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(leavesAlone(value)) }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    out.reserve(value.count)
    var index = 0
    while index < value.count {
      let byte = value[index]
      if byte < 0x80 {
        if byte &- UInt8(ascii: "0") <= 9 { out.append(byte) }
        index += 1
      } else {
        let width = value.scalarWidth(at: index)
        if let digit = Self.digit(value.scalar(at: index, width: width)) { out.append(UInt8(ascii: "0") + digit) }
        index += width
      }
    }
    return .plain
  }

  /// Returns the value of a decimal digit of any script (general category Nd); nil for superscripts, fractions and the
  /// like.
  private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
    guard scalar.properties.generalCategory == .decimalNumber, let value = scalar.properties.numericValue
    else { return nil }
    return UInt8(exactly: value).flatMap { $0 <= 9 ? $0 : nil }
  }
}
