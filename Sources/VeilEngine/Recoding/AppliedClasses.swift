import VeilAnonymity

/// The number of records that the last pass put into each class, on all threads. If a plan from a file is applied, also
/// the people and the sensitive values of each class.
final class AppliedClasses {
  private let classCount: Int
  private var counts: [ClassCounts] = []
  /// The results of the models; set when they are known.
  var outcome: AppliedOutcome?

  init(classCount: Int) { self.classCount = classCount }

  /// Adds the counts of one thread.
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

  /// The number of records whose combination the plan does not know; all of them are suppressed.
  var unseen: Int { counts.reduce(0) { $0 + $1.unseen } }

  /// The number of people in each class, and in the last place among the suppressed; the number of records if people
  /// are not told apart.
  var people: [Int] {
    guard counts.contains(where: { !$0.people.isEmpty }) else { return all }
    return (0...classCount).map { number in
      counts.reduce(into: Set<UInt64>()) { $0.formUnion($1.people[number] ?? []) }.count
    }
  }

  /// The classes of each person who is in several, where the suppressed records are the last one; nobody's if people are
  /// not told apart.
  var several: [[Int]] {
    var classes: [UInt64: Set<Int>] = [:]
    for own in counts {
      for (number, people) in own.people {
        for person in people { classes[person, default: []].insert(number) }
      }
    }
    return classes.values.filter { $0.count > 1 }.map { Array($0) }
  }

  /// The sensitive values of each class, and in the last place those of the suppressed records.
  var sensitive: [SensitiveColumn] {
    guard var all = counts.first?.sensitive else { return [] }
    let classes = (0...UInt32(classCount)).map { $0 }
    for own in counts.dropFirst() { all.merge(own.sensitive, combinations: classes) }
    return all.finish(rank: classes)
  }
}
