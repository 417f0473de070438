/// The complete input of recoding: the distinct combinations of leaf codes in a fixed order, with their counts.
package struct QuasiTable: Sendable {
  let lookups: [LeafLookup]
  package let hierarchies: [Hierarchy]
  let layout: KeyLayout
  /// `layout.words` words for each combination, ascending.
  let keys: [UInt64]
  /// The number of records with each combination.
  package let records: [Int]
  /// Which subject was seen with which combination; nil if records count as people.
  package let subjects: SubjectCounts?
  /// The sensitive fields that a model needs.
  package var sensitive: [SensitiveColumn] = []
  /// The people of the population with each combination, if a model needs them. Then a combination may have no record.
  package var population: [Int] = []
  /// The weight of each column's loss in the search, above 0; empty if all weights are equal.
  package var weights: [Double] = []

  package var recordCount: Int { records.reduce(0, +) }

  /// The number of people: distinct subjects, or records.
  package var peopleCount: Int { subjects?.total ?? recordCount }
}

/// Distinct subjects by class, where a class is a set of combinations that recoding has made equal.
///
/// A subject in only one class is part of a simple count. Subjects in several classes are stored one by one, because
/// each must be counted once when classes are joined.
package struct SubjectCounts: Sendable {
  /// The number of subjects that are in this class and in no other.
  package var single: [Int]
  /// The classes of subject i of those in several classes: `classes[starts[i] ..< starts[i + 1]]`, ascending.
  package var starts: [Int] = [0]
  package var classes: [UInt32] = []

  var total: Int { single.reduce(0, +) + starts.count - 1 }

  /// The number of distinct subjects in each class.
  var people: [Int] {
    var people = single
    for index in classes { people[Int(index)] += 1 }
    return people
  }

  init(classCount: Int) {
    single = Array(repeating: 0, count: classCount)
  }

  /// Counts distinct subjects; a combination's class is its rank.
  init(sightings: [QuasiHistogram.Sighting], rank: [UInt32]) {
    self.init(classCount: rank.count)
    let sorted = Self.sorted(sightings, rank: rank)
    var next = 0
    var own: [UInt32] = []
    while next < sorted.count {
      let subject = sorted[next].subject
      own.removeAll(keepingCapacity: true)
      while next < sorted.count, sorted[next].subject == subject {
        if own.last != sorted[next].combination { own.append(sorted[next].combination) }
        next += 1
      }
      append(own)
    }
  }

  /// Returns these counts after classes were joined: class c is now `classOf[c]`.
  func joined(_ classOf: [UInt32], classCount: Int) -> SubjectCounts {
    var result = SubjectCounts(classCount: classCount)
    for (index, count) in single.enumerated() { result.single[Int(classOf[index])] += count }
    result.classes.reserveCapacity(classes.count)
    result.starts.reserveCapacity(starts.count)
    for subject in 0..<starts.count - 1 {
      let own = starts[subject]..<starts[subject + 1]
      let first = classOf[Int(classes[own.lowerBound])]
      guard let other = own.first(where: { classOf[Int(classes[$0])] != first }) else {
        result.single[Int(first)] += 1
        continue
      }
      if own.count == 2 {
        let second = classOf[Int(classes[other])]
        result.classes.append(min(first, second))
        result.classes.append(max(first, second))
      } else {
        result.appendDistinct(classes[own].map { classOf[Int($0)] })
      }
      result.starts.append(result.classes.count)
    }
    return result
  }

  private mutating func appendDistinct(_ own: [UInt32]) {
    for index in own.sorted() where index != classes.last || classes.count == starts[starts.count - 1] {
      classes.append(index)
    }
  }

  private mutating func append(_ own: [UInt32]) {
    if own.count == 1 {
      single[Int(own[0])] += 1
    } else {
      classes.append(contentsOf: own)
      starts.append(classes.count)
    }
  }

  /// Sorts by a mixed subject, then by rank. Mixing is a bijection, so equal subjects stay equal; it spreads them
  /// evenly over buckets that are small enough to sort fast.
  private static func sorted(
    _ sightings: [QuasiHistogram.Sighting], rank: [UInt32]
  ) -> [QuasiHistogram.Sighting] {
    func mixed(_ subject: UInt64) -> UInt64 {
      let product = (subject ^ (subject >> 32)) &* 0x9E37_79B9_7F4A_7C15
      return product ^ (product >> 29)
    }
    var bits: UInt64 = 1
    while bits < 16, 1 << (bits + 4) < sightings.count { bits += 1 }
    var ends = [Int](repeating: 0, count: 1 << bits)
    for sighting in sightings { ends[Int(mixed(sighting.subject) >> (64 - bits))] += 1 }
    var total = 0
    for bucket in ends.indices {
      total += ends[bucket]
      ends[bucket] = total
    }
    var sorted = sightings
    var starts = ends
    for sighting in sightings {
      let subject = mixed(sighting.subject)
      let bucket = Int(subject >> (64 - bits))
      starts[bucket] -= 1
      sorted[starts[bucket]] = .init(subject: subject, combination: rank[Int(sighting.combination)])
    }
    for bucket in ends.indices where ends[bucket] - starts[bucket] > 1 {
      sorted[starts[bucket]..<ends[bucket]].sort {
        $0.subject != $1.subject ? $0.subject < $1.subject : $0.combination < $1.combination
      }
    }
    return sorted
  }
}
