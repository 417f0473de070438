/// Distinct combinations of numbers, and the number of people that each stands for. It is the input of
/// microaggregation.
///
/// Weights can be added: a person with several combinations is counted at one of them, so a group of points holds at
/// least as many people as its weight.
struct WeightedPoints: Sendable {
  /// The number of numbers in a point.
  let dimensions: Int
  /// All points one after the other, each with `dimensions` numbers.
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

/// Groups of points. None weighs less than the minimum that was asked for.
typealias PointGroups = [[Int32]]

/// The cost of grouping: how far values moved, compared with how far they are apart.
package struct MicroaggregationLoss: Sendable, Hashable {
  /// SSE / SST: the sum of squared distances to the group's mean divided by that to the mean of all, with each
  /// dimension divided by its variance; 0 means no change, 1 means that all values became equal. Source:
  /// Domingo-Ferrer, Mateo-Sanz 2002.
  package var share: Double
  package var groups: Int
  /// The least weight of a group.
  package var smallest: Int
}
