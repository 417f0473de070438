import VeilCrypto

/// Counts different people: exactly up to 65,536, and by a sample beyond, so that memory does not grow with them.
final class PeopleSample: PeopleTally {
  private var sample = HashSample(capacity: FieldCensus.capacity)

  func add(_ person: UInt64) { sample.add(person) }

  var count: Int { Int(sample.distinct.rounded()) }
}

/// Reads the people of a thread's records for a tally that all threads share.
final class PeopleCounter {
  private let tally: any PeopleTally
  private let subjects: SubjectReader?

  init(_ tally: any PeopleTally, _ view: ExportView, key: SecretBytes) throws {
    self.tally = tally
    subjects = try view.subjectReader(key: key)
  }

  /// Reads a batch, before stages rewrite the subject's field.
  func read(_ batch: Batch) { subjects?.read(batch) }

  /// Counts what was read. Done by the station whose turn it is.
  func count() {
    for person in subjects?.subjects ?? [] { tally.add(person) }
  }
}
