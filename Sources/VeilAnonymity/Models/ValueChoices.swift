/// The values that the people of one class may be known by, where a person may have several.
///
/// An adversary sees the class and not which of a person's values is meant, so a person protects the others by one value
/// only. The fewest different values that the class comes to is the size of the smallest set that has a value of each
/// person (a minimum hitting set; Karp 1972). Values that somebody has alone are in each such set, and then the values
/// of whoever is left are tried one after the other, as far as the question needs.
package struct ValueChoices: Sendable {
  /// For each cell of the class: whether somebody has this value and no other.
  let isForced: ArraySlice<Bool>
  /// The values of each person who has several.
  let several: [[UInt32]]

  /// More steps than this are not tried: then the class counts as one that does not hold, which is safe.
  private static let most = 200_000

  /// Returns whether every choice of one value for each person has at least `l` different values. People who lack a value
  /// are not counted, not even where they also have one: that it is not known hides nobody.
  func always(_ l: Int, values: ArraySlice<UInt32>, missing: UInt32?) -> Bool {
    var chosen = Set<UInt32>()
    for (value, forced) in zip(values, isForced) where forced && value != missing { chosen.insert(value) }
    var open = Set<[UInt32]>()
    for own in several where missing.map({ !own.contains($0) }) ?? true { open.insert(own) }
    if chosen.count >= l { return true }
    let left = open.filter { $0.allSatisfy { !chosen.contains($0) } }
      .sorted { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) }
    if chosen.isEmpty && left.isEmpty { return false }
    var steps = 0
    return !Self.canHit(left, with: l - 1 - chosen.count, &steps)
  }

  /// Returns whether so few values can have one of each set.
  private static func canHit(_ sets: [[UInt32]], with budget: Int, _ steps: inout Int) -> Bool {
    guard let first = sets.first else { return true }
    steps += 1
    if budget <= 0 { return false }
    if steps > most { return true }
    // Sets that share no value need a value each.
    var apart = 0
    var used = Set<UInt32>()
    for set in sets where set.allSatisfy({ !used.contains($0) }) {
      apart += 1
      if apart > budget { return false }
      used.formUnion(set)
    }
    for value in first where canHit(sets.filter { !$0.contains(value) }, with: budget - 1, &steps) { return true }
    return false
  }
}

extension SensitiveCells {
  /// The people who have several cells, and each class's share of them.
  struct PeopleOfCells: Sendable {
    let counts: SubjectCounts
    fileprivate let isForced: [Bool]
    fileprivate let several: [Int: [[UInt32]]]

    /// - Parameter counts: each person's cells.
    init(_ counts: SubjectCounts, starts: [Int], values: [UInt32]) {
      var isForced = values.indices.map { counts.single[$0] > 0 }
      var classOf = [Int](repeating: 0, count: values.count)
      for number in 0..<starts.count - 1 {
        for cell in starts[number]..<starts[number + 1] { classOf[cell] = number }
      }
      var several: [Int: [[UInt32]]] = [:]
      for person in 0..<counts.starts.count - 1 {
        var own: [UInt32] = []
        var last: (cell: Int, number: Int)?
        func end() {
          guard let last else { return }
          if own.count == 1 { isForced[last.cell] = true } else { several[last.number, default: []].append(own) }
        }
        for cell in counts.classes[counts.starts[person]..<counts.starts[person + 1]] where Int(cell) < values.count {
          let number = classOf[Int(cell)]
          if let before = last, before.number != number {
            end()
            own.removeAll()
          }
          own.append(values[Int(cell)])
          last = (Int(cell), number)
        }
        end()
      }
      (self.counts, self.isForced, self.several) = (counts, isForced, several)
    }

    func choices(_ number: Int, _ cells: Range<Int>) -> ValueChoices {
      ValueChoices(isForced: isForced[cells], several: several[number] ?? [])
    }
  }
}
