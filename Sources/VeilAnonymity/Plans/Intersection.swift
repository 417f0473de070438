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
/// Assumptions: the same people are in both releases with the same quasi-identifiers (those whose combination the
/// previous release had and published), and sensitive values are ignored. Suppressed records that stay are one class of
/// their release. People who changed, came or left are not counted, and nothing is said about a third release.
package struct Intersection: Sendable, Equatable {
  /// The people whose combination both releases publish.
  package let inBoth: Int
  /// The people among them who share both classes with fewer than k people, including themselves.
  package let singledOut: Int
  package let k: Int

  package init(inBoth: Int, singledOut: Int, k: Int) {
    self.inBoth = inBoth
    self.singledOut = singledOut
    self.k = k
  }

  /// Of the records that a release is decided on. `now` and `previous` are the classes of its combinations in either
  /// release, negative where they have none.
  package init(_ table: QuasiTable, now: [Int32], previous: [Int32], k: Int) {
    let (groups, count) = Self.groups(now, previous)
    let people = table.people(of: groups, count: count)
    // A person with several combinations counts once, and is singled out if any of them is in a small group.
    singledOut = table.people(of: groups.map { $0 >= 0 && people[Int($0)] < k ? 0 : -1 }, count: 1)[0]
    inBoth = table.people(of: groups.map { $0 >= 0 ? 0 : -1 }, count: 1)[0]
    self.k = k
  }

  /// Of two plans, and the people of the previous one.
  package init(_ plan: PlanContents, previous: PlanContents, k: Int) {
    let (groups, count) = Self.groups(plan.classes(of: previous), previous.visibleClassOf)
    var people = [Int](repeating: 0, count: count)
    for (group, own) in zip(groups, previous.people) where group >= 0 { people[Int(group)] += own }
    inBoth = people.reduce(0, +)
    singledOut = people.reduce(0) { $0 + ($1 < k ? $1 : 0) }
    self.k = k
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
    "\(singledOut) of \(inBoth) people in both releases share both of their classes with fewer than \(k)"
  }
}

extension PlanContents {
  /// The class in which a reader sees each combination. Suppressed records that stay look the same, so they are one
  /// more class.
  var visibleClassOf: [Int32] {
    keepsSuppressed ? classOf.map { $0 < 0 ? Int32(classCount) : $0 } : classOf
  }

  /// Returns the class in which a reader sees each combination of another plan; -1 if there is none.
  func classes(of other: PlanContents) -> [Int32] {
    let codes = columns.indices.map { column in
      (0..<other.columns[column].values.count).map { columns[column].values.find(other.columns[column].values[$0]) }
    }
    let index = CombinationIndex(layout: layout, codeCounts: columns.map(\.values.count), keys: keys)
    let visible = visibleClassOf
    return (0..<other.count).map { combination in
      let found = index.find { codes[$0][other.code($0, of: combination)] ?? .max }
      return found.map { visible[$0] } ?? -1
    }
  }
}
