import VeilConfig
import VeilCrypto
import VeilGround

/// The corrections that people asked for: for each person, new values of fields. If a list corrects one field of a
/// person twice, the later line counts.
final class CorrectionList: Sendable {
  /// The place of a corrected value in `text`.
  struct Value: BitwiseCopyable {
    var start: Int
    var count: Int
    /// Whether it is a JSON number, true or false.
    var isLiteral: Bool
  }

  let key: SecretBytes
  /// The fields for which there is a correction.
  let fields: [FieldPath]
  /// Every person, each with a number below `values.count` that nobody else has.
  let people: SubjectTable
  /// For each field, the people with a correction and the number of their value.
  let tables: [SubjectTable]
  let values: [Value]
  let text: [UInt8]
  private let read: ListSummary
  private let usage: Guarded<Usage>

  private struct Usage {
    /// Whether each value was applied, by the value's number; and below, whether each person occurred, by the person's
    /// number.
    var isApplied: [Bool]
    var isMet: [Bool]
  }

  fileprivate init(_ book: CorrectionBook, key: SecretBytes, summary: ListSummary) {
    self.key = key
    fields = book.fields
    people = book.people
    tables = book.tables
    values = book.values
    text = book.text
    read = summary
    people.seal()
    for table in tables { table.seal() }
    usage = Guarded(
      Usage(
        isApplied: Array(repeating: false, count: values.count), isMet: Array(repeating: false, count: values.count)))
  }

  /// Notes which corrections a batch used.
  func note(applied: [Int], met: [Int]) {
    usage.withLock { usage in
      for number in applied { usage.isApplied[number] = true }
      for number in met { usage.isMet[number] = true }
    }
  }

  /// The summary for the manifest at the end of the run, with how many corrections were used.
  var summary: ListSummary {
    var summary = read
    let (applied, met) = usage.withLock { usage in
      (usage.isApplied.count { $0 }, usage.isMet.count { $0 })
    }
    let current = tables.reduce(0) { $0 + $1.count }
    summary.counts = [
      ("people", people.count), ("people_not_in_input", people.count - met), ("corrections", current),
      ("applied", applied), ("superseded", values.count - current),
    ]
    return summary
  }

  static func read(
    _ rule: CorrectionsConfig, _ pipeline: CompiledPipeline, keys: KeyStore, threads: Int
  ) throws -> CorrectionList {
    let list = try ListReader(
      pipeline.config.resolve(rule.file), what: "list of corrections",
      columns: [.init(name: rule.subject), .init(name: rule.name), .init(name: rule.value)])
    let key = SecretBytes.random(count: 32)
    let book = CorrectionBook()
    let fields = correctable(pipeline)
    let environment = StageEnvironment(keys: keys, recipient: "")
    let summary = try list.read(threads: threads) {
      (CorrectionTaker(fields, key: key, book: book), try environment.rewriters(of: pipeline.correctionNormalization))
    }
    return CorrectionList(book, key: key, summary: summary)
  }

  /// Returns the fields that a list may name, in the spelling of pipelines and of CSV headers.
  private static func correctable(_ pipeline: CompiledPipeline) -> [[UInt8]: FieldPath] {
    let paths = pipeline.fields.map(\.config.path) + Layout.lookedAt(pipeline)
    var found: [[UInt8]: FieldPath] = [:]
    for path in paths where !path.steps.contains(.elements) {
      // A field that contains other named fields is corrected through these.
      let isParent = paths.contains { $0 != path && $0.steps.starts(with: path.steps) }
      if isParent { continue }
      found[Array(path.description.utf8)] = path
      if let name = path.singleKey { found[Array(name.utf8)] = path }
    }
    return found
  }
}

/// The corrections that the takers collect; one taker writes at a time.
private final class CorrectionBook {
  var fields: [FieldPath] = []
  var tables: [SubjectTable] = []
  let people = SubjectTable()
  var values: [CorrectionList.Value] = []
  var text: [UInt8] = []

  func add(_ digest: SubjectDigest, field: FieldPath, value: [UInt8], isLiteral: Bool) {
    let number = UInt64(values.count)
    values.append(.init(start: text.count, count: value.count, isLiteral: isLiteral))
    text += value
    if !fields.contains(field) {
      fields.append(field)
      tables.append(SubjectTable())
    }
    people.add(digest, payload: number)
    tables[fields.firstIndex(of: field) ?? 0].add(digest, payload: number)
  }
}

private final class CorrectionTaker: ListTaker {
  private let fields: [[UInt8]: FieldPath]
  private let digester: SubjectDigester
  private let book: CorrectionBook
  private var taken: [(digest: SubjectDigest, field: FieldPath, value: [UInt8], isLiteral: Bool)] = []

  init(_ fields: [[UInt8]: FieldPath], key: SecretBytes, book: CorrectionBook) {
    self.fields = fields
    self.book = book
    digester = SubjectDigester(key)
  }

  func take(_ records: ListRecords) {
    taken.removeAll(keepingCapacity: true)
    for record in 0..<records.batch.recordCount {
      let subject = unsafe records.value(0, of: record)
      let name = unsafe records.value(1, of: record)
      let value = unsafe records.value(2, of: record)
      // The error does not show the name: if the columns of a list are mixed up, it may be anybody's value.
      guard let name = unsafe name, let field = unsafe fields[Array(name)] else {
        records.batch.fail(
          record, field: nil,
          reason: FailureReason("corrects a field that the pipeline does not have, or that holds others"))
        continue
      }
      guard let subject = unsafe subject else {
        records.batch.fail(record, field: nil, reason: FailureReason("does not say whom it is about"))
        continue
      }
      let isLiteral = records.isLiteral(2)
      taken.append((unsafe digester.digest(subject), field, unsafe value.map { unsafe Array($0) } ?? [], isLiteral))
    }
  }

  func deliver() {
    for correction in taken {
      book.add(correction.digest, field: correction.field, value: correction.value, isLiteral: correction.isLiteral)
    }
  }
}
