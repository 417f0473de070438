/// t-closeness (Li, Li, Venkatasubramanian 2007): the distribution of the sensitive field in each class differs by at
/// most t from that in the whole table, as the earth mover's distance over a ground distance between values.
///
/// It promises that an adversary who finds somebody's class learns little about the person beyond what the table
/// reveals about everybody. It does not promise that this little is harmless: with the equal distance, a rare value may
/// become t more probable. It says nothing about several releases, or about what the whole table reveals.
package struct Closeness: SensitiveCriterion {
  let t: Double
  /// The share of each value in the whole table.
  let overall: [Double]
  let distance: MoverDistance

  package init(t: Double, overall: [Double], distance: MoverDistance) {
    self.t = t
    self.overall = overall
    self.distance = distance
  }

  package func holds(_ view: ClassView) -> Bool {
    let total = Double(max(1, view.total))
    var shares = [Double](repeating: 0, count: overall.count)
    for (value, count) in zip(view.values, view.counts) { shares[Int(value)] = Double(count) / total }
    return distance.between(shares, overall) <= t + ModelTolerance.value
  }

  /// Returns the bound. The cost of a move is at least the difference of the shares times the shortest distance.
  package func keepable(_ view: ClassView) -> Int? {
    let slack = distance.shortest > 0 ? t / distance.shortest : 1
    if slack >= 1 { return nil }
    return Keepable.capped(view, slack: slack) { overall[Int($0)] }
  }
}

/// The earth mover's distance between two distributions over the same values.
package enum MoverDistance: Sendable {
  /// The distance between any two values is 1, so the result is half the sum of differences.
  case equal
  /// The values in their order; neighbours are 1 / (count - 1) apart.
  case ordered([Int])
  /// The values are leaves of a hierarchy. Each node has a parent, and its height as a share of the hierarchy's height.
  /// Leaves come first, and parents come after their children.
  case hierarchical(MoverTree)

  var shortest: Double {
    switch self {
    case .equal: 1
    case .ordered(let order): order.count > 1 ? 1 / Double(order.count - 1) : 1
    case .hierarchical(let tree): tree.heights.filter { $0 > 0 }.min() ?? 1
    }
  }

  func between(_ a: [Double], _ b: [Double]) -> Double {
    switch self {
    case .equal:
      return zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    case .ordered(let order):
      guard order.count > 1 else { return 0 }
      var carried = 0.0
      var sum = 0.0
      for value in order {
        carried += a[value] - b[value]
        sum += abs(carried)
      }
      return sum / Double(order.count - 1)
    case .hierarchical(let tree): return tree.distance(a, b)
    }
  }
}

/// A hierarchy in the form that the hierarchical distance needs.
package struct MoverTree: Sendable {
  /// The parent of each node; the leaves are the values.
  let parents: [Int]
  let heights: [Double]

  package init(parents: [Int], heights: [Double]) {
    self.parents = parents
    self.heights = heights
  }

  /// Returns the distance. Surplus and deficit below a node cancel out there, at a cost of the node's height; the rest
  /// goes up to the parent.
  func distance(_ a: [Double], _ b: [Double]) -> Double {
    var more = [Double](repeating: 0, count: parents.count)
    var less = [Double](repeating: 0, count: parents.count)
    var sum = 0.0
    for node in parents.indices {
      var rest: Double
      if node < a.count {
        rest = a[node] - b[node]
      } else {
        sum += heights[node] * min(more[node], less[node])
        rest = more[node] - less[node]
      }
      let parent = parents[node]
      if parent < 0 { continue }
      if rest > 0 { more[parent] += rest } else { less[parent] -= rest }
    }
    return sum
  }
}
