/// Which sensitive values one worker has seen with which combination of quasi-identifiers, and how often.
///
/// It is filled only if a model needs it. Memory: without subjects, one entry for each different pair of combination
/// and value, at most one per record. With subjects, one sighting of 24 bytes per record, because the records of one
/// person must be distinguished from those of others. Histograms can be merged in any order.
package struct SensitiveHistogram: Sendable {
  struct Sighting: Sendable {
    var subject: UInt64
    var cell: UInt64
  }

  package struct SensitiveCounts: Sendable {
    var values = ByteStringTable(minimumCapacity: 64)
    /// The number of records of each cell; the upper half of a key is the combination, the lower half the value.
    var records: [UInt64: Int] = [:]
    var sightings: [Sighting] = []
  }

  let countsSubjects: Bool
  package var columns: [SensitiveCounts]

  package init(columns: Int, countsSubjects: Bool) {
    self.columns = Array(repeating: SensitiveCounts(), count: columns)
    self.countsSubjects = countsSubjects
  }

  /// Counts the value of one record of a combination. An empty `value` is a missing one.
  package mutating func observe(_ column: Int, _ value: [UInt8], combination: UInt32, subject: UInt64?) {
    let number = columns[column].values.insert(value)
    let cell = UInt64(combination) << 32 | UInt64(number)
    if !countsSubjects {
      columns[column].records[cell, default: 0] += 1
    } else if let subject {
      columns[column].sightings.append(Sighting(subject: subject, cell: cell))
    }
  }

  /// Adds records of one value, or one person who has it. `value` is the number of a value that the column already has.
  mutating func add(_ column: Int, value: UInt32, combination: UInt32, records: Int) {
    columns[column].records[UInt64(combination) << 32 | UInt64(value), default: 0] += records
  }

  mutating func add(_ column: Int, value: UInt32, combination: UInt32, subject: UInt64) {
    let cell = UInt64(combination) << 32 | UInt64(value)
    columns[column].sightings.append(Sighting(subject: subject, cell: cell))
  }

  /// Gives a value a number.
  mutating func insert(_ column: Int, _ value: [UInt8]) -> UInt32 { columns[column].values.insert(value) }

  /// Adds what another histogram has seen; its combination c is `combinations[c]` here.
  package mutating func merge(_ other: SensitiveHistogram, combinations: [UInt32]) {
    for index in columns.indices {
      let own = other.columns[index]
      let values = (0..<own.values.count).map { columns[index].values.insert(own.values[$0]) }
      func here(_ cell: UInt64) -> UInt64 {
        UInt64(combinations[Int(cell >> 32)]) << 32 | UInt64(values[Int(cell & 0xFFFF_FFFF)])
      }
      for (cell, count) in own.records { columns[index].records[here(cell), default: 0] += count }
      columns[index].sightings += own.sightings.map { Sighting(subject: $0.subject, cell: here($0.cell)) }
    }
  }

  /// Returns the columns with values in byte order; combination c of the histogram is the table's `rank[c]`.
  package func finish(rank: [UInt32]) -> [SensitiveColumn] {
    columns.map { column in
      let order = (0..<column.values.count).sorted { column.values.precedes($0, $1) }
      var number = [UInt64](repeating: 0, count: order.count)
      for (position, index) in order.enumerated() { number[index] = UInt64(position) }
      func final(_ cell: UInt64) -> UInt64 {
        UInt64(rank[Int(cell >> 32)]) << 32 | number[Int(cell & 0xFFFF_FFFF)]
      }
      let seen: [(cell: UInt64, records: Int)]
      if countsSubjects {
        seen = Set(column.sightings.map { final($0.cell) }).sorted().map { ($0, 0) }
      } else {
        seen = column.records.map { (final($0.key), $0.value) }.sorted { $0.cell < $1.cell }
      }
      var pairs: SubjectCounts?
      var owners: SubjectCounts?
      if countsSubjects {
        let place = Dictionary(uniqueKeysWithValues: seen.enumerated().map { ($1.cell, UInt32($0)) })
        // Pairs of person and value are counted, so a person with another value counts as another subject.
        let sightings = column.sightings.map { sighting in
          let cell = final(sighting.cell)
          return QuasiHistogram.Sighting(
            subject: LocalModel.mixed(sighting.subject ^ LocalModel.mixed(cell & 0xFFFF_FFFF)),
            combination: place[cell] ?? 0)
        }
        let ranks = seen.indices.map { UInt32($0) }
        pairs = SubjectCounts(sightings: sightings, rank: ranks)
        let people = SubjectCounts(
          sightings: column.sightings.map {
            QuasiHistogram.Sighting(subject: $0.subject, combination: place[final($0.cell)] ?? 0)
          }, rank: ranks)
        owners = people.starts.count > 1 ? people : nil
      }
      var starts = [0]
      for (index, entry) in seen.enumerated() {
        while starts.count <= Int(entry.cell >> 32) { starts.append(index) }
      }
      while starts.count <= rank.count { starts.append(seen.count) }
      let cells = SensitiveCells(
        valueCount: order.count, starts: starts, values: seen.map { UInt32(truncatingIfNeeded: $0.cell) },
        counts: pairs?.people ?? seen.map(\.records), pairs: pairs, owners: owners)
      return SensitiveColumn(values: order.map { column.values[$0] }, cells: cells)
    }
  }
}
