/// The nearest combinations of each combination. The distance of two is the loss of a record if the two were one class.
///
/// Not every pair is compared. For every two columns, the combinations are sorted so that those which differ only in
/// these two columns are next to each other, and each is compared with the few after it.
struct Neighbours: Sendable {
  /// The largest number of neighbours of a combination.
  static let most = 12
  private static let window = 4

  private var near: [Int32]
  private var distances: [Int32]

  init(_ model: LocalModel) {
    let count = model.count
    near = Array(repeating: -1, count: count * Self.most)
    distances = Array(repeating: .max, count: count * Self.most)
    guard count > 1 else { return }
    let indexBits = UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount)
    let wholes = (0..<count).map { index in
      model.columns.indices.reduce(UInt64(0)) { $0 &+ model.word($1, 0, of: index) }
    }
    for first in model.columns.indices {
      for second in model.columns.indices where second > first || (model.width == 1 && second == first) {
        let bits = [first, second].map { column in
          UInt64(Int.bitWidth - max(1, model.columns[column].leafCount).leadingZeroBitCount)
        }
        let shifts = bits.map { max(0, Int($0) - 12) }
        var keys = (0..<count).map { index in
          var rest = wholes[index] &- model.word(first, 0, of: index)
          if second != first { rest = rest &- model.word(second, 0, of: index) }
          let low = UInt64(model.places[index * model.width + first]) >> UInt64(shifts[0])
          let high = UInt64(model.places[index * model.width + second]) >> UInt64(shifts[1])
          let own = low << min(12, bits[1]) | high
          let used = min(12, bits[0]) + min(12, bits[1]) + indexBits
          return (LocalModel.mixed(rest) >> used) << used | own << indexBits | UInt64(index)
        }
        keys.sort()
        compare(keys.map { Int32(truncatingIfNeeded: $0 & ((1 << indexBits) - 1)) }, model)
      }
    }
  }

  private mutating func compare(_ order: [Int32], _ model: LocalModel) {
    let width = model.width
    for at in order.indices {
      let one = Int(order[at])
      for next in at + 1..<min(at + 1 + Self.window, order.count) {
        let other = Int(order[next])
        // A distance that is larger than all distances both have so far is of no use. After a few columns this is true
        // for most pairs.
        let useful = Int(max(farthest(one), farthest(other)))
        var distance = 0
        var column = 0
        while column < width, distance < useful {
          let (a, b) = (model.places[one &* width &+ column], model.places[other &* width &+ column])
          distance &+= model.loss(column, low: min(a, b), high: max(a, b))
          column &+= 1
        }
        if distance >= useful { continue }
        insert(Int32(other), near: one, distance: Int32(truncatingIfNeeded: distance))
        insert(Int32(one), near: other, distance: Int32(truncatingIfNeeded: distance))
      }
    }
  }

  /// Returns the distance of the farthest neighbour that a combination has room for.
  @inline(__always)
  private func farthest(_ one: Int) -> Int32 { distances[one &* Self.most &+ Self.most &- 1] }

  private mutating func insert(_ other: Int32, near one: Int, distance: Int32) {
    let start = one &* Self.most
    var place = start &+ Self.most &- 1
    if distance >= farthest(one) { return }
    var at = start
    while at <= place, distances[at] <= distance {
      if near[at] == other { return }
      at += 1
    }
    while place > at {
      near[place] = near[place - 1]
      distances[place] = distances[place - 1]
      place -= 1
    }
    near[at] = other
    distances[at] = distance
  }

  /// Returns the neighbours of a combination, the nearest first.
  func of(_ combination: Int32) -> some Sequence<Int32> {
    near[Int(combination) * Self.most..<(Int(combination) + 1) * Self.most].prefix { $0 >= 0 }
  }
}
