/// How many equivalence classes there are of each size, the s_i (f_i) of the literature on disclosure risk. Where more
/// classes were met than are counted exactly, numbers are estimates.
struct ClassSizes: Sendable {
  /// Ascending by size; sizes are 1 or more.
  let counts: [(size: Int, classes: Double)]

  init(_ counts: [(size: Int, classes: Double)]) { self.counts = counts }

  /// n
  var records: Double { counts.reduce(0) { $0 + Double($1.size) * $1.classes } }
  /// u
  var classes: Double { counts.reduce(0) { $0 + $1.classes } }
  /// s_i
  func classes(of size: Int) -> Double { counts.first { $0.size == size }?.classes ?? 0 }
  var smallest: Int { counts.first?.size ?? 0 }
  var largest: Int { counts.last?.size ?? 0 }

  /// The share of records in classes smaller than `size`.
  func shareBelow(_ size: Int) -> Double {
    let below = counts.prefix { $0.size < size }.reduce(0) { $0 + Double($1.size) * $1.classes }
    return records > 0 ? below / records : 0
  }
}
