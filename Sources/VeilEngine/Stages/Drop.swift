/// Leaves the field out of the export.
struct Drop: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "drop",
    summary: "leaves the field out",
    example: "full_name: drop",
    promise: "Complete for this field: neither its name nor its value leaves.")

  init?(_ options: StageOptions) {}

  var effect: StageEffect { .drop }
  var fate: ValueFate { .nothing }

  /// It writes nothing at all.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { .no }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter { Emptied() }
}

/// Empties a column, in case a later step still reads it.
private struct Emptied: Rewriter {
  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    unsafe column.rewrite { cells, _, _ in
      for index in 0..<cells.count { cells[index] = .null }
    }
  }
}
