import VeilAnonymity

/// How many records the last pass put into each class, on all threads; and where a plan from a file is applied, which
/// people and which sensitive values.
final class AppliedClasses {
  private let classCount: Int
  private var counts: [ClassCounts] = []
  /// What the models came to, once it is known.
  var outcome: AppliedOutcome?

  init(classCount: Int) { self.classCount = classCount }

  /// One thread's own counts.
  func add(
    sensitive: SensitiveHistogram = SensitiveHistogram(columns: 0, countsSubjects: false)
  ) -> ClassCounts {
    let own = ClassCounts(classCount: classCount, sensitive: sensitive)
    counts.append(own)
    return own
  }

  var records: [Int] { Array(all.prefix(classCount)) }

  var suppressed: Int { all[classCount] }

  private var all: [Int] {
    var sums = [Int](repeating: 0, count: classCount + 1)
    for own in counts {
      for (number, records) in own.records.enumerated() { sums[number] += records }
    }
    return sums
  }

  /// Records whose combination the plan does not know, all of them suppressed.
  var unseen: Int { counts.reduce(0) { $0 + $1.unseen } }

  /// People in each class and last among the suppressed; records where no people are told apart.
  var people: [Int] {
    guard counts.contains(where: { !$0.people.isEmpty }) else { return all }
    return (0...classCount).map { number in
      counts.reduce(into: Set<UInt64>()) { $0.formUnion($1.people[number] ?? []) }.count
    }
  }

  /// The sensitive values of each class, and last of the suppressed.
  var sensitive: [SensitiveColumn] {
    guard var all = counts.first?.sensitive else { return [] }
    let classes = (0...UInt32(classCount)).map { $0 }
    for own in counts.dropFirst() { all.merge(own.sensitive, combinations: classes) }
    return all.finish(rank: classes)
  }
}
