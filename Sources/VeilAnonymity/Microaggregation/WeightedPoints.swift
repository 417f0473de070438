/// Distinct combinations of numbers, and how many people each stands for. What microaggregation works on.
///
/// Weights add up: a person with several combinations is counted at one of them, so that a group of points holds at
/// least as many people as its weight says.
struct WeightedPoints: Sendable {
  /// Numbers of a point.
  let dimensions: Int
  /// Point after point, each of `dimensions` numbers.
  private(set) var values: [Int64] = []
  private(set) var weights: [Int] = []

  var count: Int { weights.count }

  init(dimensions: Int) { self.dimensions = dimensions }

  mutating func append(_ point: [Int64], weight: Int) {
    values += point
    weights.append(weight)
  }

  subscript(point: Int, dimension: Int) -> Int64 { values[point * dimensions + dimension] }
}

/// Groups of points, none of less weight than was asked for.
typealias PointGroups = [[Int32]]

/// What grouping cost: how far values moved, as a share of how far they lie apart.
package struct MicroaggregationLoss: Sendable, Hashable {
  /// SSE / SST: the sum of squared distances to the group's mean over that to the mean of all, each dimension divided by
  /// its variance; 0 is no change, 1 is all values the same. Source: Domingo-Ferrer, Mateo-Sanz 2002.
  package var share: Double
  package var groups: Int
  /// The least weight of a group.
  package var smallest: Int
}
