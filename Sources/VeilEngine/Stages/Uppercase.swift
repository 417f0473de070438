/// Changes every letter to upper case.
struct Uppercase: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "uppercase",
    summary: "writes every letter large (Unicode's full mapping, no language's own rules; `ß` becomes `SS`)",
    example: "country: [trim, uppercase]",
    promise: "None by itself: it makes spellings of one value equal before hashing or looking it up.")

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .normalized }

  /// What it has written stays as it is when it is done again.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(leavesAlone(value)) }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    let start = out.count
    if out.append(value, changingCaseOfLettersFrom: UInt8(ascii: "a")) { return .text }
    out.truncate(to: start)
    // The Unicode Standard, section 3.13, rule R1 (toUppercase).
    var index = 0
    while index < value.count {
      let width = value.scalarWidth(at: index)
      let scalar = value.scalar(at: index, width: width)
      for large in scalar.properties.uppercaseMapping.unicodeScalars { out.append(scalar: large) }
      index += width
    }
    return .text
  }
}
