/// The distinct combinations of quasi-identifier codes, and the number of records with each.
///
/// With subjects it also keeps which subject was seen with which combination, 16 bytes for each record, until the
/// observer's `finish` turns that into counts of people.
///
/// Unsafe code here hashes a combination as the bytes of its codes, which it reads in place. Sound because the pointer
/// covers `columns` codes; the caller must guarantee that.
package struct QuasiHistogram: Sendable {
  struct Sighting: Sendable {
    var subject: UInt64
    var combination: UInt32
  }

  let columns: Int
  let countsSubjects: Bool
  /// Each combination as the bytes of its codes.
  private(set) var combinations = ByteStringTable(minimumCapacity: 64)
  /// The number of records with each combination.
  package private(set) var records: [Int] = []
  private(set) var sightings: [Sighting] = []
  /// The people of the population with each combination; empty if there is no population.
  private(set) var population: [Int] = []

  init(columns: Int, countsSubjects: Bool) {
    self.columns = columns
    self.countsSubjects = countsSubjects
  }

  /// Counts one record. `codes` points to one code per column; `subject` is a keyed hash of the person's identifier
  /// that is assumed to be free of collisions. If subjects count, a record without a subject adds no person to its
  /// class. Returns the combination's number.
  @discardableResult
  package mutating func observe(codes: UnsafePointer<UInt32>, subject: UInt64?) -> UInt32 {
    let combination = unsafe insert(UnsafeBufferPointer(start: codes, count: columns), records: 1)
    if countsSubjects, let subject {
      sightings.append(Sighting(subject: subject, combination: combination))
    }
    return combination
  }

  /// Adds the counts of another histogram; its code c of column j is `remap[j][c]` here. Returns the number here of
  /// each of its combinations.
  @discardableResult
  mutating func merge(_ other: QuasiHistogram, remap: [[UInt32]]) -> [UInt32] {
    let mapped = (0..<columns).map { column in other.codes(column: column).map { remap[column][Int($0)] } }
    var codes = [UInt32](repeating: 0, count: columns)
    let numbers = other.records.indices.map { index in
      for column in 0..<columns { codes[column] = mapped[column][index] }
      return unsafe codes.withUnsafeBufferPointer { unsafe insert($0, records: other.records[index]) }
    }
    sightings.reserveCapacity(sightings.count + other.sightings.count)
    for sighting in other.sightings {
      sightings.append(
        Sighting(subject: sighting.subject, combination: numbers[Int(sighting.combination)]))
    }
    return numbers
  }

  /// Adds a population, whose combinations need not be in the data. Call it after all data was added.
  mutating func add(population other: QuasiHistogram, remap: [[UInt32]]) {
    var counts: [UInt32: Int] = [:]
    let mapped = (0..<columns).map { column in other.codes(column: column).map { remap[column][Int($0)] } }
    for index in other.records.indices {
      let codes = mapped.map { $0[index] }
      let number = unsafe codes.withUnsafeBufferPointer { unsafe insert($0, records: 0) }
      counts[number, default: 0] += other.records[index]
    }
    population = Array(repeating: 0, count: records.count)
    for (number, count) in counts { population[Int(number)] = count }
  }

  /// Adds a combination with that many records; returns its number.
  mutating func add(_ codes: [UInt32], records count: Int) -> Int {
    unsafe codes.withUnsafeBufferPointer { unsafe Int(insert($0, records: count)) }
  }

  mutating func add(subject: UInt64, combination: UInt32) {
    sightings.append(Sighting(subject: subject, combination: combination))
  }

  /// Returns the code of one column in every combination.
  func codes(column: Int) -> [UInt32] {
    records.indices.map { index in
      unsafe combinations.withBytes(of: index) { bytes in
        unsafe bytes.loadUnaligned(fromByteOffset: column * 4, as: UInt32.self)
      }
    }
  }

  private mutating func insert(_ codes: UnsafeBufferPointer<UInt32>, records count: Int) -> UInt32 {
    let combination = unsafe combinations.insert(UnsafeRawBufferPointer(codes))
    if Int(combination) == records.count { records.append(count) } else { records[Int(combination)] += count }
    return combination
  }
}
