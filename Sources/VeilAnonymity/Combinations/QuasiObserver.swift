/// What one worker has seen of the quasi-identifiers: one coder per column, and the histogram of their codes.
///
/// The observers of several workers can be merged in any order; the table that `finish` returns is the same for any
/// split of the records.
package struct QuasiObserver: Sendable {
  package var coders: [QuasiCoder]
  package var histogram: QuasiHistogram
  /// The observed values of sensitive fields, if a model needs any.
  package var sensitive: SensitiveHistogram
  /// The weights of the columns, which the table gets.
  let weights: [Double]

  package init(coders: [QuasiCoder], countsSubjects: Bool, sensitiveCount: Int = 0, weights: [Double] = []) {
    self.coders = coders
    self.weights = weights
    histogram = QuasiHistogram(columns: coders.count, countsSubjects: countsSubjects)
    sensitive = SensitiveHistogram(columns: sensitiveCount, countsSubjects: countsSubjects)
  }

  package mutating func merge(_ other: QuasiObserver) {
    let remap = coders.indices.map { coders[$0].absorb(other.coders[$0]) }
    let combinations = histogram.merge(other.histogram, remap: remap)
    sensitive.merge(other.sensitive, combinations: combinations)
  }

  /// Adds what was observed of a population. Its values are added to the domains.
  package mutating func add(population: QuasiObserver) {
    let remap = coders.indices.map { coders[$0].absorb(population.coders[$0]) }
    histogram.add(population: population.histogram, remap: remap)
  }

  /// Returns the people who have each code, where the hierarchy looks at them; nil if records count as people.
  private func people(_ coder: QuasiCoder, _ codes: [UInt32]) -> [Int]? {
    guard histogram.countsSubjects, case .autoInterval = coder.rule else { return nil }
    var pairs = histogram.sightings.map { (subject: $0.subject, code: codes[Int($0.combination)]) }
    pairs.sort { ($0.code, $0.subject) < ($1.code, $1.subject) }
    var people = [Int](repeating: 0, count: coder.codeCount)
    for index in pairs.indices where index == 0 || pairs[index] != pairs[index - 1] {
      people[Int(pairs[index].code)] += 1
    }
    return people
  }

  /// Finishes the domains and counts, and sorts the combinations.
  package func finish() -> QuasiTable {
    let size = histogram.records.count
    var lookups: [LeafLookup] = []
    var hierarchies: [Hierarchy] = []
    var columns: [[UInt32]] = []
    for (column, observed) in self.coders.enumerated() {
      let codes = histogram.codes(column: column)
      var records = [Int](repeating: 0, count: observed.codeCount)
      for (code, count) in zip(codes, histogram.records) { records[Int(code)] += count }
      for (code, count) in zip(codes, histogram.population) { records[Int(code)] += count }
      let (lookup, hierarchy, remap) = observed.finish(
        records: records, people: people(observed, codes) ?? records)
      lookups.append(lookup)
      hierarchies.append(hierarchy)
      columns.append(codes.map { remap[Int($0)] })
    }

    let layout = KeyLayout(leafCounts: hierarchies.map(\.leafCount))
    let words = layout.words
    var keys = [UInt64](repeating: 0, count: size * words)
    for (place, codes) in zip(layout.places, columns) {
      for (index, code) in codes.enumerated() { keys[index * words + place.word] |= UInt64(code) << place.shift }
    }
    let order = (0..<size).sorted { a, b in
      for word in 0..<words where keys[a * words + word] != keys[b * words + word] {
        return keys[a * words + word] < keys[b * words + word]
      }
      return false
    }
    var rank = [UInt32](repeating: 0, count: size)
    for (position, index) in order.enumerated() { rank[index] = UInt32(position) }
    return QuasiTable(
      lookups: lookups, hierarchies: hierarchies, layout: layout,
      keys: order.flatMap { keys[$0 * words..<($0 + 1) * words] }, records: order.map { histogram.records[$0] },
      subjects: histogram.countsSubjects ? SubjectCounts(sightings: histogram.sightings, rank: rank) : nil,
      sensitive: sensitive.finish(rank: rank),
      population: histogram.population.isEmpty ? [] : order.map { histogram.population[$0] },
      weights: weights)
  }
}
