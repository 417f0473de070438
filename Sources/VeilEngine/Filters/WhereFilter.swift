import VeilConfig

/// `records.where`: keeps records by the value of a field.
struct WhereFilter: BatchFilter {
  private let column: Int
  private let values: ValueSet
  private let isExclusive: Bool

  init(_ filter: RecordFilter, column: Int) {
    self.column = column
    switch filter.condition {
    case .anyOf(let texts): (values, isExclusive) = (ValueSet(texts), false)
    case .noneOf(let texts): (values, isExclusive) = (ValueSet(texts), true)
    case .equals(let text): (values, isExclusive) = (ValueSet([text]), false)
    }
  }

  func judge(_ batch: Batch) {
    unsafe batch.keepRecords(where: column, orExclude: .where) { unsafe values.contains($0) != isExclusive }
  }
}
