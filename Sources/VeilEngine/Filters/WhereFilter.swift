import VeilConfig

/// `records.where`: keeps records by the value of a field.
///
/// Values that may leave must match byte by byte; values that may not leave are recognized in other spellings, too.
struct WhereFilter: BatchFilter {
  private enum Test {
    case isOneOf(ValueSet)
    case isNoneOf(LooseSet)
  }
  private let column: Int
  private let test: Test

  init(_ filter: RecordFilter, column: Int) {
    self.column = column
    test =
      switch filter.condition {
      case .anyOf(let texts): .isOneOf(ValueSet(texts))
      case .equals(let text): .isOneOf(ValueSet([text]))
      case .noneOf(let texts): .isNoneOf(LooseSet(texts))
      }
  }

  func judge(_ batch: Batch) {
    switch test {
    case .isOneOf(let values):
      unsafe batch.keepRecords(where: column, orExclude: .where) { unsafe values.contains($0) }
    case .isNoneOf(let values):
      unsafe batch.keepRecords(where: column, orExclude: .where) { unsafe !values.contains($0) }
    }
  }
}
