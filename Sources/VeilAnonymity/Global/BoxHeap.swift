/// All level vectors between a fine and a coarse corner, with a lower bound of their loss.
struct Box {
  var bound: Double
  var lower: [UInt8]
  var upper: [UInt8]
  /// The coarse corner's, once it is counted.
  var evaluation: Int?

  /// Least bound first; then a fixed order.
  static func precedes(_ a: Box, _ b: Box) -> Bool {
    if a.bound != b.bound { return a.bound < b.bound }
    if a.lower != b.lower { return a.lower.lexicographicallyPrecedes(b.lower) }
    if a.upper != b.upper { return a.upper.lexicographicallyPrecedes(b.upper) }
    return a.evaluation == nil && b.evaluation != nil
  }
}

/// A binary heap of boxes.
struct BoxHeap {
  private var boxes: [Box] = []

  mutating func push(_ box: Box) {
    boxes.append(box)
    var child = boxes.count - 1
    while child > 0, case let parent = (child - 1) / 2, Box.precedes(boxes[child], boxes[parent]) {
      boxes.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> Box? {
    guard let first = boxes.first else { return nil }
    let last = boxes.removeLast()
    guard !boxes.isEmpty else { return first }
    boxes[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < boxes.count && Box.precedes(boxes[child], boxes[smallest]) { smallest = child }
      if smallest == parent { return first }
      boxes.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
