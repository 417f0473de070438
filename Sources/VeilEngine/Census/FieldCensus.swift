import VeilGround

/// Counts of the values of one published field: how many there are, how many only one person has, and what they look
/// like. It keeps hashes and counts, and no value.
///
/// The counts are exact up to `capacity` different values. Beyond that they come from a sample of the values by their
/// hash (`HashSample`), in which every value has its exact count, with a relative error of about 0.5 %. The hashes have
/// a fixed seed and the order of values does not matter, so the same export gives the same counts on any number of
/// threads.
struct FieldCensus: Sendable {
  static let capacity = 1 << 16
  /// The mark of a value that several people have.
  private static let several = UInt64.max
  private static let seed: UInt64 = 0xF1E1D

  /// The number of values in all records; several equal ones in one record are one.
  private(set) var cells = 0
  /// The records or people of each value are in the marks, and the signs of identifiers in the shapes.
  private var sample: HashSample
  /// The different pairs of person and value; nil if each record is one person's.
  private var pairs: HashSample?

  init(countsPeople: Bool, capacity: Int = capacity) {
    sample = HashSample(capacity: capacity)
    pairs = countsPeople ? HashSample(capacity: capacity) : nil
  }

  /// Returns the hash of a value, never 0.
  static func hash(_ value: UnsafeRawBufferPointer) -> UInt64 {
    let hash = unsafe ValueHash.hash(value, seed: seed)
    return hash == 0 ? 1 << 63 : hash
  }

  /// Counts a value of one record.
  /// - Parameters:
  ///   - owner: The person whose record it is, or a number of the record if people are not told apart; any number.
  ///   - signs: Returns the signs of the value; called once for each different value.
  mutating func add(_ hash: UInt64, owner: UInt64, signs: () -> IdentifierSigns) {
    cells += 1
    let owner = owner == Self.several ? 0 : owner
    pairs?.add(ValueHash.mixed(hash ^ ValueHash.mixed(owner)))
    guard sample.takes(hash) else { return }
    let slot = sample.slot(of: hash)
    if sample[slot].count == 0 {
      sample[slot].mark = owner
      sample[slot].shape = signs().rawValue
    } else if sample[slot].mark != owner {
      sample[slot].mark = Self.several
    }
    if sample[slot].count < .max { sample[slot].count += 1 }
    sample.settle()
  }

  /// Whether a value counts once for each person.
  var countsPeople: Bool { pairs != nil }

  var isExact: Bool { sample.isExact && pairs?.isExact ?? true }

  /// The number of different values.
  var distinct: Int { min(cells, Int(sample.distinct.rounded())) }

  /// The number of values, in which a value counts once for each person who has it.
  var values: Int { pairs.map { min(cells, Int($0.distinct.rounded())) } ?? cells }

  /// How many of them only one person has: values that occur once, if each record is one person's.
  var single: Int {
    let single = sample.entries.lazy.filter { $0.mark != Self.several }.count
    return min(values, Int((Double(single) * sample.weight).rounded()))
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
