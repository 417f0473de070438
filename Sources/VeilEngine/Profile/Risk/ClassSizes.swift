/// How many equivalence classes there are of each size; in the literature on disclosure risk s_i or f_i. If there are
/// more classes than are counted exactly, the numbers are estimates.
struct ClassSizes: Sendable {
  /// In ascending order of size; sizes are 1 or more.
  let counts: [(size: Int, classes: Double)]

  init(_ counts: [(size: Int, classes: Double)]) { self.counts = counts }

  /// The number of records, n in the literature.
  var records: Double { counts.reduce(0) { $0 + Double($1.size) * $1.classes } }
  /// The number of classes, u in the literature.
  var classes: Double { counts.reduce(0) { $0 + $1.classes } }
  /// Returns the number of classes of a size, s_i in the literature.
  func classes(of size: Int) -> Double { counts.first { $0.size == size }?.classes ?? 0 }
  var smallest: Int { counts.first?.size ?? 0 }
  var largest: Int { counts.last?.size ?? 0 }

  /// Returns the share of records in classes smaller than `size`.
  func shareBelow(_ size: Int) -> Double {
    let below = counts.prefix { $0.size < size }.reduce(0) { $0 + Double($1.size) * $1.classes }
    return records > 0 ? below / records : 0
  }
}
