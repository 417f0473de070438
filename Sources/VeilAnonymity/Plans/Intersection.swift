/// What two releases of the same people tell together that neither tells alone.
///
/// The intersection attack (Ganta, Kasiviswanathan, Smith: Composition attacks and auxiliary information in data privacy,
/// 2008; the correspondence attacks of Fung, Wang, Fu, Pei: Anonymity for continuous data publishing, 2008, are its kin):
/// whoever knows that a person is in both releases, and the person's quasi-identifiers, finds the person's class in each;
/// the person is one of those whose quasi-identifiers lie in both classes' regions.
///
/// A class's region is the set of combinations that were put into it, not all that its labels would cover: recoding is
/// deterministic, so whoever knows everybody's quasi-identifiers can repeat it. This is the stronger adversary, and labels
/// that overlap hide nothing from him.
///
/// Assumed: the same people are in both releases with the same quasi-identifiers (those whose combination the earlier
/// release had and published), and sensitive values are left aside. Suppressed records that stay are one class of their
/// release. People who changed, came or went are not counted, and nothing is said about a third release.
package struct Intersection: Sendable, Equatable {
  /// People whose combination both releases publish.
  package let inBoth: Int
  /// Those of them who share both classes with fewer than k people, themselves included.
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
    // A person with several combinations counts once: whoever is in a small group is singled out.
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
  /// The class that each combination is seen in. Suppressed records that stay are alike, and so one class more.
  var visibleClassOf: [Int32] {
    keepsSuppressed ? classOf.map { $0 < 0 ? Int32(classCount) : $0 } : classOf
  }

  /// The class that each combination of another plan is seen in; -1 without one.
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
