/// The dominance rule for groups of microaggregation.
///
/// A mean times the size of its group is a sum, and who knows that one value is far above the others reads it off the
/// sum: the mean of 0, 0, 0, 0 and 1,000,000 is 200,000. The (n, k)-dominance rule of statistical offices calls a sum
/// sensitive if its n largest contributors make up more than k percent of it (Hundepool et al. 2012, chapter 4.2; Cox
/// 1981). Here n is 1 and k is 75, of absolute values: no person makes up more than three quarters of a group's sum.
///
/// What it does not promise: that a mean is far from each value. Values that are alike have a mean like them.
struct Dominance {
  static let share = 0.75
  let points: WeightedPoints
  let records: [Int]

  /// Returns groups in which nobody dominates: a group that breaks the rule joins the nearest one, until none does. Nil
  /// if even all points together break it.
  func kept(_ groups: PointGroups) -> PointGroups? {
    var groups = groups
    let scales = Self.scales(points)
    var centres = groups.map { centre($0, scales) }
    var open = Array(groups.indices.filter { breaks(groups[$0]) }.reversed())
    var isGone = [Bool](repeating: false, count: groups.count)
    while let number = open.popLast() {
      if isGone[number] || !breaks(groups[number]) { continue }
      let others = groups.indices.filter { $0 != number && !isGone[$0] }
      func distance(_ other: Int) -> Double {
        zip(centres[number], centres[other]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      guard let nearest = others.min(by: { (distance($0), $0) < (distance($1), $1) }) else { return nil }
      groups[nearest] = (groups[nearest] + groups[number]).sorted()
      centres[nearest] = centre(groups[nearest], scales)
      isGone[number] = true
      open.append(nearest)
    }
    return groups.indices.filter { !isGone[$0] }.map { groups[$0] }
  }

  /// Whether one person may make up more than the share of a sum. Of the records of one value each person but one has at
  /// least one, so one person has at most the rest.
  private func breaks(_ group: [Int32]) -> Bool {
    (0..<points.dimensions).contains { dimension in
      var sum = 0.0
      var most = 0.0
      for point in group {
        let value = Double(points[Int(point), dimension].magnitude)
        let times = records[Int(point)]
        sum += value * Double(times)
        most = max(most, value * Double(max(1, times - max(0, points.weights[Int(point)] - 1))))
      }
      return sum > 0 && most > Self.share * sum
    }
  }

  private func centre(_ group: [Int32], _ scales: [Double]) -> [Double] {
    let mass = Double(max(1, group.reduce(0) { $0 + records[Int($1)] }))
    return scales.indices.map { dimension in
      group.reduce(0) { $0 + Double(points[Int($1), dimension]) * Double(records[Int($1)]) } / mass * scales[dimension]
    }
  }

  private static func scales(_ points: WeightedPoints) -> [Double] {
    (0..<points.dimensions).map { dimension in
      let values = (0..<points.count).map { Double(points[$0, dimension]) }
      let width = (values.max() ?? 0) - (values.min() ?? 0)
      return width > 0 ? 1 / width : 0
    }
  }
}
