/// Keeps the part of an e-mail address after the `@`.
struct EmailDomain: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "email_domain",
    summary: "keeps the domain of an e-mail address, in small letters, and leaves out the person before the @",
    example: "email: email_domain",
    promise: """
      The mailbox does not leave. A domain of a family or a small firm still names few people: follow it with `map` \
      and a `default` to keep the large providers only.
      """)

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .coarser }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    if value.isEmpty { return .no }
    for index in value.indices {
      let byte = value[index]
      if byte == UInt8(ascii: "@") || byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: ">") { return .no }
      if byte &- 0x41 < 26 { return .no }
    }
    return .yes
  }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    var at = value.count - 1
    while at >= 0, value[at] != UInt8(ascii: "@") { at -= 1 }
    guard at > 0, at < value.count - 1 else { return .invalid(Self.noAddress) }
    out.reserve(value.count - at)
    for index in at + 1..<value.count {
      let byte = value[index]
      guard byte > 0x20, byte != 0x7F, byte != UInt8(ascii: ">") else { return .invalid(Self.noAddress) }
      out.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }
    return .text
  }

  private static let noAddress = FailureReason("is not an e-mail address")
}
