/// Finds the number of a combination of codes in a plan. A combination that the plan does not have has no number.
struct CombinationIndex: Sendable {
  private let layout: KeyLayout
  private let codeCounts: [Int]
  private let keys: [UInt64]
  /// The number + 1 of a combination, by hash; 0 is a free slot.
  private var slots: [UInt32]

  /// The codes of a column are below `codeCounts`; `keys` holds `layout.words` words for each combination.
  init(layout: KeyLayout, codeCounts: [Int], keys: [UInt64]) {
    self.layout = layout
    self.codeCounts = codeCounts
    self.keys = keys
    let count = keys.count / layout.words
    var size = 16
    while size < 2 * count { size *= 2 }
    slots = Array(repeating: 0, count: size)
    for number in 0..<count {
      var hash: UInt64 = 0
      for word in 0..<layout.words { hash = LocalModel.mixed(hash ^ keys[number * layout.words + word]) }
      var place = Int(truncatingIfNeeded: hash) & (size - 1)
      while slots[place] != 0 { place = (place + 1) & (size - 1) }
      slots[place] = UInt32(number + 1)
    }
  }

  /// Returns the number of a combination; `code` gives its code in each column.
  func find(_ code: (_ column: Int) -> UInt32) -> Int? {
    var hash: UInt64 = 0
    var word = 0
    var key: UInt64 = 0
    return unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: layout.words) { wanted in
      for (column, place) in layout.places.enumerated() {
        let value = code(column)
        guard Int(value) < codeCounts[column] else { return nil }
        if place.word != word {
          unsafe wanted.initializeElement(at: word, to: key)
          hash = LocalModel.mixed(hash ^ key)
          (word, key) = (place.word, 0)
        }
        key |= UInt64(value) << place.shift
      }
      unsafe wanted.initializeElement(at: word, to: key)
      hash = LocalModel.mixed(hash ^ key)
      var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[place] != 0 {
        let number = Int(slots[place]) - 1
        let isSame = (0..<layout.words).allSatisfy { unsafe keys[number * layout.words + $0] == wanted[$0] }
        if isSame { return number }
        place = (place + 1) & (slots.count - 1)
      }
      return nil
    }
  }
}
