/// How many records the last pass put into each class, on all threads.
final class AppliedClasses {
  private let classCount: Int
  private var counts: [ClassCounts] = []

  init(classCount: Int) { self.classCount = classCount }

  /// One thread's own counts.
  func add() -> ClassCounts {
    let own = ClassCounts(classCount: classCount)
    counts.append(own)
    return own
  }

  var records: [Int] {
    var sums = [Int](repeating: 0, count: classCount)
    for own in counts {
      for (number, records) in own.records.enumerated() { sums[number] += records }
    }
    return sums
  }

  var suppressed: Int { counts.reduce(0) { $0 + $1.suppressed } }

  /// Records whose combination the plan does not know, all of them suppressed.
  var unseen: Int { counts.reduce(0) { $0 + $1.unseen } }

  /// People in each class, no longer counted than up to k; records where no people are told apart.
  func people(upTo k: Int) -> [Int] {
    guard counts.contains(where: { !$0.people.isEmpty }) else { return records }
    return (0..<classCount).map { number in
      min(k, counts.reduce(into: Set<UInt64>()) { $0.formUnion($1.people[number] ?? []) }.count)
    }
  }
}

/// One thread's part of `AppliedClasses`.
final class ClassCounts {
  fileprivate(set) var records: [Int]
  var suppressed = 0
  var unseen = 0
  /// The first k people of each class, where people are told apart: who comes later does not matter.
  fileprivate var people: [Int: Set<UInt64>] = [:]

  fileprivate init(classCount: Int) { records = Array(repeating: 0, count: classCount) }

  func count(_ number: Int, subject: UInt64?, upTo k: Int) {
    records[number] += 1
    guard let subject else { return }
    if let known = people[number], known.count >= k { return }
    people[number, default: []].insert(subject)
  }
}
