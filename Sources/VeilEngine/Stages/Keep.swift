import VeilConfig

/// Writes the value unchanged.
struct Keep: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "keep",
    summary: "lets the value leave as it came",
    options: [
      .init(
        "whole", "true or false", .optional("false"),
        "lets a JSON object or array leave with everything in it, whatever that is; without it only a text, a number, "
          + "true, false or null leaves"),
      .init("because", "text", .optional("nothing"), "why all of it has to leave; required with `whole: true`"),
    ],
    example: "country: keep",
    promise: """
      None: whoever gets the export reads the value. With `whole: true` that is all that an object or array holds; \
      nothing in it is looked at but the names that a policy forbids.
      """)

  /// Whether an object or array may leave with all that is in it.
  let isWhole: Bool
  /// Why all of it may leave.
  let because: String?

  init?(_ options: StageOptions) {
    let before = options.errorCount
    isWhole = options.reader.bool("whole", default: false)
    because = options.reader.has("because") ? options.reader.requiredString("because") : nil
    if options.reader.has("because") {
      if because != nil, !isWhole {
        options.reader.error(
          "because", "'because' goes with 'whole: true'", help: "the reason for a field stands beside its 'stages'")
      }
    } else if isWhole {
      options.reader.error(
        "whole", "'whole' lets all of an object or array leave, and needs a reason",
        help: "{keep: {whole: true, because: \"…\"}}, or name the fields in it one by one")
    }
    guard options.errorCount == before else { return nil }
  }

  var effect: StageEffect { .keep }
  var fate: ValueFate { .readable }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { .unknown(because: "whatever the input holds leaves") }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter { Untouched() }
}

/// Leaves a column unchanged.
private struct Untouched: Rewriter {
  func rewrite(_ column: Column, of field: Int, in batch: Batch) {}
}
