import VeilConfig

/// `records.consent` by a field: keeps records whose field has one of the agreed spellings for a given consent.
struct ConsentFilter: BatchFilter {
  private let column: Int
  private let granted: ValueSet

  init(_ consent: ConsentConfig, column: Int) {
    self.column = column
    granted = ValueSet(consent.granted)
  }

  func judge(_ batch: Batch) {
    let column = batch.columns[column]
    column.unescape(batch.escapes)
    // Objects and arrays go first: `keepRecords` has only one verdict for all values that are missing.
    for index in 0..<column.cells.count where column.cells[index].has(.composite) {
      batch.exclude(column.record(ofCell: index), .consentUnparsable)
    }
    unsafe batch.keepRecords(in: column, orExclude: .consent, missing: .consentMissing) {
      unsafe granted.contains($0)
    }
  }
}

/// `records.consent` by a ledger: keeps the records of people whose newest entry for the purpose is a valid consent.
final class ConsentLedgerFilter: BatchFilter {
  private let ledger: ConsentLedger
  private let matcher: SubjectMatcher

  init(_ ledger: ConsentLedger, _ matcher: SubjectMatcher) {
    self.ledger = ledger
    self.matcher = matcher
  }

  func judge(_ batch: Batch) {
    matcher.each(batch) { record, person in
      let verdict: Verdict
      switch person {
      case .missing: verdict = .consentMissing
      case .unreadable: verdict = .consentUnparsable
      case .digest(let digest):
        switch ledger.standing(of: digest) {
        case .granted: return
        case .notYet: verdict = .consentNotYet
        case .expired: verdict = .consentExpired
        case .withdrawn: verdict = .consentWithdrawn
        case .unknown: verdict = .consentUnknown
        case .unparsable: verdict = .consentUnparsable
        case nil: verdict = .consentMissing
        }
      }
      batch.exclude(record, verdict)
    }
  }
}
