import Testing

@testable import VeilAnonymity
@testable import VeilEngine

@Suite("Microaggregation")
struct MicroaggregationTests {
  private func points(_ rows: [[Int64]], weights: [Int]? = nil) -> WeightedPoints {
    var points = WeightedPoints(dimensions: rows[0].count)
    for (index, row) in rows.enumerated() { points.append(row, weight: weights?[index] ?? 1) }
    return points
  }

  private func cost(_ groups: PointGroups, _ points: WeightedPoints, _ records: [Int]) -> Double {
    groups.reduce(0) { total, group in
      let mass = group.reduce(0.0) { $0 + Double(records[Int($1)]) }
      let mean = group.reduce(0.0) { $0 + Double(points[Int($1), 0]) * Double(records[Int($1)]) } / mass
      return total
        + group.reduce(0.0) {
          let gap = Double(points[Int($1), 0]) - mean
          return $0 + gap * gap * Double(records[Int($1)])
        }
    }
  }

  /// Every way to cut the sorted points into intervals of enough weight.
  private func exhaustive(_ points: WeightedPoints, _ records: [Int], k: Int) -> Double {
    var least = Double.infinity
    for cuts in 0..<(1 << (points.count - 1)) {
      var groups: PointGroups = [[0]]
      for point in 1..<points.count {
        if cuts >> (point - 1) & 1 == 1 { groups.append([]) }
        groups[groups.count - 1].append(Int32(point))
      }
      let isEnough = groups.allSatisfy { group in group.reduce(0) { $0 + points.weights[Int($1)] } >= k }
      if isEnough { least = min(least, cost(groups, points, records)) }
    }
    return least
  }

  @Test("One column is grouped as well as it can be", arguments: 0..<120)
  func univariate(seed: Int) {
    var bits = SeededBits(state: UInt64(seed))
    let count = 1 + Int(bits.next() % 12)
    var value: Int64 = Int64(bits.next() % 100) - 50
    var rows: [[Int64]] = []
    for _ in 0..<count {
      rows.append([value])
      value += 1 + Int64(bits.next() % 30)
    }
    let weights = (0..<count).map { _ in Int(bits.next() % 4) }
    let records = weights.map { $0 + 1 }
    let k = 1 + Int(bits.next() % 5)
    let points = points(rows, weights: weights)
    let groups = UnivariateGroups.optimal(points, records: records, k: k)
    guard weights.reduce(0, +) >= k else {
      #expect(groups == nil)
      return
    }
    guard let groups else {
      Issue.record("there is a grouping, and none was found")
      return
    }
    #expect(groups.flatMap { $0 } == (0..<count).map(Int32.init))
    #expect(groups.allSatisfy { group in group.reduce(0) { $0 + weights[Int($1)] } >= k })
    let least = exhaustive(points, records, k: k)
    #expect(abs(cost(groups, points, records) - least) <= 1e-6 * max(1, least))
  }

  @Test("Several columns: every point in one group, every group large enough", arguments: 0..<40)
  func multivariate(seed: Int) {
    var bits = SeededBits(state: UInt64(1000 + seed))
    let count = 1 + Int(bits.next() % 200)
    let rows = (0..<count).map { _ in [Int64(bits.next() % 1000), Int64(bits.next() % 7)] }
    let weights = (0..<count).map { _ in Int(bits.next() % 3) }
    let k = 1 + Int(bits.next() % 6)
    let points = points(rows, weights: weights)
    let groups = MDAV(points, records: weights.map { $0 + 1 }, k: k).groups()
    guard weights.reduce(0, +) >= k else {
      #expect(groups == nil)
      return
    }
    #expect((groups ?? []).flatMap { $0 }.sorted() == (0..<count).map(Int32.init))
    #expect((groups ?? []).allSatisfy { group in group.reduce(0) { $0 + weights[Int($1)] } >= k })
  }

  @Test("Clusters that lie far apart are found")
  func clusters() throws {
    var rows: [[Int64]] = []
    for (x, y) in [(0, 0), (1000, 0), (0, 1000), (1000, 1000)] as [(Int64, Int64)] {
      for step in 0..<5 { rows.append([x + Int64(step), y - Int64(step)]) }
    }
    let groups = try #require(MDAV(points(rows), records: rows.map { _ in 1 }, k: 5).groups())
    #expect(groups.count == 4)
    #expect(groups.allSatisfy { group in Set(group.map { $0 / 5 }).count == 1 })
  }

  @Test("More points than a block are halved first")
  func blocks() throws {
    var bits = SeededBits(state: 1)
    let rows = (0..<MDAV.blockSize * 2 + 7).map { [Int64($0), Int64(bits.next() % 100)] }
    let groups = try #require(MDAV(points(rows), records: rows.map { _ in 1 }, k: 200).groups())
    #expect(groups.flatMap { $0 }.sorted() == rows.indices.map(Int32.init))
    #expect(groups.allSatisfy { $0.count >= 200 && $0.count < 600 })
  }
}
