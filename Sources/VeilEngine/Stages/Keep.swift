/// Writes the value unchanged.
struct Keep: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "keep",
    summary: "lets the value leave as it came",
    example: "country: keep",
    promise: "None: whoever gets the export reads the value.")

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .keep }
  var fate: ValueFate { .readable }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { .unknown(because: "whatever the input holds leaves") }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter { Untouched() }
}

/// Leaves a column unchanged.
private struct Untouched: Rewriter {
  func rewrite(_ column: Column, of field: Int, in batch: Batch) {}
}
