import VeilGround

/// Counts of the values of one published field: how many there are, how many of them only one person or few people have, and
/// what they look like. It keeps hashes and counts, and no value.
///
/// The counts are exact up to `capacity` different values, and as many pairs of a value and a person as `pairCapacity` says.
/// Beyond that they come from a sample of the values by their hash (`HashSample`), in which every value has its exact count,
/// with a relative error of about 0.5 %. The hashes have a fixed seed and the order of values does not matter, so the same
/// export gives the same counts on any number of threads.
struct FieldCensus: Sendable {
  static let capacity = 1 << 16
  /// The pairs of a value and one of its people that are kept, up to `few` of each value.
  static let pairCapacity = 1 << 17
  /// The most people of one value that are counted.
  static let mostPeople = 1000
  private static let seed: UInt64 = 0xF1E1D

  /// The number of values in all records; several equal ones in one record are one.
  private(set) var cells = 0
  /// The number of people who make a value one that enough have: k, and at most `mostPeople`.
  let few: Int
  /// The number of people of each value, up to `few`, is in the marks, and the signs of identifiers in the shapes. If each
  /// record is one person's, the last record of the value stands above the number.
  private var sample: HashSample
  /// The different pairs of person and value; nil if each record is one person's.
  private var pairs: HashSample?
  /// The pairs of those values of the sample that fewer than `few` people have. The lowest bits are those of the value's
  /// hash, by which values stay in the sample.
  private var owners: Set<UInt64> = []
  /// The sum of the numbers of people in the sample.
  private var charged = 0
  private var level: UInt64 = 0

  private static let sharedBits: UInt64 = 24
  private static let peopleMask: UInt64 = 1 << 24 - 1

  /// - Parameter few: How many people must have a value, so that it is one that enough have: k.
  init(countsPeople: Bool, few: Int, capacity: Int = capacity) {
    self.few = max(2, min(few, Self.mostPeople))
    sample = HashSample(capacity: capacity)
    pairs = countsPeople ? HashSample(capacity: capacity) : nil
  }

  /// Returns the hash of a value, never 0.
  static func hash(_ value: UnsafeRawBufferPointer) -> UInt64 {
    let hash = unsafe ValueHash.hash(value, seed: seed)
    return hash == 0 ? 1 << 63 : hash
  }

  /// Returns the hash of a number, never 0.
  static func hash(_ number: Int) -> UInt64 {
    let hash = ValueHash.mixed(UInt64(truncatingIfNeeded: number) ^ seed)
    return hash == 0 ? 1 << 63 : hash
  }

  /// Counts a value of one record. The values of a record follow each other.
  /// - Parameters:
  ///   - owner: The person whose record it is, or the number of the record if people are not told apart.
  ///   - signs: Returns the signs of the value; called once for each different value.
  mutating func add(_ hash: UInt64, owner: UInt64, signs: () -> IdentifierSigns) {
    cells += 1
    let pair = ValueHash.mixed(hash ^ ValueHash.mixed(owner))
    pairs?.add(pair)
    guard sample.takes(hash) else { return }
    let slot = sample.slot(of: hash)
    if sample[slot].count == 0 { sample[slot].shape = signs().rawValue }
    if sample[slot].count < .max { sample[slot].count += 1 }
    if pairs == nil {
      // The records of a value come one after the other.
      let last = owner &+ 1
      if sample[slot].mark >> Self.sharedBits != last {
        let people = min(sample[slot].mark & Self.peopleMask + 1, UInt64(few))
        sample[slot].mark = last << Self.sharedBits | people
      }
    } else if sample[slot].mark < UInt64(few),
      owners.insert(pair << 24 | hash & Self.peopleMask).inserted
    {
      sample[slot].mark += 1
      charged += 1
    }
    sample.settle()
    if pairs != nil, charged > Self.pairCapacity || sample.level != level { forget() }
  }

  /// Forgets the pairs of values that are no longer in the sample, and makes the sample smaller while there are too many.
  private mutating func forget() {
    repeat {
      if sample.level == level { sample.raise() }
      level = sample.level
      let rejected = Self.peopleMask & (1 << level - 1)
      owners = owners.filter { $0 & rejected == 0 }
      charged = sample.entries.reduce(0) { $0 + Int($1.mark) }
    } while charged > Self.pairCapacity
  }

  /// Whether a value counts once for each person.
  var countsPeople: Bool { pairs != nil }

  var isExact: Bool { sample.isExact && pairs?.isExact ?? true }

  /// The number of different values.
  var distinct: Int { min(cells, Int(sample.distinct.rounded())) }

  /// The number of values, in which a value counts once for each person who has it.
  var values: Int { pairs.map { min(cells, Int($0.distinct.rounded())) } ?? cells }

  /// How many of them only one person has: values that occur once, if each record is one person's.
  var single: Int { held(byFewerThan: 2) }

  /// How many of them are values that fewer people than this have, `few` at most. A value counts once for each of its
  /// people.
  func held(byFewerThan number: Int) -> Int {
    let most = UInt64(min(number, few))
    var people = 0
    for entry in sample.entries where entry.mark & Self.peopleMask < most {
      people += Int(entry.mark & Self.peopleMask)
    }
    return min(values, Int((Double(people) * sample.weight).rounded()))
  }

  /// What the values look like.
  var tally: IdentifierTally {
    var tally = IdentifierTally()
    for entry in sample.entries {
      let times = Double(entry.count) * sample.weight
      tally.add(IdentifierSigns(rawValue: entry.shape), times: Int(times.rounded()))
    }
    return tally
  }
}
