/// Finds the combinations to suppress: those for which suppression costs less than the loss that they cause in their
/// class.
///
/// A combination is removed from its class if the class is still large enough without it, and the other members gain
/// more than the record's own cells were worth.
struct Outliers {
  private let model: LocalModel
  private let k: Int
  private let limit: Int

  init(_ model: LocalModel, k: Int, limit: Int) {
    self.model = model
    self.k = k
    self.limit = limit
  }

  /// Removes the combinations from their classes and returns them. At most `limit` records are removed.
  func take(from classes: inout [[Int32]]) -> [Int32] {
    guard limit > 0 else { return [] }
    var set = ClassSet(model, k: k, classes: classes)
    let everything = model.everything
    var gains: [(gain: Int, combination: Int32)] = []
    for combination in 0..<Int32(model.count) {
      if let gain = gain(combination, in: set, everything: everything), gain > 0 { gains.append((gain, combination)) }
    }
    gains.sort { $0.gain != $1.gain ? $0.gain > $1.gain : $0.combination < $1.combination }
    var suppressed: [Int32] = []
    var left = limit
    for (_, combination) in gains where model.records[Int(combination)] <= left {
      // An earlier removal may have changed its class.
      guard let gain = gain(combination, in: set, everything: everything), gain > 0 else { continue }
      let number = Int(set.classOf[Int(combination)])
      set.replace(number, with: set.members[number].filter { $0 != combination })
      suppressed.append(combination)
      left -= model.records[Int(combination)]
    }
    if !suppressed.isEmpty { classes = set.members }
    return suppressed.sorted()
  }

  private func gain(_ combination: Int32, in set: ClassSet, everything: Int) -> Int? {
    let number = Int(set.classOf[Int(combination)])
    let records = model.records[Int(combination)]
    guard set.people[number] - model.people[Int(combination)] >= k else { return nil }
    // The other members can gain at most their whole loss.
    guard set.cost(number) > everything * records else { return nil }
    let after = set.unit(number, without: combination) * (set.records[number] - records)
    return set.cost(number) - after - everything * records
  }
}
