/// Saves sensitive values in a histogram: the values of each field, and how often each combination has which of them.
///
/// The values themselves are saved, since distances and orders need them. So a histogram is personal data like its
/// source. Nothing is written if no model needs a sensitive field.
extension SensitiveHistogram {
  /// Writes the values in an order that does not depend on the order of arrival. `rank` is the position of each
  /// combination.
  func write(_ rank: [UInt32], to body: inout BodyWriter) {
    if columns.isEmpty { return }
    body.write(columns.count)
    for column in columns {
      let order = (0..<column.values.count).sorted { column.values.precedes($0, $1) }
      var number = [UInt64](repeating: 0, count: order.count)
      body.write(order.count)
      for (place, index) in order.enumerated() {
        number[index] = UInt64(place)
        body.write(column.values[index])
      }
      func final(_ cell: UInt64) -> UInt64 {
        UInt64(rank[Int(cell >> 32)]) << 32 | number[Int(cell & 0xFFFF_FFFF)]
      }
      if countsSubjects {
        Self.write(column.sightings.map { Sighting(subject: $0.subject, cell: final($0.cell)) }, to: &body)
      } else {
        let cells = column.records.map { (cell: final($0.key), records: $0.value) }.sorted { $0.cell < $1.cell }
        body.write(cells.count)
        for (cell, records) in cells {
          body.write(cell >> 32)
          body.write(cell & 0xFFFF_FFFF)
          body.write(records)
        }
      }
    }
  }

  /// Writes each value of a person once, however many records the person has.
  private static func write(_ sightings: [Sighting], to body: inout BodyWriter) {
    var sightings = sightings.sorted { ($0.subject, $0.cell) < ($1.subject, $1.cell) }
    var kept = 0
    for index in sightings.indices {
      let own = sightings[index]
      if kept > 0, (sightings[kept - 1].subject, sightings[kept - 1].cell) == (own.subject, own.cell) { continue }
      sightings[kept] = own
      kept += 1
    }
    body.write(kept)
    var last: UInt64 = 0
    for own in sightings[..<kept] {
      body.write(own.subject - last)
      body.write(own.cell >> 32)
      body.write(own.cell & 0xFFFF_FFFF)
      last = own.subject
    }
  }

  /// - Parameter combinations: the number of combinations in the histogram.
  init(from body: inout BodyReader, combinations: Int, countsSubjects: Bool) throws(MalformedFile) {
    self.init(columns: body.isAtEnd ? 0 : try body.count(), countsSubjects: countsSubjects)
    for column in columns.indices {
      let values = try body.count()
      for number in 0..<values {
        guard insert(column, try body.text()) == UInt32(number) else {
          throw MalformedFile("a value is there twice")
        }
      }
      var last: UInt64 = 0
      var total = 0
      for _ in 0..<(try body.count(width: 3)) {
        let first = countsSubjects ? try body.number() : 0
        let combination = try body.code(below: combinations)
        let value = try body.code(below: values)
        if countsSubjects {
          let (subject, overflows) = last.addingReportingOverflow(first)
          if overflows { throw MalformedFile("a number in it is too large") }
          add(column, value: value, combination: combination, subject: subject)
          last = subject
        } else {
          let records = try body.integer()
          total += records
          guard records > 0, total <= 1 << 53 else { throw MalformedFile("a count in it is out of range") }
          add(column, value: value, combination: combination, records: records)
        }
      }
    }
  }
}
