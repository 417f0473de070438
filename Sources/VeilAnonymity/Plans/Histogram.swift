/// The observed quasi-identifiers of a partition, and the sensitive fields that models need, by value. It is
/// independent of the process that saw them, so it can be saved and joined with those of other partitions.
///
/// Joining is commutative and associative: for any partitions and any order, the final table is the same. A person who
/// is in two partitions is one person, because both histograms hold the same keyed digest of the subject. Histograms
/// whose digests were made under different keys cannot be joined.
///
/// Each observation has an id of its own, and a joined histogram has the ids of all its parts. So a part that comes
/// twice is known, whatever the name of its file: its records would count twice, and every class would have half the
/// people that it seems to have.
package struct Histogram: Sendable {
  package let basis: Basis
  /// Identifies the key of the subjects' digests; nil if records are counted.
  package let subjectKey: [UInt8]?
  /// The ids of the observations in it, ascending. Two partitions never have the same.
  package private(set) var parts: [[UInt8]]
  /// The values of each column, by code.
  package private(set) var values: [ByteStringTable]
  package private(set) var counts: QuasiHistogram
  /// The values of each sensitive field by combination; it has no columns if no model needs any.
  package private(set) var sensitive: SensitiveHistogram

  /// Takes what an observer has seen. `id` is a random text of this observation.
  package init(_ observer: QuasiObserver, basis: Basis, subjectKey: [UInt8]?, id: [UInt8]) {
    self.basis = basis
    self.subjectKey = subjectKey
    parts = [id]
    values = observer.coders.map { coder in
      var values = ByteStringTable()
      for code in 0..<coder.codeCount { _ = values.insert(coder.value(of: UInt32(code))) }
      return values
    }
    counts = observer.histogram
    sensitive = observer.sensitive
  }

  package init(basis: Basis, subjectKey: [UInt8]?, columns: Int, sensitive sensitiveCount: Int = 0) {
    self.basis = basis
    self.subjectKey = subjectKey
    parts = []
    values = Array(repeating: ByteStringTable(), count: columns)
    counts = QuasiHistogram(columns: columns, countsSubjects: subjectKey != nil)
    sensitive = SensitiveHistogram(columns: sensitiveCount, countsSubjects: subjectKey != nil)
  }

  /// Whether another histogram has an observation that this one has, too.
  package func overlaps(_ other: Histogram) -> Bool { !Set(parts).isDisjoint(with: other.parts) }

  /// Adds what another histogram has seen. It must have the same basis and subject key, and none of the same parts.
  package mutating func merge(_ other: Histogram) {
    parts = Set(parts + other.parts).sorted { $0.lexicographicallyPrecedes($1) }
    let remap = other.values.enumerated().map { column, own in
      (0..<own.count).map { values[column].insert(own[$0]) }
    }
    let combinations = counts.merge(other.counts, remap: remap)
    sensitive.merge(other.sensitive, combinations: combinations)
  }

  /// Returns an observer as if this process had seen the histogram's records. Returns nil if a value does not fit its
  /// hierarchy.
  package func observer(_ coders: [QuasiCoder]) -> QuasiObserver? {
    var coders = coders
    var used = values.map { [Bool](repeating: false, count: $0.count) }
    for column in values.indices {
      for code in counts.codes(column: column) { used[column][Int(code)] = true }
    }
    var remap: [[UInt32]] = []
    for (column, own) in values.enumerated() {
      var codes = [UInt32](repeating: 0, count: own.count)
      for index in 0..<own.count where used[column][index] {
        let value = own[index]
        guard let code = unsafe value.withUnsafeBufferPointer({ unsafe coders[column].code($0) }) else { return nil }
        codes[index] = code
      }
      remap.append(codes)
    }
    var observer = QuasiObserver(
      coders: coders, countsSubjects: counts.countsSubjects, sensitiveCount: sensitive.columns.count)
    let combinations = observer.histogram.merge(counts, remap: remap)
    observer.sensitive.merge(sensitive, combinations: combinations)
    return observer
  }

  // MARK: Saving

  package static let magic = "veil-histogram/v2"
  /// What a histogram without ids of its parts begins with: what is in it twice cannot be known, so it is not read.
  package static let oldMagic = "veil-histogram/v1"

  /// Writes values, combinations and sightings in an order that does not depend on the order of arrival.
  package func write(to body: inout BodyWriter) {
    basis.write(to: &body)
    body.write(subjectKey ?? [])
    body.write(parts.count)
    for part in parts { body.write(part) }
    body.write(values.count)
    let columns = values.indices.map { counts.codes(column: $0) }
    var codes = columns
    for (column, own) in values.enumerated() {
      var isUsed = [Bool](repeating: false, count: own.count)
      for code in columns[column] { isUsed[Int(code)] = true }
      let order = (0..<own.count).filter { isUsed[$0] }.sorted { own.precedes($0, $1) }
      var rank = [UInt32](repeating: 0, count: own.count)
      body.write(order.count)
      for (place, code) in order.enumerated() {
        rank[code] = UInt32(place)
        body.write(own[code])
      }
      codes[column] = columns[column].map { rank[Int($0)] }
    }
    let order = counts.records.indices.sorted { a, b in
      for column in codes where column[a] != column[b] { return column[a] < column[b] }
      return false
    }
    body.write(order.count)
    for index in order {
      for column in codes { body.write(column[index]) }
      body.write(counts.records[index])
    }
    var rank = [UInt32](repeating: 0, count: order.count)
    for (place, index) in order.enumerated() { rank[index] = UInt32(place) }
    if subjectKey != nil { writeSightings(rank, to: &body) }
    sensitive.write(rank, to: &body)
  }

  private func writeSightings(_ rank: [UInt32], to body: inout BodyWriter) {
    var sightings = counts.sightings.map { ($0.subject, rank[Int($0.combination)]) }
    sightings.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
    var kept = 0
    for index in sightings.indices where index == 0 || sightings[index] != sightings[index - 1] {
      sightings[kept] = sightings[index]
      kept += 1
    }
    body.write(kept)
    var last: UInt64 = 0
    for (subject, combination) in sightings[..<kept] {
      body.write(subject - last)
      body.write(combination)
      last = subject
    }
  }

  package init(from body: inout BodyReader) throws(MalformedFile) {
    basis = try Basis(from: &body)
    let key = try body.text()
    subjectKey = key.isEmpty ? nil : key
    parts = []
    for _ in 0..<(try body.count()) {
      let part = try body.text()
      guard parts.last.map({ $0.lexicographicallyPrecedes(part) }) ?? true else {
        throw MalformedFile("its parts are out of order")
      }
      parts.append(part)
    }
    guard !parts.isEmpty else { throw MalformedFile("it does not say what it was observed of") }
    let columns = try body.count()
    guard columns == basis.columnCount else { throw MalformedFile("its columns do not agree") }
    values = []
    for _ in 0..<columns {
      var table = ByteStringTable()
      for number in 0..<(try body.count()) {
        guard table.insert(try body.text()) == UInt32(number) else { throw MalformedFile("a value is there twice") }
      }
      values.append(table)
    }
    counts = QuasiHistogram(columns: columns, countsSubjects: !key.isEmpty)
    let size = try body.count(width: columns + 1)
    var codes = [UInt32](repeating: 0, count: columns)
    var total = 0
    for number in 0..<size {
      for column in 0..<columns { codes[column] = try body.code(below: values[column].count) }
      let records = try body.integer()
      total += records
      guard records > 0, total <= 1 << 53 else { throw MalformedFile("a count in it is out of range") }
      guard counts.add(codes, records: records) == number else {
        throw MalformedFile("a combination is there twice")
      }
    }
    if subjectKey != nil {
      var last: UInt64 = 0
      for _ in 0..<(try body.count(width: 2)) {
        let (subject, overflows) = last.addingReportingOverflow(try body.number())
        if overflows { throw MalformedFile("a number in it is too large") }
        counts.add(subject: subject, combination: try body.code(below: size))
        last = subject
      }
    }
    sensitive = try SensitiveHistogram(from: &body, combinations: size, countsSubjects: subjectKey != nil)
    guard body.isAtEnd else { throw MalformedFile("it goes on after its end") }
  }
}
