/// Maximum distance to average vector: makes groups of at least `k` over several columns at once.
///
/// In each turn, the point farthest from the centre of the remaining points takes its nearest points until the group
/// weighs `k`. Then the point farthest from that point does the same. Source: Domingo-Ferrer, Torra: Ordinal,
/// Continuous and Heterogeneous k-Anonymity Through Microaggregation (2005), for points that may stand for several
/// people.
///
/// The work grows with the square of the number of points. So a set of more than `blockSize` points is first divided at
/// the median of its widest column, again and again, but never into a half with too little weight.
struct MDAV {
  static let blockSize = 4096

  let points: WeightedPoints
  let records: [Int]
  let k: Int
  /// Each column divided by its standard deviation, so that its unit does not give it more influence.
  private let scaled: [Double]

  init(_ points: WeightedPoints, records: [Int], k: Int) {
    self.points = points
    self.records = records
    self.k = k
    let scales = Self.scales(points, records)
    var scaled = [Double](repeating: 0, count: points.values.count)
    for index in scaled.indices { scaled[index] = Double(points.values[index]) * scales[index % points.dimensions] }
    self.scaled = scaled
  }

  /// Returns nil if all points together weigh less than `k`.
  func groups() -> PointGroups? {
    let all = (0..<points.count).map(Int32.init)
    guard weight(all) >= k else { return nil }
    var blocks = [all]
    var groups: PointGroups = []
    while let block = blocks.popLast() {
      if block.count > Self.blockSize, let (low, high) = halves(block) {
        blocks += [high, low]
      } else {
        groups += grouped(block)
      }
    }
    return groups
  }

  // MARK: One block

  private func grouped(_ block: [Int32]) -> PointGroups {
    var left = block
    var leftWeight = weight(left)
    var groups: PointGroups = []
    func take(around point: Int32) {
      let group = nearest(&left, to: point)
      leftWeight -= weight(group)
      groups.append(group)
    }
    while leftWeight >= 3 * k {
      let first = farthest(left, from: centre(left))
      let place = position(first)
      take(around: first)
      guard leftWeight >= 2 * k else { break }
      take(around: farthest(left, from: place))
    }
    if leftWeight >= 2 * k { take(around: farthest(left, from: centre(left))) }
    if leftWeight >= k || groups.isEmpty {
      if !left.isEmpty { groups.append(left) }
      return groups
    }
    // The remaining points weigh too little for a group: each one joins the group with the nearest centre.
    let centres = groups.map(centre)
    for point in left {
      let here = position(point)
      let nearest = centres.indices.min { distance(centres[$0], here) < distance(centres[$1], here) } ?? 0
      groups[nearest].append(point)
    }
    return groups
  }

  /// Removes and returns the points nearest to one point, itself first, until they weigh `k`.
  private func nearest(_ left: inout [Int32], to point: Int32) -> [Int32] {
    let here = position(point)
    let ranked = left.map { (point: $0, distance: distance(position($0), here)) }
      .sorted { ($0.distance, $0.point) < ($1.distance, $1.point) }
    var count = 0
    var gathered = 0
    while gathered < k, count < ranked.count {
      gathered += points.weights[Int(ranked[count].point)]
      count += 1
    }
    left = ranked[count...].map(\.point).sorted()
    return ranked[..<count].map(\.point)
  }

  private func farthest(_ left: [Int32], from place: [Double]) -> Int32 {
    var best: (point: Int32, distance: Double) = (left[0], -1)
    for point in left {
      let distance = distance(position(point), place)
      if distance > best.distance { best = (point, distance) }
    }
    return best.point
  }

  private func centre(_ group: [Int32]) -> [Double] {
    var sums = [Double](repeating: 0, count: points.dimensions)
    var mass = 0.0
    for point in group {
      let times = Double(records[Int(point)])
      mass += times
      for dimension in sums.indices { sums[dimension] += scaled[Int(point) * points.dimensions + dimension] * times }
    }
    return sums.map { $0 / max(mass, 1) }
  }

  private func position(_ point: Int32) -> [Double] {
    Array(scaled[Int(point) * points.dimensions..<(Int(point) + 1) * points.dimensions])
  }

  private func distance(_ first: [Double], _ second: [Double]) -> Double {
    var total = 0.0
    for dimension in first.indices {
      let gap = first[dimension] - second[dimension]
      total += gap * gap
    }
    return total
  }

  private func weight(_ group: [Int32]) -> Int { group.reduce(0) { $0 + points.weights[Int($1)] } }

  // MARK: Blocks

  /// Returns the points below and above the median of the widest column; nil if a half would weigh too little.
  private func halves(_ block: [Int32]) -> (low: [Int32], high: [Int32])? {
    let widths = (0..<points.dimensions).map { dimension in
      let column = block.map { scaled[Int($0) * points.dimensions + dimension] }
      return (column.max() ?? 0) - (column.min() ?? 0)
    }
    guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) else { return nil }
    let sorted = block.sorted { (points[Int($0), widest], $0) < (points[Int($1), widest], $1) }
    let middle = sorted.count / 2
    let (low, high) = (Array(sorted[..<middle]), Array(sorted[middle...]))
    return weight(low) >= k && weight(high) >= k ? (low, high) : nil
  }

  private static func scales(_ points: WeightedPoints, _ records: [Int]) -> [Double] {
    let mass = Double(max(1, records.reduce(0, +)))
    return (0..<points.dimensions).map { dimension in
      var mean = 0.0
      for point in 0..<points.count { mean += Double(points[point, dimension]) * Double(records[point]) / mass }
      var variance = 0.0
      for point in 0..<points.count {
        let gap = Double(points[point, dimension]) - mean
        variance += gap * gap * Double(records[point]) / mass
      }
      return variance > 0 ? 1 / variance.squareRoot() : 0
    }
  }
}
