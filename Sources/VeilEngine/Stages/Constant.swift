import VeilConfig

/// Writes the same value for everybody.
struct Constant: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "constant",
    summary: "writes one and the same value in place of every value",
    options: [
      .init(
        "value", "text, a number, true or false", .required(help: "for example  {constant: withheld}"),
        "what is written; a number, true or false without quotes is one in JSON too")
    ],
    shorthand: "value",
    example: "phone: {constant: withheld}",
    promise: """
      Nothing of a value is left. Whether there was one still shows, because an empty cell stays empty; put \
      `null` behind it to hide that too.
      """)

  private let value: WrittenValue

  init?(_ options: StageOptions) {
    guard let value = options.writtenValue("value") else { return nil }
    if case .null = value {
      options.reader.error("value", "'value' has no value", help: "write \"\" for empty text, or drop the field")
      return nil
    }
    self.value = value
  }

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .nothing }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    StageVerdict(value.isEqual(to: self.value.bytes.span))
  }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter { Same(value: value) }

  /// Writes the value once for each batch, and makes every cell refer to it. It does not read what a cell held.
  private struct Same: Rewriter {
    let value: WrittenValue

    func rewrite(_ column: Column, of field: Int, in batch: Batch) {
      let emptyIsNull = batch.escapes != .json
      unsafe column.rewrite { cells, _, out in
        let cell = value.cell(in: &out, emptyIsNull: emptyIsNull)
        for index in 0..<cells.count where !cells[index].isNull { cells[index] = cell }
      }
    }
  }
}
