/// The replacement of each combination of numbers: the means of its group. Each group has at least k people.
///
/// A person who knows somebody's numbers finds a group of at least k people with these means, and nothing more. It
/// promises nothing about other fields, and nothing if all numbers of a group were equal from the start. Source:
/// Domingo-Ferrer, Mateo-Sanz: Practical Data-Oriented Microaggregation for Statistical Disclosure Control (2002).
package struct MicroPlan: Sendable {
  /// The means that replace a combination, in the same units as its numbers.
  private let means: [[Int64]: [Int64]]
  package let k: Int
  package let loss: MicroaggregationLoss

  /// Why there is no plan.
  package enum Problem: Error {
    /// There are fewer than k people.
    case tooFew
    /// Even in one group of all, one person makes up too much of the sum (`Dominance`).
    case dominated
  }

  package init(_ survey: MicroSurvey, k: Int, countsPeople: Bool) throws(Problem) {
    let (points, records) = survey.finish(countsPeople: countsPeople)
    let found =
      points.dimensions == 1
      ? UnivariateGroups.optimal(points, records: records, k: k) : MDAV(points, records: records, k: k).groups()
    guard let found else { throw .tooFew }
    guard let groups = Dominance(points: points, records: records).kept(found) else { throw .dominated }
    var means: [[Int64]: [Int64]] = [:]
    var (inside, total) = (0.0, 0.0)
    let whole = Self.mean(of: Array(points.weights.indices.map(Int32.init)), points: points, records: records)
    let scales = Self.variances(points, records: records, mean: whole)
    for group in groups {
      let mean = Self.mean(of: group, points: points, records: records)
      for point in group {
        let own = (0..<points.dimensions).map { points[Int(point), $0] }
        means[own] = mean.map { Int64($0.rounded()) }
        for dimension in own.indices where scales[dimension] > 0 {
          let (near, far) = (Double(own[dimension]) - mean[dimension], Double(own[dimension]) - whole[dimension])
          inside += near * near * Double(records[Int(point)]) / scales[dimension]
          total += far * far * Double(records[Int(point)]) / scales[dimension]
        }
      }
    }
    self.means = means
    self.k = k
    loss = MicroaggregationLoss(
      share: total > 0 ? inside / total : 0, groups: groups.count,
      smallest: groups.map { $0.reduce(0) { $0 + points.weights[Int($1)] } }.min() ?? 0)
    guard loss.smallest >= k else { throw .tooFew }
  }

  /// Returns the means for a combination; nil if the combination was not there when the groups were made.
  package func means(of point: [Int64]) -> [Int64]? { means[point] }

  private static func mean(of group: [Int32], points: WeightedPoints, records: [Int]) -> [Double] {
    let mass = Double(max(1, group.reduce(0) { $0 + records[Int($1)] }))
    return (0..<points.dimensions).map { dimension in
      group.reduce(0) { $0 + Double(points[Int($1), dimension]) * Double(records[Int($1)]) } / mass
    }
  }

  private static func variances(_ points: WeightedPoints, records: [Int], mean: [Double]) -> [Double] {
    (0..<points.dimensions).map { dimension in
      (0..<points.count).reduce(0) {
        let gap = Double(points[$1, dimension]) - mean[dimension]
        return $0 + gap * gap * Double(records[$1])
      }
    }
  }
}
