/// Finds the best grouping of one column: of all partitions into groups of at least `k`, the one with the least sum of
/// squared distances to the groups' means.
///
/// The groups of an optimum are intervals of the sorted values, and none can be cut into two groups that are large
/// enough. So there are few possible starts for each end, and the optimum is a shortest path over the values. Equal
/// values stay together, so that the result depends on the value alone. Source: Hansen, Mukherjee: A Polynomial
/// Algorithm for Optimal Univariate Microaggregation (2003).
struct UnivariateGroups {
  /// Finds the best groups.
  ///
  /// - Parameter points: one dimension, ascending, without duplicates.
  /// - Parameter records: the number of records with each value; each record counts in the sum of distances.
  /// - Returns: nil if all points together weigh less than `k`.
  static func optimal(_ points: WeightedPoints, records: [Int], k: Int) -> PointGroups? {
    let count = points.count
    var weight = [0]
    var mass = [0.0]
    var sum = [0.0]
    var square = [0.0]
    // Values are counted from the middle one. Otherwise the squares of large numbers would hide the differences.
    let origin = count > 0 ? Double(points[count / 2, 0]) : 0
    for point in 0..<count {
      let (value, times) = (Double(points[point, 0]) - origin, Double(records[point]))
      weight.append(weight[point] + points.weights[point])
      mass.append(mass[point] + times)
      sum.append(sum[point] + value * times)
      square.append(square[point] + value * value * times)
    }
    guard weight[count] >= k else { return nil }

    /// Returns the sum of squared distances of the points from `start` to before `end`.
    func cost(_ start: Int, _ end: Int) -> Double {
      let total = sum[end] - sum[start]
      return max(0, square[end] - square[start] - total * total / (mass[end] - mass[start]))
    }

    // For each end, the least cost of the points before it, and where the last group starts.
    var best = [Double](repeating: .infinity, count: count + 1)
    var starts = [Int](repeating: -1, count: count + 1)
    best[0] = 0
    // The largest start that leaves enough weight for a group with this end.
    var latest = -1
    for end in 1...count {
      while latest + 1 < end, weight[end] - weight[latest + 1] >= k { latest += 1 }
      guard latest >= 0 else { continue }
      var start = latest
      while start >= 0 {
        if best[start] < .infinity {
          let total = best[start] + cost(start, end)
          if total < best[end] { (best[end], starts[end]) = (total, start) }
        }
        // A group that begins earlier could be cut at `latest`, and that never costs more.
        if weight[latest] - weight[start] >= k { break }
        start -= 1
      }
    }
    var groups: PointGroups = []
    var end = count
    while end > 0 {
      let start = starts[end]
      groups.append((start..<end).map(Int32.init))
      end = start
    }
    return groups.reversed()
  }
}
