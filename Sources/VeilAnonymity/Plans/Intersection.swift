/// What two releases of the same people reveal together that neither reveals alone.
///
/// This is the intersection attack (Ganta, Kasiviswanathan, Smith: Composition attacks and auxiliary information in
/// data privacy, 2008; the correspondence attacks of Fung, Wang, Fu, Pei: Anonymity for continuous data publishing,
/// 2008, are related). An adversary who knows that a person is in both releases, and who knows the person's
/// quasi-identifiers, finds the person's class in each. The person is one of those whose quasi-identifiers lie in the
/// regions of both classes.
///
/// The region of a class is the set of combinations that were put into it, not everything that its labels would cover:
/// recoding is deterministic, so an adversary who knows everybody's quasi-identifiers can repeat it. This is the
/// stronger adversary, and overlapping labels hide nothing from them.
///
/// Assumptions: the people of a combination that both releases have are the same ones, as far as there are as many in
/// both: of a combination with 5 people before and 3 now, 3 are in both, 2 left, and nobody came. Sensitive values are
/// ignored. Suppressed records that stay are one class of their release. Who is in one of the releases only is counted
/// apart, and is not among those who may be singled out: the difference of the releases tells of them. People whose
/// quasi-identifiers changed have left and come. Nothing is said about a third release.
package struct Intersection: Sendable, Equatable {
  /// The people whom both releases publish.
  package let inBoth: Int
  /// The people among them who share both classes with fewer than k people, including themselves.
  package let singledOut: Int
  package let k: Int
  /// The people whom only this release, and only the previous one publishes; nil if a plan of an older version does not
  /// say it.
  package let oneOnly: OneOnly?

  package struct OneOnly: Sendable, Equatable {
    package let came: Int
    package let left: Int

    package init(came: Int, left: Int) { (self.came, self.left) = (came, left) }
  }

  package init(inBoth: Int, singledOut: Int, k: Int, oneOnly: OneOnly?) {
    self.inBoth = inBoth
    self.singledOut = singledOut
    self.k = k
    self.oneOnly = oneOnly
  }

  /// Of the records that a release is decided on; `now` is the class of each of their combinations, negative where it
  /// has none.
  package init(_ table: QuasiTable, now: [Int32], previous: PlanContents, k: Int) {
    let numbers = previous.numbers(of: table)
    let visible = previous.visibleClassOf
    let classesBefore = numbers.map { $0.map { visible[$0] } ?? -1 }
    let (groups, count) = Self.groups(now, classesBefore)
    let all = table.people(of: groups, count: count)
    let people: [Int]
    if let subjects = table.subjects, subjects.starts.count > 1 {
      // Somebody of before may have come into another combination. A plan does not say who is in which, so only what is
      // more than the group had records has come.
      var before = [Int](repeating: 0, count: count)
      for (index, group) in groups.enumerated() where group >= 0 {
        if let number = numbers[index] { before[Int(group)] += previous.records[number] }
      }
      people = zip(all, before).map { min($0, $1) }
    } else {
      // Those of a combination who are more than there were before have come.
      let here = table.subjects?.people ?? table.records
      var same = [Int](repeating: 0, count: count)
      for (index, group) in groups.enumerated() where group >= 0 {
        if let number = numbers[index] { same[Int(group)] += min(here[index], previous.people[number]) }
      }
      people = same
    }
    let newcomers = zip(all, people).map { $0 - $1 }
    // A person with several combinations counts once, and is singled out if any of them is in a small group.
    func distinct(_ isCounted: (Int) -> Bool) -> Int {
      let all = table.people(of: groups.map { $0 >= 0 && isCounted(Int($0)) ? 0 : -1 }, count: 1)[0]
      return max(0, all - newcomers.indices.reduce(0) { $0 + (isCounted($1) ? newcomers[$1] : 0) })
    }
    singledOut = distinct { people[$0] < k }
    inBoth = distinct { _ in true }
    self.k = k
    let published = table.people(of: now.map { $0 >= 0 ? 0 : -1 }, count: 1)[0]
    oneOnly = OneOnly(came: max(0, published - inBoth), left: max(0, previous.publishedPeople - inBoth))
  }

  /// Of two plans.
  package init(_ plan: PlanContents, previous: PlanContents, k: Int) {
    let numbers = plan.numbers(of: previous)
    let visible = plan.visibleClassOf
    let (groups, count) = Self.groups(numbers.map { $0.map { visible[$0] } ?? -1 }, previous.visibleClassOf)
    var people = [Int](repeating: 0, count: count)
    for (index, group) in groups.enumerated() where group >= 0 {
      if let number = numbers[index] { people[Int(group)] += min(previous.people[index], plan.people[number]) }
    }
    inBoth = people.reduce(0, +)
    singledOut = people.reduce(0) { $0 + ($1 < k ? $1 : 0) }
    self.k = k
    oneOnly = OneOnly(came: plan.publishedPeople - inBoth, left: previous.publishedPeople - inBoth)
  }

  /// Numbers the pairs of classes that occur.
  private static func groups(_ now: [Int32], _ previous: [Int32]) -> (groups: [Int32], count: Int) {
    var numbers: [SIMD2<Int32>: Int32] = [:]
    let groups = zip(now, previous).map { now, previous -> Int32 in
      if now < 0 || previous < 0 { return -1 }
      if let number = numbers[SIMD2(now, previous)] { return number }
      let number = Int32(numbers.count)
      numbers[SIMD2(now, previous)] = number
      return number
    }
    return (groups, numbers.count)
  }

  package var text: String {
    let others =
      oneOnly.map { "\($0.came) in this one only, \($0.left) in the one before only" } ?? "who is in one only"
    return "\(singledOut) of \(inBoth) people in both releases share both of their classes with fewer than \(k) "
      + "(not counted: \(others))"
  }
}

extension PlanContents {
  /// The class in which a reader sees each combination. Suppressed records that stay look the same, so they are one
  /// more class.
  var visibleClassOf: [Int32] {
    keepsSuppressed ? classOf.map { $0 < 0 ? Int32(classCount) : $0 } : classOf
  }

  /// The people whom the release publishes.
  fileprivate var publishedPeople: Int {
    zip(visibleClassOf, people).reduce(0) { $0 + ($1.0 >= 0 ? $1.1 : 0) }
  }

  /// Returns the number here of each combination of another plan; nil if there is none.
  fileprivate func numbers(of other: PlanContents) -> [Int?] {
    let codes = columns.indices.map { column in
      (0..<other.columns[column].values.count).map { columns[column].values.find(other.columns[column].values[$0]) }
    }
    let index = CombinationIndex(layout: layout, codeCounts: columns.map(\.values.count), keys: keys)
    return (0..<other.count).map { combination in
      index.find { codes[$0][other.code($0, of: combination)] ?? .max }
    }
  }
}
