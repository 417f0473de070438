/// All level vectors between a fine and a coarse corner, with a lower bound of their loss.
struct LevelRange {
  var bound: Double
  var lower: [UInt8]
  var upper: [UInt8]
  /// The evaluation of the coarse corner, once it is counted.
  var evaluation: Int?

  /// Sorts by least bound first; ties have a fixed order.
  static func precedes(_ a: LevelRange, _ b: LevelRange) -> Bool {
    if a.bound != b.bound { return a.bound < b.bound }
    if a.lower != b.lower { return a.lower.lexicographicallyPrecedes(b.lower) }
    if a.upper != b.upper { return a.upper.lexicographicallyPrecedes(b.upper) }
    return a.evaluation == nil && b.evaluation != nil
  }
}

/// A binary heap of ranges.
struct LevelRangeHeap {
  private var ranges: [LevelRange] = []

  mutating func push(_ range: LevelRange) {
    ranges.append(range)
    var child = ranges.count - 1
    while child > 0, case let parent = (child - 1) / 2, LevelRange.precedes(ranges[child], ranges[parent]) {
      ranges.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> LevelRange? {
    guard let first = ranges.first else { return nil }
    let last = ranges.removeLast()
    guard !ranges.isEmpty else { return first }
    ranges[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < ranges.count && LevelRange.precedes(ranges[child], ranges[smallest]) { smallest = child }
      if smallest == parent { return first }
      ranges.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
