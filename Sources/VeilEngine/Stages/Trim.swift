/// Removes white space from both ends.
struct Trim: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "trim",
    summary: "takes white space (Unicode's White_Space) off both ends",
    example: "email: [trim, lowercase, {pseudonym: {key: customers}}]",
    promise: "None by itself: it makes spellings of one value equal before hashing.")

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .normalized }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(Self.core(of: value) == 0..<value.count) }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter { Trimmed() }

  private struct Trimmed: Rewriter {
    func rewrite(_ column: Column, of field: Int, in batch: Batch) {
      column.reshapeValues(of: field, in: batch, keepsLiterals: true) { .part(Trim.core(of: $0)) }
    }
  }

  /// Returns the range of the value without the white space around it.
  static func core(of value: Span<UInt8>) -> Range<Int> {
    var start = 0
    var end = value.count
    while start < end {
      let width = value.scalarWidth(at: start)
      guard isSpace(value.scalar(at: start, width: width)) else { break }
      start += width
    }
    while end > start {
      let last = value.scalarStart(before: end)
      guard last >= start, isSpace(value.scalar(at: last, width: end - last)) else { break }
      end = last
    }
    return start..<end
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? scalar.value == 0x20 || 0x09...0x0D ~= scalar.value : scalar.properties.isWhitespace
  }
}
