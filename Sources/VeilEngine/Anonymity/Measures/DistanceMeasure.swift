import VeilConfig

/// The earth mover's distance of t-closeness between two distributions over sensitive values, by definition.
enum DistanceMeasure {
  case equal
  /// The place of each value in the list, or values as numbers where there is none.
  case ordered([[UInt8]: Int])
  /// The hierarchy's labels of a value, from the value itself to the top; nil where it has none.
  case hierarchical((_ value: [UInt8]) -> [[UInt8]]?)

  /// Nil where a value has no place in the order or the hierarchy.
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
      // What lies left of each gap must cross it.
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

  /// The distance of two leaves is the height at which they meet. As the length of a way it is up and down again, so each
  /// edge counts half, and what differs below an edge must pass it.
  private static func treeDistance(
    _ all: Set<[UInt8]>, own: [[UInt8]: Double], whole: [[UInt8]: Double], path: ([UInt8]) -> [[UInt8]]?
  ) -> Double? {
    var height = 1
    var below: [[[UInt8]]: Double] = [:]
    for value in all {
      guard let labels = path(value) else { return nil }
      height = max(height, labels.count - 1)
      for level in labels.indices {
        // A node is known by all labels from it to the top.
        below[Array(labels[level...]), default: 0] += (own[value] ?? 0) - (whole[value] ?? 0)
      }
    }
    let edge = 0.5 / Double(height)
    return below.reduce(0.0) { $0 + ($1.key.count > 1 ? edge * abs($1.value) : 0) }
  }
}
