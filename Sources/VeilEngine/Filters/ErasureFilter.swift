/// `records.erasure`: excludes the records of people who asked to be forgotten, and the records that do not say whose
/// they are.
final class ErasureFilter: BatchFilter {
  private let people: SubjectTable
  private let matcher: SubjectMatcher

  init(_ list: ErasureList, _ matcher: SubjectMatcher) {
    people = list.people
    self.matcher = matcher
  }

  func judge(_ batch: Batch) {
    matcher.each(batch) { record, person in
      if case .digest(let digest) = person, !people.contains(digest) { return }
      batch.exclude(record, .erasure)
    }
  }
}
