import VeilConfig

/// Keeps the ends of a value and hides the rest.
struct Mask: ValueStage, TokenlessStage, PartKeeper {
  static let documentation = StageDocumentation(
    name: "mask",
    summary: "keeps the first and last few characters (Unicode scalars) and writes a mask for every other",
    options: [
      .init("first", "a whole number", .optional("0"), "how many characters at the start stay readable"),
      .init("last", "a whole number", .optional("0"), "how many characters at the end stay readable"),
      .init("with", "one character", .optional("*"), "what is written for each hidden character"),
    ],
    example: "iban: {mask: {first: 2, last: 4}}",
    promise: """
      Weak: length and ends are told, and often enough to recognize somebody. A value that is no longer than what would \
      stay readable is hidden whole.
      """)

  private let first: Int
  private let last: Int
  private let mask: [UInt8]

  init?(_ options: StageOptions) {
    let before = options.errorCount
    first = options.reader.int("first", range: 0...1_000_000, default: 0)
    last = options.reader.int("last", range: 0...1_000_000, default: 0)
    let with = options.reader.string("with", default: "*")
    mask = Array(with.utf8)
    if with.unicodeScalars.count != 1 {
      options.reader.error("with", "'with' must be one character")
    }
    guard options.errorCount == before else { return nil }
  }

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .coarser }

  func leaves(moreThan most: Int) -> Bool { first + last > most }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(leavesAlone(value)) }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    let scalars = value.scalarCount
    guard scalars > first + last else {
      appendMask(scalars, into: &out)
      return .text
    }
    let start = value.end(ofFirst: first)
    var end = value.count
    for _ in 0..<last { end = value.scalarStart(before: end) }
    out.append(value.extracting(0..<start))
    appendMask(scalars - first - last, into: &out)
    out.append(value.extracting(end..<value.count))
    return .text
  }

  private func appendMask(_ count: Int, into out: inout ByteBuffer) {
    if mask.count == 1 {
      out.append(repeating: mask[0], count: count)
    } else {
      for _ in 0..<count { out.append(mask) }
    }
  }
}
