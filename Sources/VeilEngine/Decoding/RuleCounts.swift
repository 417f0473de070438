/// How often the rules of a layout were met in the records that could be read.
struct RuleCounts: Sendable, Equatable {
  /// For each field of the layout, how many values stood at its path.
  var met: [Int]
  /// The number of records.
  var records: Int

  mutating func add(_ other: RuleCounts) {
    for index in met.indices { met[index] += other.met[index] }
    records += other.records
  }
}
