/// Writes ASCII and other cased letters small.
struct Lowercase: ValueStage {
  static let documentation = StageDocumentation(
    name: "lowercase",
    summary: "writes every letter small (Unicode's full mapping, no language's own rules)",
    example: "email: [trim, lowercase, {pseudonym: {key: customers}}]",
    promise: "None by itself: it makes spellings of one value equal before hashing.")

  init?(_ options: StageOptions) {}

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    out.reserve(value.count)
    for index in value.indices {
      let byte = value[index]
      if byte >= 0x80 { return rewriteUnicode(value, into: &out) }
      out.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }
    return .text
  }

  private func rewriteUnicode(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    out.truncate(to: out.count - 0)
    return .text
  }
}
