/// Writes text in Unicode's Normalization Form C (UAX #15).
struct NFC: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "nfc",
    summary: "writes text in Unicode's Normalization Form C, so that `e` with a combining accent and `é` are the same",
    example: "full_name: [nfc, trim, {pseudonym: {key: customers}}]",
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

  /// Appends a value in Normalization Form C.
  static func append(_ value: Span<UInt8>, to out: inout ByteBuffer) {
    if isSurelyNormalized(value) { return out.append(value) }
    // The standard library normalizes strings to compare them, and this function uses its table. Few values need it, so
    // the cost of a string is acceptable.
    // Sound: the span's bytes are only read, and the string copies them.
    let text = unsafe value.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    text._withNFCCodeUnits { out.append($0) }
  }

  /// Returns true if the value is certainly normalized. All scalars below U+0300 are normalized, and none of them
  /// combines with others; in UTF-8 their lead bytes go up to 0xCB.
  static func isSurelyNormalized(_ value: Span<UInt8>) -> Bool {
    for index in value.indices where value[index] > 0xCB { return false }
    return true
  }
}
