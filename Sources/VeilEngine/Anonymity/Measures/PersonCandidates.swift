import VeilGround

/// How well people are hidden from who puts all records of a person together, because a token of the subject leaves.
///
/// A person with records in the classes A and B is one of those who have records in both: their candidates are the people
/// whose classes contain all of theirs. Each class alone may hold k people, and still all of them may be told apart by
/// two towns (Terrovitis, Mamoulis, Kalnis 2008 call this the k^m-anonymity of set-valued data, here with all records
/// known). A person with records in one class only has everybody in that class.
///
/// Memory: the classes of each person who is in several, 8 bytes each, and one entry for each different set of classes.
/// Time: for each different set, the sets that share its rarest class, until k people are found.
struct PersonCandidates: Sendable {
  /// The people of the release.
  let people: Int
  /// The candidates of the person who has the fewest.
  let fewest: Int
  /// The people who have fewer than k.
  let below: Int
  let k: Int

  /// - Parameters:
  ///   - sizes: the people of each class.
  ///   - several: the classes of each person who is in several. Nil is returned if there are no people.
  init?(_ sizes: [Int], several: [[Int]], k: Int) {
    var counts: [[Int]: Int] = [:]
    for own in several { counts[own.sorted(), default: 0] += 1 }
    // In an order that does not depend on the process.
    let sets = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var alone = sizes
    var setsOf = [[Int32]](repeating: [], count: sizes.count)
    for (place, set) in sets.enumerated() {
      for number in set.key {
        alone[number] -= set.value
        setsOf[number].append(Int32(place))
      }
    }
    var people = 0
    var below = 0
    var fewest = Int.max
    func note(_ candidates: Int, of count: Int) {
      people += count
      fewest = min(fewest, candidates)
      if candidates < k { below += count }
    }
    for (size, count) in zip(sizes, alone) where count > 0 { note(size, of: count) }
    for set in sets {
      guard let rarest = set.key.min(by: { setsOf[$0].count < setsOf[$1].count }) else { continue }
      var candidates = 0
      for other in setsOf[rarest] where Self.contains(sets[Int(other)].key, set.key) {
        candidates += sets[Int(other)].value
        if candidates >= k, candidates >= fewest { break }
      }
      note(candidates, of: set.value)
    }
    guard people > 0 else { return nil }
    (self.people, self.below, self.fewest, self.k) = (people, below, fewest, k)
  }

  /// Whether a set has all of another; both ascend.
  private static func contains(_ all: [Int], _ part: [Int]) -> Bool {
    if part.count > all.count { return false }
    var next = 0
    for number in all where next < part.count && number == part[next] { next += 1 }
    return next == part.count
  }

  /// The highest risk of a prosecutor who knows all records of the person.
  var prosecutorMaximum: Double { 1 / Double(fewest) }

  var text: String {
    "over all records of a person, who are told by a token: \(fewest) candidates at least (prosecutor risk "
      + "\(ModelFinding.short(prosecutorMaximum))); \(below) of \(people) people have fewer than \(k)"
  }

  /// A warning for the publisher; nil if everybody has k candidates.
  var warning: String? {
    below == 0
      ? nil
      : text + "\n  drop the subject's token, or publish one record a person; the check 'candidates' makes it an error"
  }

  var manifest: JSONValue {
    .object([
      ("people", .integer(people)), ("fewest_candidates", .integer(fewest)), ("people_below_k", .integer(below)),
      ("prosecutor_maximum", .number(prosecutorMaximum)),
    ])
  }
}

extension PersonCandidates {
  /// Of classes as they are published. `several` may name suppressed records, which are a class if they stay.
  init?(_ classes: [MeasuredClass], suppressed: MeasuredClass, several: [[Int]], keepsSuppressed: Bool, k: Int) {
    var sizes = classes.map(\.people)
    if keepsSuppressed { sizes.append(suppressed.people) }
    let last = classes.count
    let own = several.map { own in
      own.compactMap { $0 >= 0 ? $0 : keepsSuppressed ? last : nil }
    }
    self.init(sizes, several: own.filter { $0.count > 1 }, k: k)
  }
}
