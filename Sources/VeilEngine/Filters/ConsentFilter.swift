import VeilConfig

/// `records.consent`: keeps records whose field says, in one of the agreed spellings, that consent was given.
struct ConsentFilter: BatchFilter {
  private let column: Int
  private let granted: ValueSet

  init(_ consent: ConsentConfig, column: Int) {
    self.column = column
    granted = ValueSet(consent.granted)
  }

  func judge(_ batch: Batch) {
    unsafe batch.keepRecords(where: column, orExclude: .consent) { unsafe granted.contains($0) }
  }
}
