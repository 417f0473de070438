import VeilConfig
import VeilCrypto
import VeilGround

/// The people who agreed to the pipeline's purpose, by the newest entry about each of them in a ledger of consents.
///
/// An entry has 24 bytes: a person's digest, and a number that decides which entry counts. The number is made of the
/// time, and among entries of the same time, the standing that is worse for the record wins. So the order of the ledger
/// does not matter.
struct ConsentLedger: Sendable {
  /// What an entry says. Among entries of the same time, the later case here wins.
  enum Standing: UInt64, Sendable {
    case granted, notYet, expired, withdrawn, unknown, unparsable
  }

  let key: SecretBytes
  let people: SubjectTable
  let summary: ListSummary

  /// Returns the standing of a person; nil if the person is not in the ledger.
  func standing(of person: SubjectDigest) -> Standing? {
    people.payload(of: person).flatMap { Standing(rawValue: $0 & 7) }
  }

  static func read(
    _ rule: ConsentLedgerConfig, _ pipeline: CompiledPipeline, keys: KeyStore, asOf: CalendarDate, threads: Int
  ) throws -> ConsentLedger {
    let list = try ListReader(
      pipeline.config.resolve(rule.file), what: "consent ledger",
      columns: [
        .init(name: rule.subject), .init(name: rule.status), .init(name: rule.at),
        .init(name: rule.expires.name, isOptional: !rule.expires.isGiven),
        .init(name: rule.purpose ?? "purpose", isOptional: true),
      ])
    if let purpose = rule.purpose, !list.isThere[4] {
      throw RunError(
        .mismatch,
        "\(list.path): the consent ledger has no column '\(purpose)' (where it holds one consent for "
          + "everything, say so: any_purpose: true)")
    }
    let book = Book(SubjectTable())
    let key = SecretBytes.random(count: 32)
    let environment = StageEnvironment(keys: keys, recipient: "")
    var summary = try list.read(threads: threads) {
      (
        LedgerTaker(rule, purpose: pipeline.config.purpose, asOf: asOf, key: key, book: book),
        try environment.rewriters(of: pipeline.ledgerNormalization)
      )
    }
    guard book.people.count <= SubjectTable.limit else {
      throw RunError(.inputOutput, "\(list.path): the consent ledger has more than \(SubjectTable.limit) entries")
    }
    book.people.seal()
    summary.counts = [
      ("entries_for_this_purpose", book.entries), ("people", book.people.count),
      ("entries_for_other_purposes", book.otherPurposes), ("entries_without_subject", book.nobodys),
    ]
    return ConsentLedger(key: key, people: book.people, summary: summary)
  }

  /// The entries that the takers collect; one taker writes at a time.
  fileprivate final class Book {
    let people: SubjectTable
    var entries = 0
    var otherPurposes = 0
    var nobodys = 0

    init(_ people: SubjectTable) { self.people = people }
  }
}

/// Reads the entries of one thread.
private final class LedgerTaker: ListTaker {
  private let book: ConsentLedger.Book
  private let digester: SubjectDigester
  private let granted: ValueSet
  private let withdrawn: LooseSet
  /// The pipeline's purpose; nil if a consent counts for every purpose.
  private let purpose: (exact: ValueSet, loose: LooseSet)?
  private let everyPurpose = LooseSet(["*", "all"])
  /// The first moment after the day of the run.
  private let tomorrow: Int
  private var taken = Buffer<SubjectTable.Entry>()
  private var otherPurposes = 0
  private var nobodys = 0

  init(
    _ rule: ConsentLedgerConfig, purpose: String?, asOf: CalendarDate, key: SecretBytes, book: ConsentLedger.Book
  ) {
    self.book = book
    digester = SubjectDigester(key)
    granted = ValueSet(rule.granted)
    withdrawn = LooseSet(rule.withdrawn)
    if rule.purpose != nil {
      let purpose = purpose ?? ""
      self.purpose = (ValueSet([purpose]), LooseSet([purpose]))
    } else {
      self.purpose = nil
    }
    tomorrow = Moment(startOf: asOf).microseconds + Moment.day
  }

  func take(_ records: ListRecords) {
    taken.removeAll()
    (otherPurposes, nobodys) = (0, 0)
    for record in 0..<records.batch.recordCount {
      let subject = unsafe records.value(0, of: record)
      let status = unsafe records.value(1, of: record)
      let at = unsafe records.value(2, of: record)
      let expires = unsafe records.value(3, of: record)
      let purpose = unsafe records.value(4, of: record)
      let isGrant = unsafe status.map { unsafe granted.contains($0) } ?? false
      guard unsafe concerns(purpose, isGrant: isGrant) else {
        otherPurposes += 1
        continue
      }
      guard let subject = unsafe subject else {
        nobodys += 1
        continue
      }
      let digest = unsafe digester.digest(subject)
      taken.append(
        .init(digest: digest, payload: unsafe weight(isGrant: isGrant, status: status, at: at, expires: expires)))
    }
  }

  func deliver() {
    book.people.add(taken)
    book.entries += taken.count
    book.otherPurposes += otherPurposes
    book.nobodys += nobodys
  }

  /// Returns whether an entry concerns the pipeline's purpose. A consent must name exactly this purpose. An entry that
  /// is no consent also counts if it names the purpose in another spelling, or every purpose, or none.
  private func concerns(_ value: UnsafeBufferPointer<UInt8>?, isGrant: Bool) -> Bool {
    guard let purpose else { return true }
    guard let value = unsafe value else { return !isGrant }
    if isGrant { return unsafe purpose.exact.contains(value) }
    return unsafe purpose.loose.contains(value) || everyPurpose.contains(value)
  }

  /// Returns the number that decides which entry counts: the time in the high bits, the standing in the lowest three.
  private func weight(
    isGrant: Bool, status: UnsafeBufferPointer<UInt8>?, at: UnsafeBufferPointer<UInt8>?,
    expires: UnsafeBufferPointer<UInt8>?
  ) -> UInt64 {
    func made(_ time: Int, _ standing: ConsentLedger.Standing) -> UInt64 { UInt64(time) << 3 | standing.rawValue }
    // The time of this entry is unknown, so nobody knows which consent came after it: it wins over all others.
    guard let at = unsafe at, let moment = unsafe Moment(at) else { return made(Int.max >> 4, .unparsable) }
    guard isGrant else {
      let isKnown = unsafe status.map { unsafe withdrawn.contains($0) } ?? false
      return made(moment.last + 1, isKnown ? .withdrawn : .unknown)
    }
    // A consent that is not yet in force loses against every entry that is.
    guard moment.microseconds < tomorrow else { return made(0, .notYet) }
    guard let expires = unsafe expires else { return made(moment.microseconds + 1, .granted) }
    guard let end = unsafe Moment(expires) else { return made(moment.microseconds + 1, .unparsable) }
    return made(moment.microseconds + 1, end.microseconds < tomorrow ? .expired : .granted)
  }
}
