import VeilConfig

/// The earth mover's distance of t-closeness between two distributions of sensitive values, computed by its definition.
enum DistanceMeasure {
  case equal
  /// The index of each value in the list; an empty list means that the values are numbers.
  case ordered([[UInt8]: Int])
  /// Returns a value's labels in the hierarchy, from the value itself to the top; nil if it has none.
  case hierarchical((_ value: [UInt8]) -> [[UInt8]]?)

  /// Returns the distance; nil if a value has no place in the order or the hierarchy.
  func distance(_ own: [[UInt8]: Double], _ whole: [[UInt8]: Double]) -> Double? {
    let all = Set(own.keys).union(whole.keys)
    switch self {
    case .equal:
      return all.reduce(0.0) { $0 + max(0, (own[$1] ?? 0) - (whole[$1] ?? 0)) }
    case .ordered(let listed):
      var ranked: [(Double, [UInt8])] = []
      for value in all {
        guard let rank = Self.rank(value, listed) else { return nil }
        ranked.append((rank, value))
      }
      ranked.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1.lexicographicallyPrecedes($1.1) }
      if ranked.count < 2 { return 0 }
      // The mass by which the two distributions differ on the left of a gap must cross the gap.
      let gaps = (1..<ranked.count).map { gap in
        abs(ranked[..<gap].reduce(0.0) { $0 + (own[$1.1] ?? 0) - (whole[$1.1] ?? 0) })
      }
      return gaps.reduce(0, +) / Double(ranked.count - 1)
    case .hierarchical(let path):
      return Self.treeDistance(all, own: own, whole: whole, path: path)
    }
  }

  private static func rank(_ value: [UInt8], _ listed: [[UInt8]: Int]) -> Double? {
    if value.isEmpty { return -.infinity }
    let text = Array(value.dropFirst())
    if !listed.isEmpty { return listed[text].map(Double.init) }
    return Double(String(decoding: text, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
  }

  /// Returns the distance in a tree: the distance of two leaves is the height at which their paths meet. A path goes up
  /// and down again, so each edge counts half, and the difference below an edge must pass that edge.
  private static func treeDistance(
    _ all: Set<[UInt8]>, own: [[UInt8]: Double], whole: [[UInt8]: Double], path: ([UInt8]) -> [[UInt8]]?
  ) -> Double? {
    var height = 1
    var below: [[[UInt8]]: Double] = [:]
    for value in all {
      guard let labels = path(value) else { return nil }
      height = max(height, labels.count - 1)
      for level in labels.indices {
        // All labels from a node to the top identify the node.
        below[Array(labels[level...]), default: 0] += (own[value] ?? 0) - (whole[value] ?? 0)
      }
    }
    let edge = 0.5 / Double(height)
    return below.reduce(0.0) { $0 + ($1.key.count > 1 ? edge * abs($1.value) : 0) }
  }
}
