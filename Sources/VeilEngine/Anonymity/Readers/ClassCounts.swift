import VeilAnonymity

/// One thread's part of `AppliedClasses`.
final class ClassCounts {
  /// By class, and last those that are suppressed.
  var records: [Int]
  var unseen = 0
  var sensitive: SensitiveHistogram
  /// The people of each class, where people are told apart.
  var people: [Int: Set<UInt64>] = [:]

  init(classCount: Int, sensitive: SensitiveHistogram) {
    records = Array(repeating: 0, count: classCount + 1)
    self.sensitive = sensitive
  }

  /// Counts one record. `number` is its class, nil where it is suppressed; `values` are the batch's sensitive ones by
  /// field.
  func count(_ number: Int?, isUnseen: Bool, subject: UInt64?, sensitive values: [[[UInt8]]], record: Int) {
    let place = number ?? records.count - 1
    records[place] += 1
    if isUnseen { unseen += 1 }
    for (field, own) in values.enumerated() {
      sensitive.observe(field, own[record], combination: UInt32(place), subject: subject)
    }
    if let subject { people[place, default: []].insert(subject) }
  }
}
