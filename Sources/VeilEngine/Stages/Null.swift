import VeilConfig

/// Replaces empty values. It is the only stage that sees empty CSV cells and JSON nulls.
struct Null: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "null",
    summary: "writes a value where there is none: in place of an empty CSV cell or a JSON null",
    options: [
      .init(
        "becomes", "text, a number, true or false", .required(help: "for example  {null: unknown}"),
        "what is written; a number, true or false without quotes is one in JSON too")
    ],
    shorthand: "becomes",
    example: "country: [{null: unknown}]",
    promise: "None by itself. Before `hash` or `pseudonym` it gives all who have no value one token in common.")

  private let value: WrittenValue

  init?(_ options: StageOptions) {
    guard let value = options.writtenValue("becomes") else { return nil }
    if value.bytes.isEmpty {
      options.reader.error("becomes", "'becomes' needs a value to write")
      return nil
    }
    self.value = value
  }

  var effect: StageEffect { .rewrite }
  /// It changes no value: it writes one where there is none.
  var fate: ValueFate { .readable }

  /// Returns true for the filled-in value. Any other value was written by the stages before this one.
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    value.isEqual(to: self.value.bytes.span) ? .yes : .passedOn
  }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter { Filled(value: value) }

  private struct Filled: Rewriter {
    let value: WrittenValue

    func rewrite(_ column: Column, of field: Int, in batch: Batch) {
      var nulls = 0
      for index in 0..<column.cells.count where column.cells[index].isNull { nulls += 1 }
      if nulls == 0 { return }
      column.unescape(batch.escapes)
      unsafe column.rewrite { cells, base, out in
        let filling = value.cell(in: &out, emptyIsNull: false)
        for index in 0..<cells.count {
          let cell = cells[index]
          if cell.isNull {
            cells[index] = filling
          } else {
            let start = out.count
            // Sound: a cell lies within its column's bytes.
            unsafe out.append(base + cell.offset, count: cell.count)
            cells[index] = Cell(start: start, count: cell.count, flags: cell.flags.subtracting(.quoted))
          }
        }
      }
    }
  }
}
